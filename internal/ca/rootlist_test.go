package ca_test

import (
	"context"
	"crypto/x509"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ca"
)

// wholeCheck validates a path with the lists of everybody on it.
func (w *world) wholeCheck(c *x509.Certificate) error {
	w.t.Helper()
	said, err := openssl("verify", "-crl_check_all", "-CAfile", w.file("root.crt"), "-untrusted", w.file("issuing.crt"),
		"-CRLfile", w.leave("X509 CRL", w.fetch("/crl")), "-CRLfile", w.leave("X509 CRL", w.fetch("/root.crl")), w.leave("CERTIFICATE", c.Raw))
	if err != nil {
		return &opensslError{said}
	}
	return nil
}

// The authority's certificate says where the root tells whether it still holds,
// and openssl follows it from good to revoked. A revoked authority issues nothing,
// and goes on revoking.
func TestRootList(t *testing.T) {
	w := founded(t, nil).serve()
	issuing := certificate(t, w.file("issuing.crt"))
	base := "http://" + w.at.Published
	assert.Equal(t, []string{base + "/root.crl"}, issuing.CRLDistributionPoints)
	assert.Equal(t, []string{base + "/root.crt"}, issuing.IssuingCertificateURL)
	assert.Equal(t, certificate(t, w.file("root.crt")).Raw, w.fetch("/root.crt"))
	card := w.order(ca.Sign, newKey(t), "SPECIMEN AMINA")[0]
	assert.Equal(t, []string{base + "/crl"}, card.CRLDistributionPoints)
	assert.Equal(t, []string{base + "/ocsp"}, card.OCSPServer)
	assert.Equal(t, []string{base + "/issuer.crt"}, card.IssuingCertificateURL)
	assert.NoError(t, w.wholeCheck(card))

	assert.False(t, w.revoke(issuing, "keyCompromise"))
	assert.True(t, w.revoke(issuing, "superseded"), "once is for good")
	assert.ErrorContains(t, w.wholeCheck(card), "certificate revoked")
	_, err := w.try(ca.Sign, request(t, newKey(t), "SPECIMEN BRAHIM"))
	assert.ErrorIs(t, err, ca.ErrRefused)
	assert.ErrorContains(t, err, "the authority itself is revoked")
	w.revoke(card, "superseded")
}

// The root's key may be away: the list stays, is not renewed, and nobody can be
// revoked by the root until it is back.
func TestRootListWithoutTheKey(t *testing.T) {
	w := founded(t, nil)
	issuing, list := certificate(t, w.file("issuing.crt")), w.rootList()
	assert.Empty(t, list.RevokedCertificateEntries)
	assert.Greater(t, time.Until(list.NextUpdate), 300*24*time.Hour)
	require.NoError(t, os.Rename(w.file("keys/root.key"), w.file("away")))
	door, err := ca.Dial(context.Background(), w.dir)
	require.NoError(t, err)
	_, _, err = door.Revoke(context.Background(), issuing.SerialNumber, "keyCompromise")
	assert.ErrorIs(t, err, ca.ErrNoRootKey)
	require.NoError(t, door.Close())
	assert.Equal(t, list.Raw, w.rootList().Raw)

	require.NoError(t, os.Rename(w.file("away"), w.file("keys/root.key")))
	w.revoke(issuing, "keyCompromise")
	assert.Len(t, w.rootList().RevokedCertificateEntries, 1)
	assert.Equal(t, 1, w.rootList().Number.Cmp(list.Number))
	w.refusedOrder(t)
}

// refusedOrder orders without a server: nobody issues under a revoked authority.
func (w *world) refusedOrder(t *testing.T) {
	_, err := w.try(ca.Auth, request(t, newKey(t), "SPECIMEN AMINA"))
	assert.ErrorIs(t, err, ca.ErrRefused)
}

// An authority from before there were lists gets one when it is opened; a list of
// somebody else's is not taken for its own.
func TestRootListIsMade(t *testing.T) {
	w := founded(t, nil)
	require.NoError(t, os.Remove(w.file("root.crl")))
	w.open()
	assert.Empty(t, w.rootList().RevokedCertificateEntries)
	other := founded(t, nil)
	require.NoError(t, os.Rename(other.file("root.crl"), w.file("root.crl")))
	_, err := ca.Open(w.dir)
	var wrong *ca.ConfigError
	require.ErrorAs(t, err, &wrong)
	assert.ErrorContains(t, err, "no revocation list of the root")
}

func (w *world) open() {
	w.t.Helper()
	authority, err := ca.Open(w.dir)
	require.NoError(w.t, err)
	require.NoError(w.t, authority.Close())
}

func (w *world) rootList() *x509.RevocationList {
	w.t.Helper()
	der, err := os.ReadFile(w.file("root.crl"))
	require.NoError(w.t, err)
	list, err := x509.ParseRevocationList(der)
	require.NoError(w.t, err)
	require.NoError(w.t, list.CheckSignatureFrom(certificate(w.t, w.file("root.crt"))))
	return list
}
