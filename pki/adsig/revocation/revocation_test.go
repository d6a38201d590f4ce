package revocation_test

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/revocation"
	"cnie/pki/cert"

	"golang.org/x/crypto/ocsp"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRequest has another implementation read a request.
func TestRequest(t *testing.T) {
	lab := adsigtest.New(t)
	signer := lab.Signer(nil)
	der, err := revocation.EncodeRequest(signer.Cert, lab.CA.Cert)
	require.NoError(t, err)
	want, err := ocsp.CreateRequest(signer.X509, lab.CA.X509, nil)
	require.NoError(t, err)
	assert.Equal(t, want, der)
}

// TestResponses compares what is read of a response with what
// golang.org/x/crypto/ocsp reads.
func TestResponses(t *testing.T) {
	lab := adsigtest.New(t)
	signer := lab.Signer(nil)
	lab.Revoke(lab.Signer(nil))
	for name, responder := range map[string]*adsigtest.Identity{"by the issuer": lab.CA, "by one appointed": lab.Responder} {
		for _, revoked := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				if revoked {
					lab.Revoke(signer)
				}
				der := lab.Respond(lab.CA, responder, signer.X509.SerialNumber)
				theirs, err := ocsp.ParseResponseForCert(der, signer.X509, lab.CA.X509)
				require.NoError(t, err)
				response, err := revocation.ParseResponse(der)
				require.NoError(t, err)
				ours, err := response.About(signer.Cert, lab.CA.Cert)
				require.NoError(t, err)
				assert.Equal(t, responder.Cert.Raw, ours.Signer.Raw)
				assert.Equal(t, theirs.Status == ocsp.Revoked, ours.Status == revocation.Revoked)
				assert.Equal(t, theirs.RevokedAt, ours.RevokedAt)
				assert.Equal(t, theirs.RevocationReason, ours.Reason)
				assert.Equal(t, theirs.ThisUpdate, ours.ThisUpdate)
				assert.Equal(t, theirs.NextUpdate, ours.NextUpdate)
				assert.Equal(t, theirs.ProducedAt, response.ProducedAt)
				_, err = response.About(lab.TSA.Cert, lab.CA.Cert)
				assert.ErrorIs(t, err, revocation.ErrUnrelated)
			})
		}
	}
}

// TestImpostors signs responses with keys that are not entitled to.
func TestImpostors(t *testing.T) {
	lab := adsigtest.New(t)
	signer := lab.Signer(nil)
	signing := []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
	for name, responder := range map[string]*adsigtest.Identity{
		"without the purpose":       lab.Signer(nil),
		"appointed by another":      lab.Issue(lab.Root, adsigtest.Request{Name: "OCSP SPECIMEN", Purpose: signing}),
		"appointed by itself":       lab.Issue(nil, adsigtest.Request{Name: "CA SPECIMEN", Purpose: signing}),
		"appointed by the signer":   lab.Issue(signer, adsigtest.Request{Name: "OCSP SPECIMEN", Purpose: signing}),
		"of the authority's issuer": lab.Root,
	} {
		t.Run(name, func(t *testing.T) {
			response, err := revocation.ParseResponse(lab.Respond(lab.CA, responder, signer.X509.SerialNumber))
			require.NoError(t, err)
			_, err = response.About(signer.Cert, lab.CA.Cert)
			assert.ErrorIs(t, err, revocation.ErrUnusable)
		})
	}
}

// TestLists asks lists that are, and are not, about a certificate.
func TestLists(t *testing.T) {
	lab := adsigtest.New(t)
	signer, bad := lab.Signer(nil), lab.Signer(nil)
	lab.Revoke(bad)
	own := func(der []byte) *cert.CRL {
		l, err := cert.ParseCRL(der)
		require.NoError(t, err)
		return l
	}
	a, err := revocation.FromList(own(lab.List(lab.CA)), signer.Cert, lab.CA.Cert)
	require.NoError(t, err)
	assert.Equal(t, revocation.Good, a.Status)
	assert.Equal(t, lab.Now, a.ThisUpdate)
	a, err = revocation.FromList(own(lab.List(lab.CA)), bad.Cert, lab.CA.Cert)
	require.NoError(t, err)
	assert.Equal(t, revocation.Revoked, a.Status)
	assert.Equal(t, lab.Now, a.RevokedAt)
	assert.Equal(t, 1, a.Reason)

	_, err = revocation.FromList(own(lab.List(lab.Root)), signer.Cert, lab.CA.Cert)
	assert.ErrorIs(t, err, revocation.ErrUnrelated)
	_, err = revocation.FromList(own(adsigtest.New(t).List(lab.CA)), signer.Cert, lab.Root.Cert)
	assert.ErrorIs(t, err, revocation.ErrUnusable, "not signed by the issuer")
}

// TestScopes narrows lists by an issuing distribution point.
func TestScopes(t *testing.T) {
	lab := adsigtest.New(t)
	signer := lab.Signer(nil)
	element := func(tag byte, content string) string { return string([]byte{tag, byte(len(content))}) + content }
	point := func(address string) string { return element(0xa0, element(0xa0, element(0x86, address))) }
	own := signer.X509.CRLDistributionPoints[0]
	for name, c := range map[string]struct {
		content string
		answers bool
	}{
		"users only":            {"\x81\x01\xff", true},
		"authorities only":      {"\x82\x01\xff", false},
		"attributes only":       {"\x85\x01\xff", false},
		"indirect":              {"\x84\x01\xff", false},
		"some reasons":          {"\x83\x02\x05\x60", false},
		"its own point":         {point(own), true},
		"one of several points": {point("http://crl.specimen.example/7.crl"), false},
	} {
		t.Run(name, func(t *testing.T) {
			value := append([]byte{0x30, byte(len(c.content))}, c.content...)
			list, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
				Number: big.NewInt(1), ThisUpdate: lab.Now, NextUpdate: lab.Now.Add(time.Hour),
				ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: value}},
			}, lab.CA.X509, lab.CA.Key)
			require.NoError(t, err)
			parsed, err := cert.ParseCRL(list)
			require.NoError(t, err)
			_, err = revocation.FromList(parsed, signer.Cert, lab.CA.Cert)
			assert.Equal(t, c.answers, err == nil, "%v", err)
		})
	}
}

func TestFresh(t *testing.T) {
	now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	a := revocation.Answer{ThisUpdate: now, NextUpdate: now.Add(time.Hour)}
	for at, want := range map[time.Duration]bool{-time.Hour: true, 0: true, time.Hour: true, time.Hour + 1: false} {
		assert.Equal(t, want, a.Fresh(now.Add(at), 0), at)
	}
	assert.True(t, a.Fresh(now.Add(2*time.Hour), 3*time.Hour))
	a.NextUpdate = time.Time{}
	assert.False(t, a.Fresh(now, 0), "nothing says for how long it holds")
}

// TestDamaged flips each byte of a response: none that answers says anything
// else.
func TestDamaged(t *testing.T) {
	lab := adsigtest.New(t)
	signer := lab.Signer(nil)
	der := lab.Respond(lab.CA, lab.Responder, signer.X509.SerialNumber)
	response, err := revocation.ParseResponse(der)
	require.NoError(t, err)
	want, err := response.About(signer.Cert, lab.CA.Cert)
	require.NoError(t, err)
	for i := range der {
		damaged := bytes.Clone(der)
		damaged[i] ^= 0x01
		response, err := revocation.ParseResponse(damaged)
		if err != nil {
			continue
		}
		if got, err := response.About(signer.Cert, lab.CA.Cert); err == nil {
			got.Raw = want.Raw
			assert.Equal(t, want.Status, got.Status, "byte %d", i)
			assert.Equal(t, want.ThisUpdate, got.ThisUpdate, "byte %d", i)
		}
	}
}

// FuzzParseResponse looks for panics, and for an answer that is not the
// responder's.
func FuzzParseResponse(f *testing.F) {
	lab := adsigtest.New(f)
	signer := lab.Signer(nil)
	lab.Revoke(signer)
	f.Add(lab.Respond(lab.CA, lab.Responder, signer.X509.SerialNumber))
	f.Add(lab.Respond(lab.CA, lab.CA, signer.X509.SerialNumber))
	f.Add(ocsp.UnauthorizedErrorResponse)
	f.Fuzz(func(t *testing.T, der []byte) {
		response, err := revocation.ParseResponse(der)
		if err != nil {
			return
		}
		if a, err := response.About(signer.Cert, lab.CA.Cert); err == nil {
			assert.Equal(t, revocation.Revoked, a.Status)
		}
	})
}
