package adsig

import (
	"crypto"
	"errors"
	"slices"
	"time"

	"cnie/pki"
	"cnie/pki/cert"
)

// Verified is a signature in another form than CMS, as far as the package of that
// form has judged it: the format, whose it is, the arithmetic, the attributes.
type Verified struct {
	Checks       Checks
	Signer       *cert.Certificate // nil: not found
	Algorithm    cert.Algorithm
	Hashes       []crypto.Hash // besides the algorithm's own
	Claimed      *time.Time    // when the signer says to have signed
	Certificates []*cert.Certificate
}

// Conclude judges what does not depend on the form: the certificate's standing and
// the algorithms, at the present, as there is no timestamp. A signature that is
// wrong already is not looked at further. The error is ErrPolicy.
func Conclude(s Verified, p Policy) (Report, error) {
	if err := p.Check(); err != nil {
		return Report{}, err
	}
	v := &validation{policy: p, proofs: newProofs(p.At)}
	v.remember(nil, p)
	v.pool = append(v.pool, s.Certificates...)
	v.report = Report{Checks: slices.Clone(s.Checks), At: p.At, Proven: p.At, Signer: s.Signer, Claimed: s.Claimed}
	broken := slices.ContainsFunc(s.Checks, func(c Check) bool { return c.Outcome == pki.Failed && c.ID != CheckAttributes && c.ID != CheckPolicy })
	if broken || s.Signer == nil {
		return v.report, nil
	}
	v.order(nil, nil)
	v.report.Path = v.certificateValidation(subject{
		checks: &v.report.Checks, signer: s.Signer, anchors: p.Anchors, proven: p.At, usage: signingUsage,
	})
	v.algorithms(&v.report.Checks, s.Algorithm, s.Signer.PublicKey, p.At, s.Hashes...)
	if s.Claimed != nil && s.Claimed.After(p.At.Add(skew)) {
		v.report.fail(CheckAttributes, SigConstraintsFailure, "%v: %s", errFuture, moment(*s.Claimed))
	}
	v.report.Level = v.level()
	return v.report, nil
}

var errFuture = errors.New("the signer claims to have signed after the moment that is judged for")
