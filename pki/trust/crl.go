package trust

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"cnie/pki/cert"
)

// maxNames bounds how often an authority may have changed its name.
const maxNames = 16

// CRLsFor returns the revocation lists that may speak for what issuer's key
// signed, newest first: those in its name, of whichever generation of its keys,
// and those in a name that a verified link certificate joins to it. The same
// list format serves a whole country, so that an old key needs none of its own
// (Doc 9303-12 §7.1.4). Unusable tells which of them count.
func (s *Store) CRLsFor(issuer *cert.Certificate) []*cert.CRL {
	var lists []*cert.CRL
	subject, isMember := s.subjects[issuer]
	if !isMember {
		subject = issuer.Subject.Canonical()
	}
	for _, name := range s.names(subject) {
		lists = append(lists, s.listsByName[name]...)
	}
	slices.SortStableFunc(lists, func(a, b *cert.CRL) int { return b.ThisUpdate.Compare(a.ThisUpdate) })
	return lists
}

// names are all that one authority had, found over links between two of them
// whose signature verifies.
func (s *Store) names(first string) []string {
	known := []string{first}
	for i := 0; i < len(known) && len(known) < maxNames; i++ {
		for _, bridge := range s.bridges[known[i]] {
			if !slices.ContainsFunc(s.candidates(bridge), func(p *cert.Certificate) bool { return s.signedBy(bridge, p) }) {
				continue
			}
			for _, name := range []string{bridge.Subject.Canonical(), bridge.Issuer.Canonical()} {
				if !slices.Contains(known, name) {
					known = append(known, name)
				}
			}
		}
	}
	return known
}

// CRLSigner returns the member whose key signed the list: one of the list
// issuer's name, named by the list's key identifier where there is one, that
// may sign lists and leads to an anchor. A key that its own list revokes counts:
// an authority that lost its key says so with it.
func (s *Store) CRLSigner(list *cert.CRL) (*cert.Certificate, bool) {
	s.mu.Lock()
	signer, known := s.signers[list]
	s.mu.Unlock()
	if known {
		return signer, signer != nil
	}
	signer = s.findSigner(list)
	s.mu.Lock()
	s.signers[list] = signer
	s.mu.Unlock()
	return signer, signer != nil
}

func (s *Store) findSigner(list *cert.CRL) *cert.Certificate {
	members := s.byName[list.Issuer.Canonical()]
	for _, c := range members[:min(len(members), maxCandidates)] {
		if len(list.AuthorityKeyID) != 0 && string(list.AuthorityKeyID) != string(c.KeyIdentifier()) {
			continue
		}
		if c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCRLSign == 0 {
			continue
		}
		if list.CheckSignatureFrom(c) == nil && s.toAnchor(c) != nil {
			return c
		}
	}
	return nil
}

// Unusable says why a list cannot be relied upon, whatever its age; it is empty
// for one that can.
func (s *Store) Unusable(list *cert.CRL) string {
	switch {
	case len(list.UnknownCritical) > 0:
		// RFC 5280 §5.2: what such an extension changes is unknown.
		return fmt.Sprintf("it has a critical extension that is not understood (%v)", list.UnknownCritical[0])
	case list.Scope != nil:
		// Doc 9303-12 §7.1.4 knows one whole list per State and no parts.
		return "it covers a part of what its issuer issued (issuingDistributionPoint)"
	}
	if _, ok := s.CRLSigner(list); !ok {
		return "no authority here signed it"
	}
	return ""
}

// Revoked reports whether a usable list names the certificate, and since when.
// How current the lists are is another question.
func (s *Store) Revoked(c *cert.Certificate) (since time.Time, revoked bool) {
	for _, issuer := range s.Issuers(c) {
		for _, list := range s.CRLsFor(issuer) {
			if since, revoked = list.Revoked(c.Serial); revoked && s.Unusable(list) == "" {
				return since, true
			}
		}
	}
	return time.Time{}, false
}

// Lists returns the revocation lists.
func (s *Store) Lists() []*cert.CRL { return slices.Clone(s.lists) }
