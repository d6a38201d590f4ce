package trust

import (
	"fmt"

	"cnie/pki/cert"
)

// guarantors are those who may vouch for the signer of a list: certificates
// that the operator pinned, and authorities of the store.
type guarantors struct {
	pins  []*cert.Certificate
	marks map[string]bool // SHA-256 of certificates that the operator pinned by fingerprint
	store *Store
	// speaks says whether a member may vouch. Being on somebody's list is not
	// enough: each of the hundred authorities on it could make a list for all
	// the others.
	speaks func(member *cert.Certificate) bool
}

// vouch looks for a way from the signer of a list to a guarantor.
func (g guarantors) vouch(signer *cert.Certificate, hints []*cert.Certificate) error {
	if since, revoked := g.store.Revoked(signer); revoked {
		return fmt.Errorf("%w: the certificate of %s was revoked on %s", ErrSigner, signer.Subject, since.Format("2006-01-02"))
	}
	if g.reaches(signer, hints, maxPath) {
		return nil
	}
	return fmt.Errorf("%w: it is %s (SHA-256 %s), issued by %s", ErrSigner, signer.Subject, fingerprint(signer.Raw), signer.Issuer)
}

// reaches goes from a certificate to its issuers, over hints where it must. A
// hint is used up, so that a circle ends.
func (g guarantors) reaches(c *cert.Certificate, hints []*cert.Certificate, steps int) bool {
	if g.pinned(c) {
		return true
	}
	for _, pin := range g.pins {
		if pin.IsCA && c.CheckSignatureFrom(pin) == nil {
			return true
		}
	}
	for _, member := range g.store.Issuers(c) {
		if member.IsCA && g.speaks(member) && c.CheckSignatureFrom(member) == nil {
			return true
		}
	}
	for i, hint := range hints {
		if steps == 0 || hint == c || !hint.IsCA || !mayIssue(hint, c) || c.CheckSignatureFrom(hint) != nil {
			continue
		}
		if g.reaches(hint, append(hints[:i:i], hints[i+1:]...), steps-1) {
			return true
		}
	}
	return false
}

func (g guarantors) pinned(c *cert.Certificate) bool {
	mark := fingerprint(c.Raw)
	if g.marks[mark] {
		return true
	}
	for _, pin := range g.pins {
		if fingerprint(pin.Raw) == mark {
			return true
		}
	}
	return false
}

// mayIssue is a cheap guess, before a signature is verified.
func mayIssue(parent, c *cert.Certificate) bool {
	if len(c.AuthorityKeyID) != 0 {
		return string(c.AuthorityKeyID) == string(parent.KeyIdentifier())
	}
	return c.Issuer.Equal(parent.Subject)
}
