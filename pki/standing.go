package pki

import (
	"time"

	"cnie/pki/trust"
)

// checkStanding asks what the lists say of the authority today. One that left a
// list while it was in force did so for a reason that the list does not tell;
// until the operator records it, what the authority signed proves nothing.
func (e *examination) checkStanding() {
	if e.issuer == nil {
		e.note(CheckIssuerStanding, NotChecked, "the issuer is not known")
		return
	}
	var known, explained bool
	var reason string
	for _, c := range e.path {
		s := e.anchors.Standing(c)
		known = known || len(s.Sources) > 0
		switch {
		case s.Vanished && s.Reason == "":
			e.note(CheckIssuerStanding, NotChecked, "the authority left its list on %s before it expired; record why", day(s.Since))
			return
		case s.Vanished:
			explained, reason = true, s.Reason
		}
	}
	switch {
	case explained:
		e.note(CheckIssuerStanding, Warned, "the authority left its list before it expired; recorded reason: %s", reason)
	case known:
		e.note(CheckIssuerStanding, Passed, "the authority is still on its list, or left when it expired")
	default:
		e.note(CheckIssuerStanding, NotApplicable, "the trust anchors are loose files, which tell nothing of their standing")
	}
}

// checkTrustAge asks when the list that has the authority was last updated. A
// file that the operator brought does not age: nobody will send a newer one.
func (e *examination) checkTrustAge() {
	if e.issuer == nil {
		e.note(CheckIssuerTrustAge, NotChecked, "the issuer is not known")
		return
	}
	updated, known := lastListed(e.anchors.Standing(e.path[len(e.path)-1]))
	age := e.policy.At.Sub(updated)
	switch {
	case !known:
		e.note(CheckIssuerTrustAge, NotApplicable, "the trust anchor did not come with a list")
	case age > e.policy.trustAge():
		e.note(CheckIssuerTrustAge, NotChecked, "the list with the trust anchor is of %s, %s old; import a new one", day(updated), days(age))
	case age > StrictAge:
		e.note(CheckIssuerTrustAge, Warned, "the list with the trust anchor is of %s, %s old, which the policy allows", day(updated), days(age))
	default:
		e.note(CheckIssuerTrustAge, Passed, "the list with the trust anchor is of %s", day(updated))
	}
}

// lastListed is the date of the newest list that had the anchor or has lost it.
func lastListed(s trust.Standing) (newest time.Time, known bool) {
	for _, source := range s.Sources {
		if source.Signer != "" && source.Newest.After(newest) {
			newest, known = source.Newest, true
		}
	}
	return newest, known
}
