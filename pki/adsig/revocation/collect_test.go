package revocation_test

import (
	"context"
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/path"
	"cnie/pki/adsig/revocation"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// source wraps the lab's and counts or fails.
type source struct {
	*adsigtest.Lab
	queries, fetches int
	down             bool // the responder
}

func (s *source) Query(ctx context.Context, address string, request []byte) ([]byte, error) {
	s.queries++
	if s.down {
		return nil, errors.New("responder is down")
	}
	return s.Lab.Query(ctx, address, request)
}

func (s *source) Fetch(ctx context.Context, address string) ([]byte, error) {
	s.fetches++
	return s.Lab.Fetch(ctx, address)
}

func TestCollect(t *testing.T) {
	lab := adsigtest.New(t)
	signer := lab.Signer(nil)
	p := path.Path{signer.Cert, lab.CA.Cert, lab.Root.Cert}
	clock := func() time.Time { return lab.Now }
	s := &source{Lab: lab}
	c := revocation.Collector{Source: s, Now: clock}

	m, err := c.Collect(t.Context(), p)
	require.NoError(t, err)
	assert.Len(t, m.Responses, 2)
	assert.Empty(t, m.Lists)

	c.Known = revocation.NewSet(m.Lists, m.Responses)
	again, err := c.Collect(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, 2, s.queries, "what is known is not asked again")
	assert.Empty(t, again.Responses)
	c.Known = nil

	s.down = true
	m, err = c.Collect(t.Context(), p)
	require.NoError(t, err)
	assert.Len(t, m.Lists, 2, "lists serve where the responder does not")
	assert.Equal(t, 2, s.fetches)

	lab.Revoke(signer)
	_, err = c.Collect(t.Context(), p)
	assert.ErrorIs(t, err, revocation.ErrRevoked)
	s.down = false
	_, err = c.Collect(t.Context(), p)
	assert.ErrorIs(t, err, revocation.ErrRevoked)
	c.Needed = lab.Now.Add(-time.Minute)
	_, err = c.Collect(t.Context(), p)
	assert.NoError(t, err, "revoked after it was needed")
}

// TestStale gets nothing but old answers.
func TestStale(t *testing.T) {
	lab := adsigtest.New(t)
	signer := lab.Signer(nil)
	p := path.Path{signer.Cert, lab.CA.Cert, lab.Root.Cert}
	later := func() time.Time { return lab.Now.Add(25 * time.Hour) }
	_, err := revocation.Collector{Source: lab, Now: later}.Collect(t.Context(), p)
	assert.ErrorIs(t, err, revocation.ErrNone)
	_, err = revocation.Collector{Source: lab, Now: later, MaxAge: 48 * time.Hour}.Collect(t.Context(), p)
	assert.NoError(t, err)
}

// TestResponderChecked has the responder itself asked about, by a list, where its
// certificate does not exempt it.
func TestResponderChecked(t *testing.T) {
	lab := adsigtest.New(t)
	signer := lab.Signer(nil)
	lab.SetResponder(lab.Issue(lab.CA, adsigtest.Request{Name: "OCSP SPECIMEN", Purpose: []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}}))
	c := revocation.Collector{Source: lab, Now: func() time.Time { return lab.Now }}
	m, err := c.Collect(t.Context(), path.Path{signer.Cert, lab.CA.Cert})
	require.NoError(t, err)
	assert.Len(t, m.Responses, 1)
	assert.Len(t, m.Lists, 1)
	lab.Revoke(lab.Responder)
	_, err = c.Collect(t.Context(), path.Path{signer.Cert, lab.CA.Cert})
	assert.ErrorIs(t, err, revocation.ErrRevoked)
}
