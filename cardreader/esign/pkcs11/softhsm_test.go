//go:build (cgo || dlopen) && !windows

package pkcs11_test

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/esign"
	"cnie/cardreader/esign/esigntest"
	"cnie/cardreader/esign/pkcs11"
)

const (
	pin   = "13572468"
	label = "SPECIMEN token"
)

// library finds an installed module.
func library(t testing.TB, name string) string {
	t.Helper()
	for _, pattern := range []string{"/usr/lib/softhsm/", "/usr/lib/*/", "/usr/lib64/", "/usr/lib/", "/usr/lib64/pkcs11/"} {
		if found, _ := filepath.Glob(pattern + name); len(found) > 0 {
			return found[0]
		}
	}
	require.Failf(t, "not installed", "%s; run `make deps-test`", name)
	return ""
}

func run(t testing.TB, program string, arguments ...string) string {
	t.Helper()
	out, err := exec.Command(program, arguments...).CombinedOutput()
	require.NoError(t, err, "%s %v: %s", program, arguments, out)
	return string(out)
}

// softToken is a SoftHSM token of this test, with keys that another program made.
type softToken struct {
	module, dir string
}

func newSoftToken(t testing.TB) *softToken {
	t.Helper()
	s := &softToken{module: library(t, "libsofthsm2.so"), dir: t.TempDir()}
	config := filepath.Join(s.dir, "softhsm2.conf")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", s.dir), 0o600))
	t.Setenv("SOFTHSM2_CONF", config)
	run(t, "softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "11111111", "--pin", pin)
	return s
}

// tool runs OpenSC's tool on the token.
func (s *softToken) tool(t testing.TB, arguments ...string) {
	t.Helper()
	run(t, "pkcs11-tool", append([]string{"--module", s.module, "--token-label", label, "--login", "--pin", pin}, arguments...)...)
}

// generate makes a key pair.
func (s *softToken) generate(t testing.TB, kind, id string, more ...string) {
	t.Helper()
	s.tool(t, append([]string{"--keypairgen", "--key-type", kind, "--id", id, "--label", "SPECIMEN " + id}, more...)...)
}

func (s *softToken) uri(t testing.TB, path string) pkcs11.URI {
	t.Helper()
	u, err := pkcs11.ParseURI("pkcs11:" + path + "?module-path=" + s.module)
	require.NoError(t, err)
	return u
}

func (s *softToken) open(t testing.TB, o esign.Options) *esign.Token {
	t.Helper()
	tokens, err := pkcs11.Open(t.Context(), s.uri(t, "token=SPECIMEN%20token"), o)
	require.NoError(t, err)
	require.Len(t, tokens, 1)
	return tokens[0]
}

// certify has a key of the token certify a key, and puts that onto the token.
func (s *softToken) certify(t testing.TB, id string, authority bool, name string, key crypto.PublicKey, by crypto.Signer, parent *x509.Certificate) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: authority, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(nil, template, parent, key, by)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	file := filepath.Join(s.dir, "certificate.der")
	require.NoError(t, os.WriteFile(file, der, 0o600))
	s.tool(t, "--write-object", file, "--type", "cert", "--id", id, "--label", name)
	return certificate
}

func byID(t testing.TB, token *esign.Token) map[string]*esign.Key {
	t.Helper()
	keys, err := token.Keys(t.Context())
	require.NoError(t, err)
	all := map[string]*esign.Key{}
	for _, key := range keys {
		all[key.Description().Slot] = key
	}
	return all
}

// TestSoftHSM begins with keys that have no certificates, has them certify each
// other, and then holds the token to the contract.
func TestSoftHSM(t *testing.T) {
	s := newSoftToken(t)
	s.generate(t, "rsa:2048", "01")
	s.generate(t, "EC:prime256v1", "02", "--always-auth")
	s.generate(t, "EC:secp384r1", "03")
	s.generate(t, "EC:secp521r1", "04")
	s.generate(t, "rsa:3072", "05", "--always-auth")

	token := s.open(t, esign.Options{Ask: typed(pin)})
	keys := byID(t, token)
	require.Len(t, keys, 5)
	for id, algorithm := range map[string]string{"01": "RSA-2048", "02": "P-256", "03": "P-384", "04": "P-521", "05": "RSA-3072"} {
		assert.Equal(t, algorithm, keys[id].Algorithm())
		assert.Nil(t, keys[id].Certificate())
		assert.Nil(t, keys[id].Chain())
		assert.Equal(t, id+" (SPECIMEN "+id+")", keys[id].Description().Name())
	}
	root := s.certify(t, "03", true, "SPECIMEN root", keys["03"].Public(), keys["03"], nil)
	middle := s.certify(t, "77", true, "SPECIMEN issuer", keys["04"].Public(), keys["03"], root)
	holder := s.certify(t, "01", false, "SPECIMEN AMINA", keys["01"].Public(), keys["04"], middle)
	s.certify(t, "02", false, "SPECIMEN AMINA", keys["02"].Public(), keys["03"], root)
	s.certify(t, "05", false, "SPECIMEN AMINA", keys["05"].Public(), keys["04"], middle)
	require.NoError(t, token.Close())

	token = s.open(t, esign.Options{})
	assert.Equal(t, []*x509.Certificate{holder, middle, root}, byID(t, token)["01"].Chain())
	assert.NotContains(t, byID(t, token), "77", "an issuer's certificate is no key")
	require.NoError(t, token.Close())

	s.selection(t)
	esigntest.Run(t, esigntest.Bench{
		Open: s.open, Keys: map[string]string{"01": "RSA-2048", "02": "P-256", "03": "P-384", "05": "RSA-3072"},
		Always: "02", Once: "01", PIN: pin,
	})
}

// selection names tokens and keys by URI.
func (s *softToken) selection(t *testing.T) {
	for path, ids := range map[string][]string{
		"id=%01":                            {"01"},
		"object=SPECIMEN%2003;type=private": {"03"},
		"object=SPECIMEN%20root":            {"03"}, // the certificate has another name
		"object=SPECIMEN%2004":              {"04"},
		"token=SPECIMEN%20token;id=%05":     {"05"},
		"model=SoftHSM%20v2":                {"01", "02", "03", "04", "05"},
		"library-description=Implementation%20of%20PKCS11;id=%02": {"02"},
		"id=%09": nil,
	} {
		tokens, err := pkcs11.Open(t.Context(), s.uri(t, path), esign.Options{})
		require.NoError(t, err, path)
		require.Len(t, tokens, 1, path)
		var found []string
		for id := range byID(t, tokens[0]) {
			found = append(found, id)
		}
		assert.ElementsMatch(t, ids, found, path)
		require.NoError(t, tokens[0].Close())
	}
	for _, path := range []string{"token=another", "model=another", "slot-id=4711", "library-manufacturer=another", "serial=0"} {
		_, err := pkcs11.Open(t.Context(), s.uri(t, path), esign.Options{})
		assert.ErrorIs(t, err, pkcs11.ErrNoToken, path)
	}
	token := s.open(t, esign.Options{})
	for id, key := range byID(t, token) {
		u, err := pkcs11.ParseURI(key.Description().URI)
		require.NoError(t, err)
		u.Module = s.module
		again, err := pkcs11.Open(t.Context(), u, esign.Options{})
		require.NoError(t, err, "two tokens of one module at a time")
		assert.Len(t, byID(t, again[0]), 1)
		assert.Contains(t, byID(t, again[0]), id, "a key's own URI finds it")
		require.NoError(t, again[0].Close())
	}
	require.NoError(t, token.Close())
}

func TestNoModule(t *testing.T) {
	for path, want := range map[string]error{
		"":                              pkcs11.ErrURI,
		"/nowhere/at-all.so":            pkcs11.ErrModule,
		library(t, "libz.so*"):          pkcs11.ErrModule,
		filepath.Join(t.TempDir(), "x"): pkcs11.ErrModule,
	} {
		_, err := pkcs11.Open(t.Context(), pkcs11.URI{Module: path}, esign.Options{})
		assert.ErrorIs(t, err, want, path)
	}
}
