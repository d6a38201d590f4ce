package adsig

import (
	"fmt"
	"time"

	"cnie/pki/adsig/path"
	"cnie/pki/adsig/revocation"
	"cnie/pki/cert"
)

// A bound is the last moment for which one kind of check still holds, why it
// ends there, and what it comes to when that is too early.
type bound struct {
	until time.Time
	sub   SubIndication
	why   string
}

// lower brings the bound down.
func (b *bound) lower(t time.Time, sub SubIndication, format string, args ...any) {
	if t.Before(b.until) {
		*b = bound{until: t, sub: sub, why: fmt.Sprintf(format, args...)}
	}
}

// standing is what validation time sliding finds about a path (EN 319 102-1
// §5.6.2.2): from the anchor down, each certificate's end of validity, its
// revocation, the age of what is known about it and the end of its algorithms
// bound the moment for which the path can be shown to have been good. A
// signature that is proven to have existed by then is good; one that is not is
// left open.
type standing struct {
	v        *validation
	path     path.Path
	proven   time.Time // when the signature is known to have existed
	control  time.Time
	validity bound
	revoked  bound
	strength bound
	answers  []revocation.Answer // the ones relied on, from the anchor down
	notYet   *cert.Certificate
}

// validationTimeSliding bounds the path's standing for a signature that existed
// at a moment.
func (v *validation) validationTimeSliding(p path.Path, proven time.Time) *standing {
	s := &standing{v: v, path: p, proven: proven, control: v.policy.At}
	for _, b := range []*bound{&s.validity, &s.revoked, &s.strength} {
		b.until = forever
	}
	for i := len(p) - 2; i >= 0; i-- {
		s.slide(i)
	}
	if len(p) == 1 { // the signer is an anchor itself: its own dates still count
		s.slideValidity(0, false)
	}
	return s
}

// slide takes one certificate into account.
func (s *standing) slide(i int) {
	c, issuer := s.path[i], s.path.Issuer(i)
	if i > 0 && s.v.proofs.of(c.Raw).After(s.control) {
		s.revoked.lower(time.Time{}, NoPOE, "nothing proves that %s was there by %s", s.name(i), moment(s.control))
	}
	answer, found := s.answer(c, issuer)
	s.slideRevocation(i, answer, found)
	s.slideValidity(i, found && answer.Status == revocation.Good)
	end := reliable(s.v.policy.limits(), c.SignatureAlgorithm, issuer.PublicKey)
	s.strength.lower(end, CryptoConstraintsFailureNoPOE, "the signature on %s, %v with %d bits, was reliable until %s",
		s.name(i), c.SignatureAlgorithm, keyBits(issuer.PublicKey), day(end))
	for _, b := range []bound{s.validity, s.revoked, s.strength} {
		if !b.until.IsZero() { // where nothing is known there is no moment to slide to
			s.control = earlier(s.control, b.until)
		}
	}
}

func (s *standing) slideValidity(i int, good bool) {
	c := s.path[i]
	if c.NotBefore.After(s.control) {
		s.notYet = c
	}
	sub := OutOfBoundsNoPOE
	if good {
		sub = OutOfBoundsNotRevoked
	}
	if c.NotAfter.Before(s.v.policy.At) {
		s.validity.lower(c.NotAfter, sub, "%s expired on %s", s.name(i), day(c.NotAfter))
	}
}

func (s *standing) slideRevocation(i int, answer revocation.Answer, found bool) {
	sub := RevokedCANoPOE
	if i == 0 {
		sub = RevokedNoPOE
	}
	switch {
	case !found && (s.v.policy.AllowNoRevocation || !s.holds(s.revoked)): // of two reasons the one nearer the anchor
	case !found:
		s.revoked.lower(time.Time{}, s.v.whyNoAnswer(s.path[i], s.path.Issuer(i)), "there is no answer about %s that could be relied on", s.name(i))
	case answer.Status == revocation.Revoked:
		// A signature at the very moment of revocation is too late.
		s.revoked.lower(answer.RevokedAt.Add(-1), sub, "%s was revoked on %s", s.name(i), moment(answer.RevokedAt))
	case !answer.Fresh(s.needed(), s.v.policy.MaxAge):
		s.revoked.lower(answer.ThisUpdate, TryLater, "the latest answer about %s, of %s, is too old", s.name(i), moment(answer.ThisUpdate))
	}
	if found {
		s.answers = append(s.answers, answer)
	}
}

// needed is the moment about which an answer has to be recent.
func (s *standing) needed() time.Time { return earlier(s.proven, s.control) }

// answer chooses what to rely on about a certificate: a revocation before
// anything else, and of good answers the latest.
func (s *standing) answer(c, issuer *cert.Certificate) (best revocation.Answer, found bool) {
	for _, a := range s.v.answers.About(c, issuer) {
		if a.Status == revocation.Revoked {
			if !found || best.Status == revocation.Good || a.RevokedAt.Before(best.RevokedAt) {
				best, found = a, true
			}
			continue
		}
		if !found && s.usable(a, c, issuer) {
			best, found = a, true
		}
	}
	return best, found
}

// usable reports whether a good answer may be relied on: it speaks of the
// certificate before the control time, was there by then, and whoever gave it
// was entitled to at that time.
func (s *standing) usable(a revocation.Answer, c, issuer *cert.Certificate) bool {
	there := s.v.proofs.of(a.Raw)
	if there.After(s.control) || a.ThisUpdate.After(s.control.Add(skew)) || !a.Covers(c) {
		return false
	}
	if reliable(s.v.policy.limits(), a.Algorithm, a.Signer.PublicKey).Before(there) {
		return false
	}
	return a.Signer == issuer || s.responder(a, issuer, there)
}

// responder checks the certificate of one whom the issuer appointed: in force
// from the answer until the answer is known to have been there, and either
// exempt from being asked about or good by a list.
func (s *standing) responder(a revocation.Answer, issuer *cert.Certificate, there time.Time) bool {
	c := a.Signer
	if c.NotBefore.After(a.ThisUpdate.Add(skew)) || c.NotAfter.Before(there) {
		return false
	}
	if reliable(s.v.policy.limits(), c.SignatureAlgorithm, issuer.PublicKey).Before(there) {
		return false
	}
	if revocation.NeedsNoCheck(c) || s.v.policy.AllowNoRevocation {
		return true
	}
	good := false
	for _, about := range s.v.answers.About(c, issuer) {
		if about.Status == revocation.Revoked {
			return false
		}
		good = good || !about.OCSP && about.Covers(c) && !s.v.proofs.of(about.Raw).After(s.control) && about.Fresh(s.needed(), s.v.policy.MaxAge)
	}
	return good
}

// skew is how far clocks of different parties may be apart.
const skew = 5 * time.Minute

// whyNoAnswer tells material that came too late to prove anything from none.
func (v *validation) whyNoAnswer(c, issuer *cert.Certificate) SubIndication {
	for _, a := range v.answers.About(c, issuer) {
		if a.Covers(c) {
			return NoPOE
		}
	}
	return TryLater
}

func (s *standing) name(i int) string {
	switch {
	case i == 0:
		return "the certificate"
	case i == len(s.path)-1:
		return "the trust anchor"
	}
	return fmt.Sprintf("authority %d on its path", i)
}

func day(t time.Time) string {
	if t.IsZero() {
		return "no day"
	}
	return t.UTC().Format(time.DateOnly)
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }
