package adsig

import (
	"strings"
	"time"

	"cnie/pki/adsig/path"
	"cnie/pki/cert"
)

// subject is a signature or a timestamp while its certificate is judged.
type subject struct {
	checks  *Checks
	signer  *cert.Certificate
	anchors []*cert.Certificate
	proven  time.Time  // the signature existed by then
	since   *time.Time // and not before, where that is proven
	usage   func(*cert.Certificate) error
}

// certificateValidation looks for a path on which the certificate was good when
// the signature is known to have existed (EN 319 102-1 §5.2.6 at present,
// §5.6.2.1 for the past). Of several paths the first that holds is taken, else
// the shortest is reported.
func (v *validation) certificateValidation(s subject) path.Path {
	paths := path.Find(s.signer, v.pool, s.anchors, &v.memory.signatures)
	if len(paths) == 0 {
		s.checks.fail(CheckPath, NoCertificateChainFound, "no path leads from %q to a trust anchor", s.signer.Subject)
		return nil
	}
	var chosen path.Path
	var conclusions Checks
	for _, p := range paths {
		found := v.validationTimeSliding(p, s.proven).conclusions(s)
		indication, _ := found.conclude(nil)
		if chosen == nil || indication == TotalPassed {
			chosen, conclusions = p, found
		}
		if indication == TotalPassed {
			break
		}
	}
	s.checks.pass(CheckPath, "issued under %q", chosen.Anchor().Subject)
	*s.checks = append(*s.checks, conclusions...)
	return chosen
}

// conclusions puts what was found on a path into checks.
func (s *standing) conclusions(about subject) Checks {
	var c Checks
	if violations := s.path.Violations(); len(violations) > 0 {
		c.fail(CheckConstraints, ChainConstraintsFailure, "%s", strings.Join(violations, "; "))
	} else {
		c.pass(CheckConstraints, "%d certificates, each entitled to issue the one below", len(s.path))
	}
	s.concludeUsage(&c, about)
	s.concludeValidity(&c, about)
	s.concludeRevocation(&c, about)
	if s.holds(s.strength) {
		c.pass(CheckStrength, "reliable on %s", day(about.proven))
	} else {
		c.fail(CheckStrength, s.timely(CryptoConstraintsFailureNoPOE, CryptoConstraintsFailure), "%s", s.strength.why)
	}
	return c
}

func (s *standing) holds(b bound) bool { return !b.until.Before(s.proven) }

// timely chooses between what is open for want of a proof and what a proof has
// settled: the signature was made later than it should have been.
func (s *standing) timely(open, settled SubIndication) SubIndication {
	if s.proven.Before(s.v.policy.At) {
		return settled
	}
	return open
}

func (s *standing) concludeUsage(c *Checks, about subject) {
	err := about.usage(s.path.Target())
	switch {
	case err == nil:
		c.pass(CheckUsage, "the certificate allows it")
	case s.v.policy.AllowAnyUsage:
		c.warn(CheckUsage, "allowed by the policy: %v", err)
	default:
		c.fail(CheckUsage, ChainConstraintsFailure, "%v", err)
	}
}

func (s *standing) concludeValidity(c *Checks, about subject) {
	target := s.path.Target()
	switch {
	case about.proven.Before(target.NotBefore):
		c.fail(CheckValidity, s.timely(OutOfBoundsNoPOE, NotYetValid), "the certificate is valid from %s, and the signature existed on %s",
			day(target.NotBefore), day(about.proven))
	case s.notYet != nil:
		c.fail(CheckValidity, OutOfBoundsNoPOE, "a certificate on the path is valid from %s only", day(s.notYet.NotBefore))
	case about.since != nil && about.since.After(target.NotAfter):
		c.fail(CheckValidity, Expired, "the certificate expired on %s, and the signature was made later", day(target.NotAfter))
	case !s.holds(s.validity):
		c.fail(CheckValidity, s.validity.sub, "%s, and nothing proves that the signature existed before", s.validity.why)
	case s.validity.until != forever:
		c.pass(CheckValidity, "%s; the signature existed on %s", s.validity.why, day(about.proven))
	default:
		c.pass(CheckValidity, "in force on %s", day(about.proven))
	}
}

func (s *standing) concludeRevocation(c *Checks, about subject) {
	revoked := s.revoked.sub == RevokedNoPOE
	switch {
	case revoked && about.since != nil && about.since.After(s.revoked.until):
		c.fail(CheckRevocation, Revoked, "%s, and the signature was made later", s.revoked.why)
	case !s.holds(s.revoked):
		c.fail(CheckRevocation, s.revoked.sub, "%s", s.revoked.why)
	case s.revoked.sub == RevokedNoPOE || s.revoked.sub == RevokedCANoPOE:
		c.warn(CheckRevocation, "%s, after the signature existed on %s", s.revoked.why, moment(about.proven))
	case len(s.answers) < len(s.path)-1:
		c.warn(CheckRevocation, "allowed by the policy: not every certificate on the path could be asked about")
	case len(s.path) == 1:
		c.pass(CheckRevocation, "the certificate is a trust anchor itself")
	default:
		latest := s.answers[len(s.answers)-1]
		c.pass(CheckRevocation, "good by the %s of %s", latest.Name(), moment(latest.ThisUpdate))
	}
}
