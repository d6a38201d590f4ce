package adsig_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"testing"

	"cnie/pki"
	"cnie/pki/adsig"
	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/cades"
	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSubIndications brings about each sub-indication by what it is for.
func TestSubIndications(t *testing.T) {
	for name, c := range map[string]struct {
		make func(s *scene) (message []byte, in adsig.Input, p adsig.Policy)
		want adsig.SubIndication
		at   adsig.CheckID
	}{
		"not a message": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			return []byte("%PDF-1.7"), adsig.Input{}, s.policy()
		}, adsig.FormatFailure, adsig.CheckFormat},
		"other content": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			return s.sign(cades.BB), adsig.Input{Digests: (&memory{[]byte("something else")}).digest}, s.policy()
		}, adsig.HashFailure, adsig.CheckDigest},
		"content not at hand": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			return s.sign(cades.BB), adsig.Input{}, s.policy()
		}, adsig.SignedDataNotFound, adsig.CheckDigest},
		"another's signature": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			return s.altered(s.sign(cades.BB), func(p *cms.Parts) { p.Signers[0].Signature = s.otherSignature() }), at(digests), s.policy()
		}, adsig.SigCryptoFailure, adsig.CheckValue},
		"no certificate": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			return s.altered(s.sign(cades.BB), func(p *cms.Parts) { p.Certificates = nil }), at(digests), s.policy()
		}, adsig.NoSigningCertificateFound, adsig.CheckSigner},
		"a twin's certificate": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) { // the same key, name and number
			twin := s.twin()
			return s.altered(s.sign(cades.BB), func(p *cms.Parts) { p.Certificates[0] = twin }), at(digests), s.policy()
		}, adsig.NoSigningCertificateFound, adsig.CheckReference},
		"unknown root": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			p := s.policy()
			p.Anchors = adsigtest.New(s.t).Anchors()
			return s.sign(cades.BB), at(digests), p
		}, adsig.NoCertificateChainFound, adsig.CheckPath},
		"an encryption key": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			s.signer = s.Issue(s.CA, adsigtest.Request{Name: "CIPHER SPECIMEN", Usage: x509.KeyUsageKeyAgreement})
			return s.sign(cades.BB), at(digests), s.policy()
		}, adsig.ChainConstraintsFailure, adsig.CheckUsage},
		"a time-stamp authority's key": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			s.signer = s.TSA
			return s.sign(cades.BB), at(digests), s.policy()
		}, adsig.ChainConstraintsFailure, adsig.CheckUsage},
		"signed by an authority": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			s.signer = s.CA
			return s.sign(cades.BB), at(digests), s.policy()
		}, adsig.ChainConstraintsFailure, adsig.CheckUsage},
		"issued by an end entity": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			middle := s.signer
			s.signer = s.Issue(middle, adsigtest.Request{Name: "CHILD SPECIMEN"})
			message := s.sign(cades.BB)
			p := s.policy()
			p.AllowNoRevocation = true
			return message, adsig.Input{Digests: digests, Certificates: [][]byte{middle.Cert.Raw}}, p
		}, adsig.ChainConstraintsFailure, adsig.CheckConstraints},
		"revoked": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			message := s.sign(cades.BB)
			s.Revoke(s.signer)
			return message, at(digests), s.policy()
		}, adsig.RevokedNoPOE, adsig.CheckRevocation},
		"authority revoked": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			message := s.sign(cades.BB)
			s.Revoke(s.CA)
			return message, at(digests), s.policy()
		}, adsig.RevokedCANoPOE, adsig.CheckRevocation},
		"stamped after revocation": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			message := s.sign(cades.BB)
			s.Revoke(s.signer)
			s.later(0, 0, 1)
			message = s.raise(message, cades.BT)
			return message, at(digests), s.policy()
		}, adsig.RevokedNoPOE, adsig.CheckRevocation},
		"signed after revocation": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			s.Revoke(s.signer)
			s.later(0, 0, 1)
			return s.signOver(s.stamp(content)), at(digests), s.policy()
		}, adsig.Revoked, adsig.CheckRevocation},
		"signed after the end": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			s.later(2, 0, 0)
			return s.signOver(s.stamp(content)), at(digests), s.policy()
		}, adsig.Expired, adsig.CheckValidity},
		"stamped before the beginning": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			s.signer = s.Issue(s.CA, adsigtest.Request{Name: "LATE SPECIMEN", From: s.Now.AddDate(0, 1, 0)})
			return s.raise(s.sign(cades.BB), cades.BT), at(digests), s.later(0, 2, 0).policy()
		}, adsig.NotYetValid, adsig.CheckValidity},
		"not yet valid": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			s.signer = s.Issue(s.CA, adsigtest.Request{Name: "LATE SPECIMEN", From: s.Now.AddDate(0, 1, 0)})
			return s.sign(cades.BB), at(digests), s.policy()
		}, adsig.OutOfBoundsNoPOE, adsig.CheckValidity},
		"no answer": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			return s.sign(cades.BB), at(digests), s.offline()
		}, adsig.TryLater, adsig.CheckRevocation},
		"old answer": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			p := s.policy()
			s.later(0, 0, 2)
			p.At = s.Now
			return s.sign(cades.BB), at(digests), p
		}, adsig.TryLater, adsig.CheckRevocation},
		"a short key": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			key, err := rsa.GenerateKey(rand.Reader, 1024)
			require.NoError(s.t, err)
			s.signer = s.Signer(key)
			return s.sign(cades.BB), at(digests), s.policy()
		}, adsig.CryptoConstraintsFailureNoPOE, adsig.CheckAlgorithm},
		"a short key, stamped": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			key, err := rsa.GenerateKey(rand.Reader, 1024)
			require.NoError(s.t, err)
			s.signer = s.Signer(key)
			message := s.sign(cades.BT)
			return message, at(digests), s.later(0, 0, 1).policy()
		}, adsig.CryptoConstraintsFailure, adsig.CheckAlgorithm},
		"a policy is named": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			named := cms.NewAttribute(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 15}, []byte{0x30, 0x04, 6, 2, 0x2a, 3})
			return s.signOver(named), at(digests), s.policy()
		}, adsig.SignaturePolicyNotAvailable, adsig.CheckPolicy},
		"no signing time": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			signer := cades.Signer{Key: s.signer.Key, Chain: s.Chain(s.signer)}
			message, err := signer.SignReader(bytes.NewReader(content))
			require.NoError(s.t, err)
			return message, at(digests), s.policy()
		}, adsig.SigConstraintsFailure, adsig.CheckAttributes},
		"signing time in PAdES": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			return s.sign(cades.BB), adsig.Input{Digests: digests, Profile: adsig.PAdES}, s.policy()
		}, adsig.SigConstraintsFailure, adsig.CheckAttributes},
		"claims the future": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			p := s.policy()
			s.later(0, 0, 1)
			return s.sign(cades.BB), at(digests), p
		}, adsig.SigConstraintsFailure, adsig.CheckAttributes},
		"content stamped last": {func(s *scene) ([]byte, adsig.Input, adsig.Policy) {
			now := s.Now
			s.later(0, 0, 1)
			after := s.stamp(content)
			s.Now = now
			message := s.signOver(after)
			message = s.raise(message, cades.BT)
			return message, at(digests), s.later(0, 0, 2).policy()
		}, adsig.TimestampOrderFailure, adsig.CheckTime},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			message, in, p := c.make(s)
			in.Message = message
			reports, err := adsig.Validate(in, p)
			require.NoError(t, err)
			require.Len(t, reports, 1)
			assertIndication(t, reports[0], c.want.Indication(), c.want)
			check, made := reports[0].Find(c.at)
			require.True(t, made)
			assert.Equal(t, pki.Failed, check.Outcome)
			assert.Equal(t, c.want, check.Sub)
			assert.NotEmpty(t, check.Clause)
			assert.NotEmpty(t, check.Reason)
		})
	}
}
