package revocation

import (
	"bytes"
	"slices"

	"cnie/pki/adsig/checked"
	"cnie/pki/cert"
)

// Set is revocation material at hand, read once. Material that cannot be read
// is as good as none.
type Set struct {
	// Checked remembers the signatures that were verified; nil: only those of
	// questions that were asked before.
	Checked *checked.Signatures

	lists     []*cert.CRL
	responses []*Response
	known     map[question][]Answer // asked before: every answer costs a signature
}

type question struct{ subject, issuer *cert.Certificate }

// maxMaterial bounds what one signature may bring.
const maxMaterial = 256

// NewSet reads lists and responses. The same one given twice counts once.
func NewSet(lists, responses [][]byte) *Set {
	s := &Set{}
	s.Add(lists, responses)
	return s
}

// Add reads more. A Set is for one goroutine at a time.
func (s *Set) Add(lists, responses [][]byte) {
	s.known = map[question][]Answer{}
	for _, der := range lists {
		known := slices.ContainsFunc(s.lists, func(l *cert.CRL) bool { return bytes.Equal(l.Raw, der) })
		if known || len(s.lists) == maxMaterial {
			continue
		}
		if l, err := cert.ParseCRL(der); err == nil {
			s.lists = append(s.lists, l)
		}
	}
	for _, der := range responses {
		known := slices.ContainsFunc(s.responses, func(r *Response) bool { return bytes.Equal(r.Raw, der) })
		if known || len(s.responses) == maxMaterial {
			continue
		}
		if r, err := ParseResponse(der); err == nil {
			s.responses = append(s.responses, r)
		}
	}
}

// About lists what the material says of a certificate, the latest first.
func (s *Set) About(c, issuer *cert.Certificate) []Answer {
	all, asked := s.known[question{c, issuer}]
	if asked {
		return all
	}
	for _, r := range s.responses {
		if a, err := r.about(c, issuer, s.Checked); err == nil {
			all = append(all, a)
		}
	}
	for _, l := range s.lists {
		if a, err := fromList(l, c, issuer, s.Checked); err == nil {
			all = append(all, a)
		}
	}
	slices.SortStableFunc(all, func(a, b Answer) int { return b.ThisUpdate.Compare(a.ThisUpdate) })
	s.known[question{c, issuer}] = all
	return all
}
