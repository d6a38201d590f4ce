package trust

import (
	"crypto/x509"
	"fmt"
	"slices"

	"cnie/pki/cert"
)

// maxHints bounds the signatures that are verified on the word of a stranger.
const maxHints = 128

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

// vouch looks for a way from the signer of a list to a guarantor: from each
// certificate to its issuers, over hints where it must. All of them are of the
// signer's State, which the list goes by. Each hint is gone through once.
func (g guarantors) vouch(signer *cert.Certificate, hints []*cert.Certificate) (by *cert.Certificate, err error) {
	if since, revoked := g.store.Revoked(signer); revoked {
		return nil, fmt.Errorf("%w: the certificate of %s was revoked on %s", ErrSigner, signer.Subject, since.Format("2006-01-02"))
	}
	state := signer.Issuer.Country
	hints = slices.DeleteFunc(slices.Clone(hints), func(hint *cert.Certificate) bool { return hint.Subject.Country != state || !g.certifies(hint) })
	tries, reached := maxHints, []*cert.Certificate{signer}
	for level := 0; len(reached) > 0 && level <= maxPath; level++ {
		var above []*cert.Certificate
		for _, c := range reached {
			if by := g.guarantor(c, state); by != nil {
				return by, nil
			}
			hints = slices.DeleteFunc(hints, func(hint *cert.Certificate) bool {
				if hint == c || !mayIssue(hint, c) || tries == 0 {
					return hint == c
				}
				tries--
				if c.CheckSignatureFrom(hint) != nil {
					return false
				}
				above = append(above, hint)
				return true
			})
		}
		reached = above
	}
	return nil, fmt.Errorf("%w: it is %s (SHA-256 %s), issued by %s", ErrSigner, signer.Subject, fingerprint(signer.Raw), signer.Issuer)
}

// guarantor finds who vouches for c at first hand: the operator, or an authority
// of the State that issued it.
func (g guarantors) guarantor(c *cert.Certificate, state string) *cert.Certificate {
	if g.pinned(c) {
		return c
	}
	issued := func(by *cert.Certificate) bool {
		return by.Subject.Country == state && g.certifies(by) && c.CheckSignatureFrom(by) == nil
	}
	if i := slices.IndexFunc(g.pins, issued); i >= 0 {
		return g.pins[i]
	}
	for _, member := range g.store.Issuers(c) {
		if g.speaks(member) && issued(member) && !slices.ContainsFunc(g.store.toAnchor(member), g.fallen) {
			return member
		}
	}
	return nil
}

// certifies says that c is an authority that nobody revoked.
func (g guarantors) certifies(c *cert.Certificate) bool {
	_, revoked := g.store.Revoked(c)
	return c.IsCA && (c.KeyUsage == 0 || c.KeyUsage&x509.KeyUsageCertSign != 0) && !revoked
}

// fallen says that a member was revoked, or left its list while in force and
// nobody knows why: if its key was stolen, the thief writes lists as well.
func (g guarantors) fallen(c *cert.Certificate) bool {
	_, revoked := g.store.Revoked(c)
	s := g.store.Standing(c)
	return revoked || s.Vanished && s.Reason == ""
}

func (g guarantors) pinned(c *cert.Certificate) bool {
	mark := fingerprint(c.Raw)
	return g.marks[mark] || slices.ContainsFunc(g.pins, func(pin *cert.Certificate) bool { return fingerprint(pin.Raw) == mark })
}

// mayIssue is a cheap guess, before a signature is verified.
func mayIssue(parent, c *cert.Certificate) bool {
	if len(c.AuthorityKeyID) != 0 {
		return string(c.AuthorityKeyID) == string(parent.KeyIdentifier())
	}
	return c.Issuer.Equal(parent.Subject)
}
