package pki

import (
	"crypto"
	"slices"
	"strings"

	"cnie/pki/cert"
)

// listings are the revocation lists of the document signer's issuer.
type listings struct {
	usable   []*cert.CRL // signed by some generation of the issuer's keys, newest first
	current  *cert.CRL   // the newest, if it is recent enough
	remarks  []string    // what was tolerated about current
	unusable string      // why another one was not used
}

// checkRevocation looks the document signer up, and the authorities above it:
// an authority whose key was lost revokes itself, with that very key if it must.
// ICAO 9303-12 §4.1.5.
func (e *examination) checkRevocation() {
	if e.issuer == nil {
		for _, id := range []CheckID{CheckRevocation, CheckRevocationCSCA} {
			e.note(id, NotChecked, "the issuer is not known, so no revocation list can be trusted")
		}
		return
	}
	lists := e.listings()
	e.noteRevocation(CheckRevocation, "the document signer", lists, e.signer)
	e.noteRevocation(CheckRevocationCSCA, "the country signing certificate", lists, e.path...)
}

// listings sorts the lists that the store has. Any generation of the authority's
// keys speaks for all of them, RFC 5280 §6.3.3 notwithstanding: ICAO 9303-12
// §7.1.4 has one list per State.
func (e *examination) listings() listings {
	var l listings
	for _, list := range e.anchors.CRLsFor(e.issuer) {
		if why := e.anchors.Unusable(list); why != "" {
			l.unusable = why
			continue
		}
		l.usable = append(l.usable, list)
		if l.current == nil && e.recent(list) {
			l.current, l.remarks = list, e.listRemarks(list)
		}
	}
	return l
}

// recent reports whether a list is young enough to be relied upon.
func (e *examination) recent(list *cert.CRL) bool {
	if e.policy.At.Sub(list.ThisUpdate) > e.policy.crlAge() {
		return false
	}
	return e.policy.AllowCRLAge > 0 || !overdue(list, e.policy)
}

func overdue(list *cert.CRL, p Policy) bool {
	return list.NextUpdate.IsZero() || p.At.After(list.NextUpdate)
}

func (e *examination) listRemarks(list *cert.CRL) []string {
	remarks := slices.Clone(list.Deviations)
	if list.SignatureAlgorithm.Hash == crypto.SHA1 {
		remarks = append(remarks, "the list is signed with SHA-1")
	}
	if overdue(list, e.policy) || e.policy.At.Sub(list.ThisUpdate) > StrictAge {
		remarks = append(remarks, "the list is of "+day(list.ThisUpdate)+" and a newer one is due, which the policy tolerates")
	}
	return remarks
}

// noteRevocation looks certificates up in every list that is signed: a
// revocation counts whatever the age of the list that names it.
func (e *examination) noteRevocation(id CheckID, what string, l listings, certificates ...*cert.Certificate) {
	for _, list := range l.usable {
		for _, c := range certificates {
			// Every list at hand is one of the document signer's issuer, however the
			// signer spells it; of authorities some may be under another name.
			named := c == e.signer || c.Issuer.Equal(list.Issuer)
			if since, revoked := list.Revoked(c.Serial); revoked && named && !since.After(e.policy.At) {
				e.note(id, Failed, "%s was revoked on %s", what, day(since))
				return
			}
		}
	}
	switch remarks := l.remarksFor(certificates); {
	case l.current != nil && len(remarks) > 0:
		e.note(id, Warned, "%s is not on the revocation list; but %s", what, strings.Join(remarks, "; "))
	case l.current != nil:
		e.note(id, Passed, "%s is not on the current revocation list, of %s", what, day(l.current.ThisUpdate))
	case len(l.usable) > 0:
		e.note(id, NotChecked, "the revocation list is out of date; get a new one")
	case l.unusable != "":
		e.note(id, NotChecked, "the revocation list at hand cannot be used: %s; get a new one", l.unusable)
	default:
		e.note(id, NotChecked, "there is no revocation list of this issuer")
	}
}

// remarksFor adds that a list may have dropped a certificate when it expired.
// RFC 5280 §3.3.
func (l listings) remarksFor(certificates []*cert.Certificate) []string {
	dropped := func(c *cert.Certificate) bool { return l.current.ThisUpdate.After(c.NotAfter) }
	if l.current != nil && slices.ContainsFunc(certificates, dropped) {
		return append(slices.Clip(l.remarks), "the certificate had expired when the list was made, which may have dropped it")
	}
	return l.remarks
}
