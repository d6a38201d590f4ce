package adsig_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cnie/pki"
	"cnie/pki/adsig"
	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/cades"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOpenSSLSigned validates what OpenSSL signs, with and without the reference
// to the signer's certificate, in one piece and streamed.
func TestOpenSSLSigned(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	for _, c := range []struct {
		name string
		key  crypto.Signer
		args []string
		want adsig.SubIndication
	}{
		{"p256", nil, []string{"-cades"}, ""},
		{"p256 sha512", nil, []string{"-cades", "-md", "sha512"}, ""},
		{"p256 by key identifier", nil, []string{"-cades", "-keyid"}, ""},
		{"p256 attached", nil, []string{"-cades", "-nodetach"}, ""},
		{"p256 streamed", nil, []string{"-cades", "-nodetach", "-stream"}, ""},
		{"rsa", key, []string{"-cades"}, ""},
		{"rsa-pss", key, []string{"-cades", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:32"}, ""},
		{"rsa sha1", key, []string{"-cades", "-md", "sha1"}, adsig.CryptoConstraintsFailureNoPOE},
		{"no reference", nil, nil, adsig.SigConstraintsFailure},
		{"no attributes", nil, []string{"-noattr"}, adsig.SigConstraintsFailure},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			s.signer = s.Signer(c.key)
			s.Now = time.Now()
			message := s.openSSLSign(c.args...)
			in, err := adsig.Open(bytes.NewReader(message), bytes.NewReader(content))
			require.NoError(t, err)
			reports, err := adsig.Validate(in, s.policy())
			require.NoError(t, err)
			require.Len(t, reports, 1)
			want := adsig.TotalPassed
			if c.want != "" {
				want = adsig.Indeterminate
			}
			assertIndication(t, reports[0], want, c.want)
		})
	}
}

// openSSLSign signs content at the machine's clock.
func (s *scene) openSSLSign(args ...string) []byte {
	s.t.Helper()
	out := filepath.Join(s.t.TempDir(), "signed")
	arguments := []string{"cms", "-sign", "-binary", "-outform", "DER", "-in", adsigtest.File(s.t, "content", content), "-out", out,
		"-signer", adsigtest.CertFile(s.t, s.signer), "-inkey", adsigtest.KeyFile(s.t, s.signer), "-certfile", adsigtest.CertFile(s.t, s.CA)}
	adsigtest.OpenSSL(s.t, append(arguments, args...)...)
	message, err := os.ReadFile(out)
	require.NoError(s.t, err)
	return message
}

// TestTwoSigners judges each signer of a message on its own.
func TestTwoSigners(t *testing.T) {
	s := newScene(t)
	s.Now = time.Now()
	second := s.Signer(nil)
	message := s.openSSLSign("-cades", "-signer", adsigtest.CertFile(t, second), "-inkey", adsigtest.KeyFile(t, second))
	s.Revoke(second)
	reports, err := adsig.Validate(adsig.Input{Message: message, Digests: digests}, s.policy())
	require.NoError(t, err)
	require.Len(t, reports, 2)
	for _, r := range reports {
		if bytes.Equal(r.Signer.Raw, second.Cert.Raw) {
			assertIndication(t, r, adsig.Indeterminate, adsig.RevokedNoPOE)
		} else {
			assertIndication(t, r, adsig.TotalPassed, "")
		}
	}
}

// TestAugmentForeign raises a signature of OpenSSL's with a timestamp of
// OpenSSL's.
func TestAugmentForeign(t *testing.T) {
	s := newScene(t)
	s.Now = time.Now()
	a := s.augmenter()
	a.Stamp = s.OpenSSLStamp("")
	raised, err := a.Augment(t.Context(), s.openSSLSign("-cades", "-nodetach"), cades.BLTA, nil)
	require.NoError(t, err)
	s.Now = time.Now().Add(2 * time.Second)
	reports := s.validateAttached(raised, s.offline())
	require.Len(t, reports, 1)
	r := reports[0]
	assertIndication(t, r, adsig.TotalPassed, "")
	assert.Equal(t, cades.BLTA, r.Level)
	require.Len(t, r.Stamps, 2)
	for _, stamp := range r.Stamps {
		indication, _ := stamp.Indication()
		assert.Equal(t, adsig.TotalPassed, indication)
		assert.Equal(t, s.TSA.Cert.Raw, stamp.Authority.Raw)
	}
	check, made := r.Find(adsig.CheckTime)
	require.True(t, made)
	assert.Equal(t, pki.Passed, check.Outcome)
}
