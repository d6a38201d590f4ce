package ca_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ocsp"

	"cnie/internal/ca"
)

// openssl follows a certificate from good to revoked, in the list and by OCSP.
func TestRevocation(t *testing.T) {
	w := founded(t, nil).serve()
	revoked, good := w.order(ca.Auth, newKey(t), "SPECIMEN AMINA")[0], w.order(ca.Sign, newKey(t), "SPECIMEN AMINA")[0]
	assert.NoError(t, w.crlCheck(revoked))
	assert.Contains(t, w.ocspCheck(revoked), ": good")

	w.revoke(revoked, "keyCompromise")
	assert.ErrorContains(t, w.crlCheck(revoked), "certificate revoked")
	assert.NoError(t, w.crlCheck(good))
	said := w.ocspCheck(revoked)
	assert.Contains(t, said, ": revoked")
	assert.Contains(t, said, "Reason: keyCompromise")
	assert.Contains(t, w.ocspCheck(good), ": good")
	assert.Contains(t, w.ocspCheck(&x509.Certificate{SerialNumber: big.NewInt(4711)}), ": unknown")

	door, err := ca.Dial(context.Background(), w.dir)
	require.NoError(t, err)
	_, _, err = door.Revoke(context.Background(), big.NewInt(4711), "superseded")
	assert.ErrorIs(t, err, ca.ErrUnknown)
	_, _, err = door.Revoke(context.Background(), good.SerialNumber, "certificateHold")
	assert.ErrorContains(t, err, "no reason")
	require.NoError(t, door.Close())
}

// crlCheck validates a path with the list that is published.
func (w *world) crlCheck(c *x509.Certificate) error {
	w.t.Helper()
	list := w.leave("X509 CRL", w.fetch("/crl"))
	said, err := openssl("verify", "-crl_check", "-CAfile", w.file("root.crt"), "-untrusted", w.file("issuing.crt"), "-CRLfile", list, w.leave("CERTIFICATE", c.Raw))
	if err != nil {
		return &opensslError{said}
	}
	return nil
}

type opensslError struct{ said string }

func (e *opensslError) Error() string { return e.said }

// ocspCheck asks the responder, by both hashes that name the issuer.
func (w *world) ocspCheck(c *x509.Certificate) string {
	w.t.Helper()
	var said string
	for _, hash := range []string{"-sha1", "-sha256"} {
		said = judged(w.t, "ocsp", hash, "-issuer", w.file("issuing.crt"), "-serial", c.SerialNumber.String(),
			"-url", "http://"+w.at.Published+"/ocsp", "-CAfile", w.file("root.crt"), "-no_nonce")
		assert.Contains(w.t, said, "Response verify OK")
	}
	return said
}

// RFC 6960 appendix A.1: GET with the request in the path, also where its base64
// has slashes; RFC 5019 §6.2: caches may keep the answer as long as it says.
func TestOCSPByGET(t *testing.T) {
	w := founded(t, nil).serve()
	issuing := certificate(t, w.file("issuing.crt"))
	slashes := false
	for i := range 40 {
		question, err := ocsp.CreateRequest(&x509.Certificate{SerialNumber: big.NewInt(int64(0xFFFF00 + i))}, issuing, nil)
		require.NoError(t, err)
		text := base64.StdEncoding.EncodeToString(question)
		slashes = slashes || bytes.Contains([]byte(text), []byte("//"))
		for _, path := range []string{text, url.PathEscape(text), url.QueryEscape(text)} {
			response, err := http.Get("http://" + w.at.Published + "/ocsp/" + path)
			require.NoError(t, err)
			body := new(bytes.Buffer)
			_, err = body.ReadFrom(response.Body)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			require.Equal(t, 200, response.StatusCode, path)
			answer, err := ocsp.ParseResponse(body.Bytes(), issuing)
			require.NoError(t, err)
			assert.Equal(t, ocsp.Unknown, answer.Status)
			assert.Equal(t, "application/ocsp-response", response.Header.Get("Content-Type"))
			assert.Regexp(t, `^max-age=3[0-9]{3}, public`, response.Header.Get("Cache-Control"))
			assert.Equal(t, answer.NextUpdate.Format(http.TimeFormat), response.Header.Get("Expires"))
		}
	}
	assert.True(t, slashes, "no request had two slashes in a row")
}

func TestOCSPRefusals(t *testing.T) {
	w := founded(t, nil).serve()
	at, other := "http://"+w.at.Published+"/ocsp", founded(t, nil)
	elsewhere, err := ocsp.CreateRequest(&x509.Certificate{SerialNumber: big.NewInt(1)}, certificate(t, other.file("issuing.crt")), nil)
	require.NoError(t, err)
	asked := filepath.Join(t.TempDir(), "two")
	judged(t, "ocsp", "-issuer", w.file("issuing.crt"), "-serial", "1", "-serial", "2", "-no_nonce", "-reqout", asked)
	two, err := os.ReadFile(asked)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		question []byte
		status   ocsp.ResponseStatus
	}{
		"not of this authority": {elsewhere, ocsp.Unauthorized}, "two certificates": {two, ocsp.Malformed},
		"nothing": {nil, ocsp.Malformed}, "something after it": {append(elsewhere, 0), ocsp.Malformed},
	} {
		response := post(t, at, "application/ocsp-request", c.question)
		assert.Equal(t, 200, response.StatusCode, name)
		_, err := ocsp.ParseResponse(response.body, nil)
		assert.Equal(t, ocsp.ResponseError{Status: c.status}, err, name)
	}
	assert.Equal(t, 415, post(t, at, "text/plain", elsewhere).StatusCode)
	assert.Equal(t, 413, post(t, at, "application/ocsp-request", make([]byte, 1<<14)).StatusCode)
	response, err := http.Get(at + "/*")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, 400, response.StatusCode)
}

// A list that is there does not start again from number 0 after a restart, and
// what was revoked without a server is in it.
func TestRestart(t *testing.T) {
	w := founded(t, nil)
	card := w.order(ca.Auth, newKey(t), "SPECIMEN AMINA")[0]
	w.revoke(card, "cessationOfOperation")
	authority, err := ca.Open(w.dir)
	require.NoError(t, err)
	issued, err := authority.List()
	require.NoError(t, err)
	require.NoError(t, authority.Close())
	require.Len(t, issued, 2)
	assert.Equal(t, "SPECIMEN cnie time stamps", issued[0].Certificate.Subject.CommonName)
	assert.Equal(t, "auth", issued[1].Profile)
	assert.False(t, issued[1].Revoked.IsZero())

	w.serve()
	list, err := x509.ParseRevocationList(w.fetch("/crl"))
	require.NoError(t, err)
	assert.Positive(t, list.Number.Sign())
	assert.ErrorContains(t, w.crlCheck(card), "certificate revoked")
	assert.Equal(t, certificate(t, w.file("issuing.crt")).Raw, w.fetch("/issuer.crt"))
	assert.JSONEq(t, `{"status":"ok"}`, string(w.fetch("/health")))
}

func certificate(t *testing.T, path string) *x509.Certificate {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return parsed(t, text)
}
