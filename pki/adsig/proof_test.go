package adsig_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"testing"
	"time"

	"cnie/pki"
	"cnie/pki/adsig"
	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/revocation"
	"cnie/pki/adsig/tsp"
	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestProofs has a timestamp save a signature from what came later.
func TestProofs(t *testing.T) {
	for name, then := range map[string]func(*scene){
		"revoked later":           func(s *scene) { s.Revoke(s.signer) },
		"authority revoked later": func(s *scene) { s.Revoke(s.CA) },
		"expired later":           func(s *scene) { s.later(2, 0, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.TSA = s.Issue(s.Root, adsigtest.Request{Name: "TSA SPECIMEN", Critical: []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}}, Until: s.Now.AddDate(9, 0, 0)})
			with, without := s.sign(cades.BLTA), s.sign(cades.BB)
			s.later(0, 0, 1)
			then(s)
			r := s.validate(with, s.policy())
			assertIndication(t, r, adsig.TotalPassed, "")
			indication, _ := s.validate(without, s.policy()).Indication()
			assert.Equal(t, adsig.Indeterminate, indication)
		})
	}
}

// TestWorthlessStamps has timestamps that prove nothing: the signature is judged
// as if they were not there, and the report says so.
func TestWorthlessStamps(t *testing.T) {
	other := adsigtest.New(t)
	for name, c := range map[string]struct {
		stamp tsp.Exchange
		want  adsig.SubIndication
	}{
		"of an unknown authority": {other.Stamp, adsig.NoCertificateChainFound},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			a := s.augmenter()
			a.Stamp = c.stamp
			message, err := a.Augment(t.Context(), s.sign(cades.BB), cades.BT, nil)
			require.NoError(t, err)
			s.later(0, 0, 1)
			r := s.validate(message, s.policy())
			assertIndication(t, r, adsig.TotalPassed, "")
			assert.Equal(t, cades.BB, r.Level, "what does not hold is not called B-T")
			assert.Equal(t, s.Now, r.Proven)
			_, sub := r.Stamps[0].Indication()
			assert.Equal(t, c.want, sub)
			check, _ := r.Find(adsig.CheckTime)
			assert.Equal(t, pki.Warned, check.Outcome)
		})
	}
}

// TestMovedStamp puts a timestamp of one signature onto another.
func TestMovedStamp(t *testing.T) {
	s := newScene(t)
	donor, err := cms.Parse(s.sign(cades.BT))
	require.NoError(t, err)
	parts, err := donor.Parts()
	require.NoError(t, err)
	message := s.altered(s.sign(cades.BB), func(p *cms.Parts) { p.Signers[0].Unsigned = parts.Signers[0].Unsigned })
	r := s.validate(message, s.policy())
	assertIndication(t, r, adsig.TotalPassed, "")
	assert.Equal(t, cades.BB, r.Level)
	_, sub := r.Stamps[0].Indication()
	assert.Equal(t, adsig.HashFailure, sub)
}

// TestRelaxed has each relaxation of the policy let one thing pass, with a
// remark.
func TestRelaxed(t *testing.T) {
	s := newScene(t)
	s.signer = s.Issue(s.CA, adsigtest.Request{Name: "CIPHER SPECIMEN", Usage: x509.KeyUsageKeyAgreement})
	message := s.sign(cades.BB)
	p := s.offline()
	p.AllowNoRevocation, p.AllowAnyUsage = true, true
	r := s.validate(message, p)
	assertIndication(t, r, adsig.TotalPassed, "")
	for _, id := range []adsig.CheckID{adsig.CheckUsage, adsig.CheckRevocation} {
		check, _ := r.Find(id)
		assert.Equal(t, pki.Warned, check.Outcome, id)
	}
	s.Revoke(s.signer)
	p.Material = revocation.Material{Lists: [][]byte{s.List(s.CA)}}
	assertIndication(t, s.validate(message, p), adsig.Indeterminate, adsig.RevokedNoPOE)

	p = s.policy()
	p.Material = revocation.Material{}
	_, err := adsig.Validate(adsig.Input{Message: message}, adsig.Policy{Anchors: s.Anchors()})
	assert.ErrorIs(t, err, adsig.ErrPolicy)
	_, err = adsig.Validate(adsig.Input{Message: message}, adsig.Policy{At: s.Now})
	assert.ErrorIs(t, err, adsig.ErrPolicy)
}

// TestDecoy puts a twin of the signer's certificate before it; the signed
// attributes tell them apart.
func TestDecoy(t *testing.T) {
	s := newScene(t)
	twin := s.twin()
	message := s.altered(s.sign(cades.BB), func(p *cms.Parts) { p.Certificates = append([][]byte{twin}, p.Certificates...) })
	r := s.validate(message, s.policy())
	assertIndication(t, r, adsig.TotalPassed, "")
	assert.Equal(t, s.signer.Cert.Raw, r.Signer.Raw)
}

// TestZero has nothing pass that was not looked at.
func TestZero(t *testing.T) {
	indication, _ := adsig.Report{}.Indication()
	assert.Equal(t, adsig.Indeterminate, indication)
	indication, _ = adsig.StampReport{}.Indication()
	assert.Equal(t, adsig.Indeterminate, indication)
	seen := map[adsig.CheckID]bool{}
	for _, rule := range adsig.Rules() {
		assert.NotEmpty(t, rule.Clause)
		assert.NotEmpty(t, rule.Meaning)
		assert.False(t, seen[rule.ID])
		seen[rule.ID] = true
	}
	s := newScene(t)
	for _, check := range s.validate(s.sign(cades.BB), s.policy()).Checks {
		assert.True(t, seen[check.ID], check.ID)
	}
	assert.Len(t, s.validate(s.sign(cades.BB), s.policy()).Checks, len(seen), "a good signature has every check")
}

// TestDocumentStamp is a timestamp beside the message, as a PDF has it.
func TestDocumentStamp(t *testing.T) {
	s := newScene(t)
	signer := cades.Signer{Key: s.signer.Key, Chain: s.Chain(s.signer)}
	message, err := signer.SignReader(bytes.NewReader(content))
	require.NoError(t, err)
	file := &memory{append([]byte("the file so far"), message...)}
	sum, err := file.digest(crypto.SHA256)
	require.NoError(t, err)
	token, err := tsp.Ask(t.Context(), s.Stamp, crypto.SHA256, sum)
	require.NoError(t, err)
	m, err := s.augmenter().Collector.Collect(t.Context(), []*certificate{s.signer.Cert, s.CA.Cert, s.Root.Cert})
	require.NoError(t, err)
	in := adsig.Input{Message: message, Digests: digests, Profile: adsig.PAdES, Lists: m.Lists, Responses: m.Responses}
	in.Stamps = []adsig.Stamp{{Token: token.Raw, Digests: file.digest, Covers: m.Responses}}
	signed := s.Now
	s.later(2, 0, 0)
	reports, err := adsig.Validate(in, s.policy())
	require.NoError(t, err)
	assertIndication(t, reports[0], adsig.TotalPassed, "")
	assert.Equal(t, cades.BLTA, reports[0].Level)
	assert.WithinDuration(t, signed, reports[0].Proven, 2*time.Second)
	in.Stamps[0].Digests = (&memory{[]byte("another file")}).digest
	reports, err = adsig.Validate(in, s.policy())
	require.NoError(t, err)
	assertIndication(t, reports[0], adsig.Indeterminate, adsig.OutOfBoundsNotRevoked)
}
