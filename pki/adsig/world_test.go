package adsig_test

import (
	"bytes"
	"testing"
	"time"

	"cnie/pki/adsig"
	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/revocation"
	"cnie/pki/cert"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var content = []byte("what the signer saw\n")

// scene is a lab with one signer in it.
type scene struct {
	*adsigtest.Lab
	t      testing.TB
	signer *adsigtest.Identity
}

func newScene(t testing.TB) *scene {
	lab := adsigtest.New(t)
	return &scene{lab, t, lab.Signer(nil)}
}

func (s *scene) augmenter() *cades.Augmenter {
	return &cades.Augmenter{
		Stamp: s.Stamp, Anchors: s.Anchors(), Pool: s.Chain(s.signer),
		Collector: revocation.Collector{Source: s.Lab, Now: func() time.Time { return s.Now }},
	}
}

// sign makes a detached signature over content now.
func (s *scene) sign(level cades.Level) []byte {
	s.t.Helper()
	signer := cades.Signer{Key: s.signer.Key, Chain: s.Chain(s.signer), At: s.Now}
	message, err := signer.SignReader(bytes.NewReader(content))
	require.NoError(s.t, err)
	return s.raise(message, level)
}

func (s *scene) raise(message []byte, level cades.Level) []byte {
	s.t.Helper()
	raised, err := s.augmenter().Augment(s.t.Context(), message, level, digests)
	require.NoError(s.t, err)
	return raised
}

var digests = (&memory{content}).digest

func (s *scene) policy() adsig.Policy {
	m := revocation.Material{Lists: [][]byte{s.List(s.Root), s.List(s.CA)}}
	return adsig.Policy{At: s.Now, Anchors: s.Anchors(), Material: m}
}

// offline is the policy of one who has nothing but what came with the signature.
func (s *scene) offline() adsig.Policy { return adsig.Policy{At: s.Now, Anchors: s.Anchors()} }

func (s *scene) validate(message []byte, p adsig.Policy) adsig.Report {
	s.t.Helper()
	reports, err := adsig.Validate(adsig.Input{Message: message, Digests: digests}, p)
	require.NoError(s.t, err)
	require.Len(s.t, reports, 1)
	return reports[0]
}

func (s *scene) later(years, months, days int) *scene {
	s.Now = s.Now.AddDate(years, months, days)
	return s
}

func assertIndication(t testing.TB, r adsig.Report, want adsig.Indication, sub adsig.SubIndication) {
	t.Helper()
	indication, got := r.Indication()
	assert.Equal(t, want, indication, "%+v", r.Checks)
	assert.Equal(t, sub, got, "%+v", r.Checks)
}

type certificate = cert.Certificate
