package adsig

import (
	"errors"
	"time"

	"cnie/pki/adsig/revocation"
	"cnie/pki/cert"
)

// ErrPolicy reports a policy that nothing can be validated under.
var ErrPolicy = errors.New("a validation policy needs a moment and trust anchors")

// Policy is under which rules a signature is validated. The zero value of each
// field is the strict one; every relaxation begins with Allow.
type Policy struct {
	// At is the moment for which the result shall hold, usually now. It has no
	// default.
	At time.Time
	// Anchors are who is trusted to have said whose keys are whose.
	Anchors []*cert.Certificate
	// StampAnchors are the same for time-stamp authorities; empty: Anchors.
	StampAnchors []*cert.Certificate
	// MaxAge is how old an answer about a certificate may be when it matters;
	// zero: as long as its source takes between two answers.
	MaxAge time.Duration
	// Pool has certificates that may help to find a path, besides those that came
	// with a signature. Nobody in it is trusted for that.
	Pool []*cert.Certificate
	// Material is what the operator brings besides what came with the signature.
	Material revocation.Material
	// AllowAlgorithms is used instead of Suites.
	AllowAlgorithms []Limit
	// AllowNoRevocation lets a path pass about which no answer is at hand. What
	// an answer says still counts.
	AllowNoRevocation bool
	// AllowAnyUsage lets keys sign that their certificate wants used otherwise.
	AllowAnyUsage bool
	// AllowNoAnchors judges although nobody is trusted: no signature passes, but
	// whether it is right, and over what, is still found out.
	AllowNoAnchors bool
}

// Check reports, as ErrPolicy, a policy without a moment, or without anchors where
// that is not allowed.
func (p Policy) Check() error {
	if p.At.IsZero() || len(p.Anchors) == 0 && !p.AllowNoAnchors {
		return ErrPolicy
	}
	return nil
}

func (p Policy) limits() []Limit {
	if len(p.AllowAlgorithms) > 0 {
		return p.AllowAlgorithms
	}
	return Suites
}

func (p Policy) stampAnchors() []*cert.Certificate {
	if len(p.StampAnchors) > 0 {
		return p.StampAnchors
	}
	return p.Anchors
}
