package trust

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"sync"
	"time"

	"cnie/pki/cert"
)

// Bounds on a search, whatever is in the store.
const (
	maxPath       = 8  // certificates from an issuer to its anchor
	maxCandidates = 32 // issuers tried for one certificate; one name had 15 in the list of June 2025
)

// Store is a set of country signing certificates and revocation lists. It does
// not change and is safe for concurrent use.
type Store struct {
	certificates []*cert.Certificate
	lists        []*cert.CRL
	byKey        map[string][]*cert.Certificate // subject key identifier
	byName       map[string][]*cert.Certificate // canonical subject
	subjects     map[*cert.Certificate]string   // the other way round
	listsByName  map[string][]*cert.CRL         // canonical issuer
	bridges      map[string][]*cert.Certificate // links across a change of name, under both names
	standings    map[*cert.Certificate]Standing // of a managed directory

	mu      sync.Mutex
	proven  map[link]bool                   // signatures between members, verified once
	signers map[*cert.CRL]*cert.Certificate // whose key signed a list, nil for nobody's
}

// link is the claim that one member's key signed another.
type link struct{ child, parent *cert.Certificate }

// NewStore indexes certificates and lists; certificates that stand twice count
// once.
func NewStore(csca []*cert.Certificate, lists []*cert.CRL) *Store {
	s := &Store{
		lists:       lists,
		byKey:       map[string][]*cert.Certificate{},
		byName:      map[string][]*cert.Certificate{},
		subjects:    map[*cert.Certificate]string{},
		listsByName: map[string][]*cert.CRL{},
		bridges:     map[string][]*cert.Certificate{},
		proven:      map[link]bool{},
		signers:     map[*cert.CRL]*cert.Certificate{},
	}
	seen := map[[sha256.Size]byte]bool{}
	for _, c := range csca {
		fingerprint := sha256.Sum256(c.Raw)
		if seen[fingerprint] {
			continue
		}
		seen[fingerprint] = true
		s.add(c)
	}
	for _, list := range lists {
		name := list.Issuer.Canonical()
		s.listsByName[name] = append(s.listsByName[name], list)
	}
	return s
}

func (s *Store) add(c *cert.Certificate) {
	s.certificates = append(s.certificates, c)
	key, name := string(c.KeyIdentifier()), c.Subject.Canonical()
	s.byKey[key] = append(s.byKey[key], c)
	s.byName[name] = append(s.byName[name], c)
	s.subjects[c] = name
	// No State renames itself into another, whose lists are not its own.
	if former := c.Issuer.Canonical(); former != name && c.IsCA && c.Issuer.Country == c.Subject.Country {
		s.bridges[former] = append(s.bridges[former], c)
		s.bridges[name] = append(s.bridges[name], c)
	}
}

// Issuers returns the members that may have issued c and that lead to an
// anchor, self-signed ones first: those whose key c's authority key identifier
// names. Where c names no key, a member must have the name of c's issuer and
// its key must have signed c. For the others the signature is the caller's to
// verify.
func (s *Store) Issuers(c *cert.Certificate) []*cert.Certificate {
	candidates := s.candidates(c)
	named := len(c.AuthorityKeyID) != 0
	var found []*cert.Certificate
	steps := map[*cert.Certificate]int{}
	for _, candidate := range candidates {
		if !named && c.CheckSignatureFrom(candidate) != nil {
			continue
		}
		if path := s.toAnchor(candidate); path != nil {
			found = append(found, candidate)
			steps[candidate] = len(path)
		}
	}
	slices.SortStableFunc(found, func(a, b *cert.Certificate) int { return cmp.Compare(steps[a], steps[b]) })
	return found
}

// candidates are at most maxCandidates members that may have issued c, by the
// key identifier that c names, else by its issuer's name.
func (s *Store) candidates(c *cert.Certificate) []*cert.Certificate {
	found := s.byKey[string(c.AuthorityKeyID)]
	if len(c.AuthorityKeyID) == 0 {
		found = s.byName[c.Issuer.Canonical()]
	}
	return found[:min(len(found), maxCandidates)]
}

// Path returns the certificates from the issuer of c to a self-signed anchor,
// every signature on the way verified, or nil when there is no such path.
func (s *Store) Path(c *cert.Certificate) []*cert.Certificate {
	for _, issuer := range s.Issuers(c) {
		if c.CheckSignatureFrom(issuer) == nil {
			return s.toAnchor(issuer)
		}
	}
	return nil
}

// PathFrom is Path for a member that is known to be the issuer: the certificates
// from it to its anchor, itself alone where its own key signed it.
func (s *Store) PathFrom(issuer *cert.Certificate) []*cert.Certificate { return s.toAnchor(issuer) }

// toAnchor finds the shortest way over verified signatures among members from c
// to one that is self-signed, breadth first. Each member is visited once, since
// links, which have the name of their own issuer, may run in circles.
func (s *Store) toAnchor(c *cert.Certificate) []*cert.Certificate {
	type step struct {
		at   *cert.Certificate
		path []*cert.Certificate
	}
	visited := map[*cert.Certificate]bool{c: true}
	for queue := []step{{at: c}}; len(queue) > 0; queue = queue[1:] {
		here := queue[0]
		path := append(slices.Clip(here.path), here.at)
		if here.at.SelfIssued() && s.signedBy(here.at, here.at) {
			return path
		}
		// A document signer that strayed into the folder passes nothing on.
		if !here.at.IsCA || len(path) == maxPath {
			continue
		}
		for _, parent := range s.candidates(here.at) {
			if !visited[parent] && s.signedBy(here.at, parent) {
				visited[parent] = true
				queue = append(queue, step{parent, path})
			}
		}
	}
	return nil
}

// signedBy verifies a signature between members once in the store's life.
func (s *Store) signedBy(child, parent *cert.Certificate) bool {
	claim := link{child, parent}
	s.mu.Lock()
	ok, known := s.proven[claim]
	s.mu.Unlock()
	if known {
		return ok
	}
	ok = child.CheckSignatureFrom(parent) == nil
	s.mu.Lock()
	s.proven[claim] = ok
	s.mu.Unlock()
	return ok
}

// Members returns the certificates in the order in which they were loaded.
func (s *Store) Members() []*cert.Certificate { return slices.Clone(s.certificates) }

// Count is the number of certificates and of revocation lists.
func (s *Store) Count() (certificates, lists int) { return len(s.certificates), len(s.lists) }

// Oldest is the date of the oldest revocation list: how old the store's
// knowledge of revocation may be. It is zero when there is no list.
func (s *Store) Oldest() time.Time {
	var oldest time.Time
	for _, list := range s.lists {
		if oldest.IsZero() || list.ThisUpdate.Before(oldest) {
			oldest = list.ThisUpdate
		}
	}
	return oldest
}
