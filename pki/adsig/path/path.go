// Package path finds the certificates between a signer and a trust anchor
// (RFC 5280 §6), for certificates that crypto/x509 refuses as well: keys on
// brainpool curves, explicit curve parameters.
//
// A path here is timeless. It says that each certificate was issued with the
// key of the next and that the next may issue such certificates. Whether they
// were in force, and not revoked, at the moment that matters is asked of a
// signature from years ago as of one from today, and answered elsewhere.
package path

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"slices"

	"cnie/pki/adsig/checked"
	"cnie/pki/cert"
)

// Bounds on the search. Whoever signs chooses the certificates that come with a
// signature, and could send many that look alike.
const (
	MaxLength = 8
	maxChecks = 64 // signatures verified in one search
	maxPaths  = 8
)

// Path is a certificate, its issuer, and so on up to an anchor. The anchor is
// trusted for having been configured; nothing above it is looked at.
type Path []*cert.Certificate

// Target is the certificate at the beginning.
func (p Path) Target() *cert.Certificate { return p[0] }

// Anchor is the one at the end.
func (p Path) Anchor() *cert.Certificate { return p[len(p)-1] }

// Issuer is the certificate whose key issued the i-th; the anchor's is itself.
func (p Path) Issuer(i int) *cert.Certificate { return p[min(i+1, len(p)-1)] }

// Find lists the paths from a certificate to any anchor, shortest first, through
// certificates of the pool. Every signature on them verifies; those that were
// verified before may be known, else nil.
func Find(target *cert.Certificate, pool, anchors []*cert.Certificate, known *checked.Signatures) []Path {
	s := search{anchors: anchors, candidates: unique(anchors, pool), known: known}
	s.extend(Path{target})
	slices.SortStableFunc(s.found, func(a, b Path) int { return len(a) - len(b) })
	return s.found
}

type search struct {
	anchors    []*cert.Certificate
	candidates []*cert.Certificate // anchors first
	found      []Path
	checks     int
	known      *checked.Signatures
}

// unique joins sets without repeating certificates: signatures, security stores
// and timestamps tend to carry the same ones.
func unique(sets ...[]*cert.Certificate) (all []*cert.Certificate) {
	seen := map[string]bool{}
	for _, c := range slices.Concat(sets...) {
		if !seen[string(c.Raw)] {
			seen[string(c.Raw)] = true
			all = append(all, c)
		}
	}
	return all
}

func (s *search) extend(p Path) {
	last := p.Anchor()
	if contains(s.anchors, last) {
		s.found = append(s.found, slices.Clone(p))
		return
	}
	if len(p) == MaxLength {
		return
	}
	for _, issuer := range s.candidates {
		if len(s.found) == maxPaths || s.checks == maxChecks {
			return
		}
		if !named(last, issuer) || contains(p, issuer) {
			continue
		}
		s.checks++
		if s.known.By(last.Raw, issuer, func() error { return last.CheckSignatureFrom(issuer) }) == nil {
			s.extend(append(p[:len(p):len(p)], issuer))
		}
	}
}

// named reports whether a certificate names this one as its issuer, by name and,
// where both have one, by key identifier.
func named(c, issuer *cert.Certificate) bool {
	if !c.Issuer.Equal(issuer.Subject) {
		return false
	}
	return c.AuthorityKeyID == nil || issuer.SubjectKeyID == nil || bytes.Equal(c.AuthorityKeyID, issuer.SubjectKeyID)
}

func contains(set []*cert.Certificate, c *cert.Certificate) bool {
	return slices.ContainsFunc(set, func(other *cert.Certificate) bool { return bytes.Equal(other.Raw, c.Raw) })
}

// Violations lists what RFC 5280 §6.1.4 forbids on this path, in words; none
// when the path may be used. An extension that is critical and not understood
// here, name constraints among them, is a violation.
func (p Path) Violations() []string {
	var all []string
	for i, c := range p {
		if i > 0 {
			all = append(all, p.authorityViolations(i)...)
		}
		for _, oid := range c.UnknownCritical {
			all = append(all, fmt.Sprintf("%s has the critical extension %v, which is not understood", describe(i, len(p)), oid))
		}
	}
	return all
}

func (p Path) authorityViolations(i int) []string {
	c, name := p[i], describe(i, len(p))
	anchor := i == len(p)-1
	var all []string
	if !c.IsCA && !(anchor && !c.HasBasicConstraints) {
		all = append(all, name+" is no certification authority")
	}
	if c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0 {
		all = append(all, name+" may not issue certificates")
	}
	if below := p.intermediates(i); c.MaxPathLen >= 0 && below > c.MaxPathLen {
		all = append(all, fmt.Sprintf("%s allows %d authorities below it, and there are %d", name, c.MaxPathLen, below))
	}
	return all
}

// intermediates counts the authorities below the i-th that are not self-issued
// (RFC 5280 §4.2.1.9).
func (p Path) intermediates(i int) int {
	count := 0
	for _, c := range p[1:i] {
		if !c.SelfIssued() {
			count++
		}
	}
	return count
}

func describe(i, length int) string {
	switch {
	case i == 0:
		return "the certificate"
	case i == length-1:
		return "the trust anchor"
	}
	return fmt.Sprintf("authority %d above the certificate", i)
}
