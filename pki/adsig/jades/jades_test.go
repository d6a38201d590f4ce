package jades_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/pki"
	"cnie/pki/adsig"
	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/jades"
	"cnie/pki/adsig/revocation"
)

var letter = []byte("what the signer saw\n")

// kinds are the keys that JSON signatures know.
func kinds(t testing.TB) map[string]crypto.Signer {
	all := map[string]crypto.Signer{}
	for name, curve := range map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		require.NoError(t, err)
		all[name] = key
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	all["RS256"], all["PS256"] = key, key
	return all
}

type desk struct {
	*adsigtest.Lab
	id *adsigtest.Identity
}

func newDesk(t testing.TB, key crypto.Signer) desk {
	lab := adsigtest.New(t)
	return desk{lab, lab.Signer(key)}
}

func (d desk) signer(name string) *jades.Signer {
	return &jades.Signer{Key: d.id.Key, Chain: d.Chain(d.id), PSS: strings.HasPrefix(name, "PS"), At: d.Now}
}

func (d desk) policy() adsig.Policy {
	m := revocation.Material{Lists: [][]byte{d.List(d.Root), d.List(d.CA)}}
	return adsig.Policy{At: d.Now, Anchors: d.Anchors(), Material: m}
}

// beside are files that lie beside a signature.
func beside(files map[string]string) jades.Content {
	return func(name string) (io.ReadCloser, error) {
		content, found := files[name]
		if !found {
			return nil, os.ErrNotExist
		}
		return io.NopCloser(strings.NewReader(content)), nil
	}
}

func judge(t testing.TB, text []byte, content jades.Content, p adsig.Policy) adsig.Report {
	t.Helper()
	r, err := jades.Validate(text, content, p)
	require.NoError(t, err)
	return r
}

func assertPassed(t testing.TB, r adsig.Report) {
	t.Helper()
	indication, _ := r.Indication()
	assert.Equal(t, adsig.TotalPassed, indication, "%+v", r.Checks)
	assert.Equal(t, cades.BB, r.Level)
}

// objects signs a file by its hash.
func (d desk) objects(t testing.TB, s *jades.Signer, names ...string) []byte {
	t.Helper()
	h, err := s.DigestAlgorithm()
	require.NoError(t, err)
	var all []jades.Object
	for _, name := range names {
		sum := h.New()
		sum.Write(letter)
		all = append(all, jades.Object{Name: name, MIME: "text/plain", Digest: sum.Sum(nil)})
	}
	text, err := s.SignObjects(all)
	require.NoError(t, err)
	return text
}

func TestSign(t *testing.T) {
	for name, key := range kinds(t) {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, key)
			s := d.signer(name)
			attached, err := s.Sign(letter, "text/plain")
			require.NoError(t, err)
			r := judge(t, attached, nil, d.policy())
			assertPassed(t, r)
			assert.Equal(t, d.id.Cert.Raw, r.Signer.Raw)
			assert.WithinDuration(t, d.Now, *r.Claimed, time.Second)

			detached := d.objects(t, s, "letter.txt", "copy.txt")
			files := map[string]string{"letter.txt": string(letter), "copy.txt": string(letter)}
			assertPassed(t, judge(t, detached, beside(files), d.policy()))
			header := headerOf(t, detached)
			assert.Equal(t, name, header["alg"])
			assert.Equal(t, []any{"b64", "sigD"}, header["crit"])
			assert.Equal(t, false, header["b64"])
			assert.Equal(t, float64(d.Now.Unix()), header["iat"])
			sum := sha256.Sum256(d.id.X509.Raw)
			assert.Equal(t, base64.RawURLEncoding.EncodeToString(sum[:]), header["x5t#S256"])
			assert.Equal(t, base64.StdEncoding.EncodeToString(d.id.X509.Raw), header["x5c"].([]any)[0])
		})
	}
}

func headerOf(t testing.TB, text []byte) (header map[string]any) {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(string(text), ".")[0])
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &header))
	return header
}

// TestJudges has others verify: openssl what is signed, and go-jose, whose
// verification is not used here, a signature without what it does not know.
func TestJudges(t *testing.T) {
	for name, key := range kinds(t) {
		d := newDesk(t, key)
		text, err := d.signer(name).Sign(letter, "")
		require.NoError(t, err)
		parsed, err := jose.ParseSignedCompact(string(text), []jose.SignatureAlgorithm{jose.SignatureAlgorithm(name)})
		require.NoError(t, err)
		payload, err := parsed.Verify(key.Public())
		require.NoError(t, err, name)
		assert.Equal(t, letter, payload)

		detached := d.objects(t, d.signer(name), "letter.txt")
		at := bytes.LastIndexByte(detached, '.')
		value, err := base64.RawURLEncoding.DecodeString(string(detached[at+1:]))
		require.NoError(t, err)
		if strings.HasPrefix(name, "ES") {
			half := len(value) / 2
			value, err = asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(value[:half]), new(big.Int).SetBytes(value[half:])})
			require.NoError(t, err)
		}
		public := adsigtest.File(t, "public.pem", adsigtest.OpenSSL(t, "x509", "-in", adsigtest.CertFile(t, d.id), "-noout", "-pubkey"))
		args := []string{"dgst", "-sha" + name[2:], "-verify", public, "-signature", adsigtest.File(t, "value", value)}
		if name[0] == 'P' {
			args = append(args, "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32")
		}
		out := adsigtest.OpenSSL(t, append(args, adsigtest.File(t, "input", detached[:at]))...)
		assert.Contains(t, string(out), "Verified OK", name)
	}
}

// TestSerializations reads the same signature in each form.
func TestSerializations(t *testing.T) {
	d := newDesk(t, nil)
	text, err := d.signer("ES256").Sign(letter, "")
	require.NoError(t, err)
	p := strings.Split(string(text), ".")
	one := `"protected":"` + p[0] + `","signature":"` + p[2] + `"`
	flat := `{"payload":"` + p[1] + `",` + one + `}`
	assertPassed(t, judge(t, []byte(flat), nil, d.policy()))
	assertPassed(t, judge(t, []byte(`{"payload":"`+p[1]+`","signatures":[{`+one+`}]}`), nil, d.policy()))
	r := judge(t, []byte(`{"payload":"`+p[1]+`","header":{"etsiU":[]},`+one+`}`), nil, d.policy())
	assertPassed(t, r)
	format, _ := r.Find(adsig.CheckFormat)
	assert.Equal(t, pki.Warned, format.Outcome)
	detached := []byte(p[0] + ".." + p[2])
	assertPassed(t, judge(t, detached, beside(map[string]string{"": string(letter)}), d.policy()))
	for name, bad := range map[string]string{
		"nothing": "", "no dots": "abc", "four parts": string(text) + ".", "two signatures": `{"payload":"","signatures":[{` + one + `},{` + one + `}]}`,
		"both forms": `{"payload":"",` + one + `,"signatures":[{` + one + `}]}`, "padding": p[0] + "=." + p[1] + "." + p[2],
		"payload twice": `{"payload":"AA","payload":"` + p[1] + `",` + one + `}`, "no JSON": "e30x.." + p[2], "value": p[0] + "." + p[1] + ".*",
	} {
		_, err := jades.Parse([]byte(bad))
		assert.ErrorIs(t, err, jades.ErrMalformed, name)
	}
}

// TestEveryByte: no signature passes in which a byte was changed.
func TestEveryByte(t *testing.T) {
	d := newDesk(t, nil)
	text, err := d.signer("ES256").Sign(letter, "")
	require.NoError(t, err)
	p := d.policy()
	for i := range text {
		broken := bytes.Clone(text)
		if broken[i] ^= 1; broken[i] == '=' || broken[i] == '\n' {
			continue
		}
		indication, _ := judge(t, broken, nil, p).Indication()
		require.NotEqual(t, adsig.TotalPassed, indication, "byte %d", i)
	}
}
