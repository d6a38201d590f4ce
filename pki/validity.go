package pki

import (
	"fmt"
	"time"

	"cnie/pki/cert"
)

func (e *examination) checkDocumentDates() {
	if e.mrz == nil {
		e.note(CheckValidityDocument, NotChecked, "EF.DG1, which has the date of expiry, is not at hand")
		return
	}
	expiry, ok := e.mrz.Expiry(e.policy.At)
	switch {
	case !ok:
		e.note(CheckValidityDocument, NotChecked, "the date of expiry cannot be read")
	case expiry.Before(e.policy.At):
		e.note(CheckValidityDocument, Failed, "the document has expired")
	default:
		e.note(CheckValidityDocument, Passed, "the document is in force")
	}
}

func (e *examination) checkSignerDates() {
	if e.signer == nil {
		e.note(CheckValiditySigner, NotChecked, "the document signer's certificate is not known")
		return
	}
	e.inForce(CheckValiditySigner, "the document signer certificate", e.signer)
}

func (e *examination) checkCSCADates() {
	if e.issuer == nil {
		e.note(CheckValidityCSCA, NotChecked, "the issuer is not known")
		return
	}
	e.inForce(CheckValidityCSCA, "the country signing certificate", e.issuer)
}

// inForce compares a certificate's validity with the time of judgement. An
// expired certificate is a failure here: ICAO 9303-12 §4.1 sizes its life to
// outlast every document that rests on it.
func (e *examination) inForce(id CheckID, what string, c *cert.Certificate) {
	switch {
	case e.policy.At.Before(c.NotBefore):
		e.note(id, Failed, "%s is not in force before %s", what, day(c.NotBefore))
	case e.policy.At.After(c.NotAfter):
		e.note(id, Failed, "%s expired on %s", what, day(c.NotAfter))
	default:
		e.note(id, Passed, "%s is in force until %s", what, day(c.NotAfter))
	}
}

// checkSigningTime places the act of signing within the period in which the
// signer's key could be used. The time is the signer's own word; it cannot help
// a thief of the key, who would lie, but it shows a careless issuer.
func (e *examination) checkSigningTime() {
	switch signed := e.result.SigningTime; {
	case !e.authentic:
		e.note(CheckValiditySigning, NotChecked, "there is no verified signature")
	case signed == nil:
		e.note(CheckValiditySigning, NotApplicable, "EF.SOD does not say when it was signed")
	case signed.After(e.policy.At):
		e.note(CheckValiditySigning, Failed, "EF.SOD says that it was signed later, on %s", day(*signed))
	default:
		if from, to := usePeriod(e.signer); signed.Before(from) || signed.After(to) {
			e.note(CheckValiditySigning, Failed, "signed on %s, outside the use of its key from %s to %s", day(*signed), day(from), day(to))
			return
		}
		e.note(CheckValiditySigning, Passed, "signed on %s, while its key could be used", day(*signed))
	}
}

// usePeriod is when the private key may sign: the extension where there is one,
// else the certificate's validity. RFC 5280 §4.1.2.5, ICAO 9303-12 §7.1.
func usePeriod(c *cert.Certificate) (from, to time.Time) {
	from, to = c.NotBefore, c.NotAfter
	if p := c.PrivateKeyUsage; p != nil {
		if !p.NotBefore.IsZero() {
			from = p.NotBefore
		}
		if !p.NotAfter.IsZero() {
			to = p.NotAfter
		}
	}
	return from, to
}

// checkRevocation consults the lists of the document signer's issuer.
func (e *examination) checkRevocation() {
	if e.issuer == nil {
		e.note(CheckRevocation, NotChecked, "the issuer is not known, so no revocation list can be trusted")
		return
	}
	var current, stale, unusable int
	for _, list := range e.anchors.CRLsFor(e.issuer) {
		// Any generation of the authority's keys speaks for all of them, RFC 5280
		// §6.3.3 notwithstanding: ICAO 9303-12 §7.1 has one list per State.
		if _, ok := e.anchors.CRLSigner(list); !ok || len(list.UnknownCritical) > 0 || list.Scope != nil && list.Scope.OnlyAuthorities {
			unusable++
			continue
		}
		// A revocation counts whatever the age of the list that names it.
		if when, revoked := list.Revoked(e.signer.Serial); revoked && !when.After(e.policy.At) {
			e.note(CheckRevocation, Failed, "the document signer was revoked on %s", day(when))
			return
		}
		if list.NextUpdate.IsZero() || e.policy.At.After(list.NextUpdate) {
			stale++
			continue
		}
		current++
	}
	e.noteRevocation(current, stale, unusable)
}

func (e *examination) noteRevocation(current, stale, unusable int) {
	switch {
	case current > 0:
		e.note(CheckRevocation, Passed, "the document signer is not on the current revocation list")
	case unusable > 0:
		e.note(CheckRevocation, NotChecked, "the revocation list at hand is not one by this issuer that can be used; get a new one")
	case stale > 0:
		e.note(CheckRevocation, NotChecked, "the revocation list is out of date; get a new one")
	default:
		e.note(CheckRevocation, NotChecked, "there is no revocation list of this issuer")
	}
}

func day(t time.Time) string { return fmt.Sprint(t.UTC().Format(time.DateOnly)) }
