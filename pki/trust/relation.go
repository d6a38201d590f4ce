package trust

import (
	"fmt"

	"cnie/pki/cert"
)

// Relation says how one member stands among the others.
type Relation struct {
	Certificate *cert.Certificate
	SelfSigned  bool              // an anchor: its own key signed it
	Parent      *cert.Certificate // the member whose key signed it; nil for an anchor and where Missing says why
	Anchor      *cert.Certificate // where the chain of parents ends; nil when it ends nowhere
	Missing     string            // why there is no parent, or no anchor behind it
}

// Relations reports every member, in the order in which they were loaded, with
// all signatures between them verified. That takes a while for a whole master
// list; progress, when it is not nil, is told after each.
func (s *Store) Relations(progress func(done, total int)) []Relation {
	all := make([]Relation, 0, len(s.certificates))
	for _, c := range s.certificates {
		all = append(all, s.relation(c))
		if progress != nil {
			progress(len(all), len(s.certificates))
		}
	}
	return all
}

func (s *Store) relation(c *cert.Certificate) Relation {
	r := Relation{Certificate: c}
	if c.SelfIssued() && s.signedBy(c, c) {
		r.SelfSigned, r.Anchor = true, c
		return r
	}
	candidates := s.candidates(c)
	shortest := maxPath + 1
	for _, candidate := range candidates {
		if candidate == c || !s.signedBy(c, candidate) {
			continue
		}
		path := s.toAnchor(candidate)
		if r.Parent == nil || path != nil && len(path) < shortest {
			r.Parent = candidate
		}
		if path != nil && len(path) < shortest {
			r.Anchor, shortest = path[len(path)-1], len(path)
		}
	}
	if r.Anchor == nil {
		r.Missing = missing(c, r.Parent, candidates)
	}
	return r
}

// missing puts in words why a chain ends: what to look for, or what is wrong.
func missing(c, parent *cert.Certificate, candidates []*cert.Certificate) string {
	switch {
	case parent != nil:
		return fmt.Sprintf("its parent %X is here, but leads to no self-signed certificate", parent.KeyIdentifier())
	case len(c.AuthorityKeyID) == 0 && len(candidates) == 0:
		return fmt.Sprintf("it names no key, and no certificate of %s is here", c.Issuer)
	case len(c.AuthorityKeyID) == 0:
		return fmt.Sprintf("it names no key, and none of the certificates of %s here signed it", c.Issuer)
	case len(candidates) == 0 || len(candidates) == 1 && candidates[0] == c:
		return fmt.Sprintf("the key %X of %s is not here", c.AuthorityKeyID, c.Issuer)
	}
	return fmt.Sprintf("a key %X is here, but it did not sign this certificate", c.AuthorityKeyID)
}
