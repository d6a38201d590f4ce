package answer

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/secret"
)

// pyJWT verifies a token with PyJWT, under the key of the JWKS that the token
// names, and prints the answer.
const pyJWT = `
import json, sys, jwt
token, keys = sys.argv[1], jwt.PyJWKSet.from_json(open(sys.argv[2]).read())
head = jwt.get_unverified_header(token)
assert head["typ"] == "cnie-answer+jwt", head
claims = jwt.decode(token, keys[head["kid"]].key, algorithms=[head["alg"]], audience="https://bank.example",
    issuer="https://town.example", options={"require": ["exp", "iat", "jti"], "verify_exp": False})
print(claims["answer"], claims["question"]["id"])
`

// Others who never saw this code take what the desk signs, and refuse it changed.
func TestOthersVerify(t *testing.T) {
	for name, private := range privateKeys(t) {
		key, _ := keysOf(t, private)
		s := specimen()
		s.Question = Question{ID: Over18}
		token, err := key.Sign(s)
		require.NoError(t, err)
		dir := t.TempDir()
		set, err := JWKS(key)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "keys"), set, 0o600))
		run := func(token string) (string, error) {
			out, err := exec.Command("/usr/bin/python3", "-c", pyJWT, token, filepath.Join(dir, "keys")).CombinedOutput()
			return string(out), err
		}
		out, err := run(token)
		require.NoError(t, err, "%s: %s", name, out)
		assert.Equal(t, "yes over-18\n", out, name)
		parts := strings.Split(token, ".")
		payload, err := base64.RawURLEncoding.DecodeString(parts[1])
		require.NoError(t, err)
		parts[1] = base64.RawURLEncoding.EncodeToString(bytes.Replace(payload, []byte(`"yes"`), []byte(`"no"`), 1))
		out, err = run(strings.Join(parts, "."))
		assert.Error(t, err, name)
		assert.Contains(t, out, "InvalidSignature", name)
	}
}

// OpenSSL verifies the signature of ES256 over the bytes themselves.
func TestOpenSSLVerifies(t *testing.T) {
	private := privateKeys(t)["ES256"].(*ecdsa.PrivateKey)
	key, _ := keysOf(t, private)
	s := specimen()
	s.Question = Question{ID: Over18}
	token, err := key.Sign(s)
	require.NoError(t, err)
	input, last, _ := strings.Cut(token[strings.Index(token, ".")+1:], ".")
	input = token[:strings.Index(token, ".")+1] + input
	raw, err := base64.RawURLEncoding.DecodeString(last)
	require.NoError(t, err)
	signature, err := asn1.Marshal([]*big.Int{new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])})
	require.NoError(t, err)
	spki, err := x509.MarshalPKIXPublicKey(private.Public())
	require.NoError(t, err)
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"key": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}), "input": []byte(input), "signature": signature,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	out, err := exec.Command("openssl", "dgst", "-sha256", "-verify", filepath.Join(dir, "key"),
		"-signature", filepath.Join(dir, "signature"), filepath.Join(dir, "input")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, "Verified OK\n", string(out))
}

func root(b byte) secret.Bytes { return secret.New(bytes.Repeat([]byte{b}, 32)) }

// OpenSSL derives the same key and computes the same pseudonym, from the recipe
// in Pseudonym's documentation.
func TestPseudonymByOpenSSL(t *testing.T) {
	got, err := Pseudonym(root(7), "https://town.example", "open-account", "zz 012345")
	require.NoError(t, err)
	info := "cnie pseudonym 1\x00\x14https://town.example\x00\x0copen-account"
	out, err := exec.Command("openssl", "kdf", "-keylen", "32", "-kdfopt", "digest:SHA256",
		"-kdfopt", "hexkey:"+strings.Repeat("07", 32), "-kdfopt", "hexinfo:"+hex.EncodeToString([]byte(info)), "HKDF").Output()
	require.NoError(t, err)
	key := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(string(out)), ":", ""))
	mac := exec.Command("openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:"+key, "-binary")
	mac.Stdin = strings.NewReader("ZZ012345")
	want, err := mac.Output()
	require.NoError(t, err)
	assert.Equal(t, base64.RawURLEncoding.EncodeToString(want), got)
	assert.Regexp(t, pseudonyms, got)
}

func TestPseudonymsAreApart(t *testing.T) {
	seen := map[string]bool{}
	for _, secretByte := range []byte{1, 2} {
		for _, of := range [][3]string{
			{"town", "register", "ZZ012345"}, {"town", "account", "ZZ012345"}, {"bank", "register", "ZZ012345"},
			{"town", "register", "ZZ012346"}, {"townr", "egister", "ZZ012345"}, {"tow", "nregister", "ZZ012345"},
		} {
			p, err := Pseudonym(root(secretByte), of[0], of[1], of[2])
			require.NoError(t, err)
			assert.False(t, seen[p], "%v", of)
			seen[p] = true
		}
	}
	for name, of := range map[string][3]string{"no number": {"town", "p", " "}, "no purpose": {"town", "", "ZZ012345"}, "controller": {"tоwn", "p", "ZZ012345"}} {
		_, err := Pseudonym(root(1), of[0], of[1], of[2])
		assert.Error(t, err, name)
	}
	_, err := Pseudonym(secret.New(make([]byte, 31)), "town", "p", "ZZ012345")
	assert.Error(t, err)
}
