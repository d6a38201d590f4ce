package trust

import (
	"fmt"
	"slices"
	"time"

	"cnie/pki/cert"
	"cnie/pki/cms"
)

// contents is one version of a managed directory, parsed.
type contents struct {
	index        *index
	certificates map[string]*cert.Certificate // members by SHA-256
	pins         []*cert.Certificate          // of kind Signer
	lists        []*cert.CRL
}

// load reads and parses every file that the index names. What was verified when
// it came in is not verified again; that it is still the same is.
func (x *index) load(read func(name string) ([]byte, error)) (*contents, error) {
	c := &contents{index: x, certificates: map[string]*cert.Certificate{}}
	for _, h := range x.Held {
		raw, err := checked(read, h.file(), h.SHA256)
		if err == nil {
			err = c.add(h.Kind, raw)
		}
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", h.Kind, h.Name, err)
		}
	}
	for _, m := range x.Members {
		if m.File && c.certificates[m.SHA256] == nil {
			raw, err := checked(read, m.SHA256+"."+extensions[Authority], m.SHA256)
			if err == nil {
				err = c.add(Authority, raw)
			}
			if err != nil {
				return nil, fmt.Errorf("certificate %s: %w", m.SHA256, err)
			}
		}
		if c.certificates[m.SHA256] == nil {
			return nil, fmt.Errorf("%w: certificate %s is in no file", errIndex, m.SHA256)
		}
	}
	if len(c.certificates) != len(x.Members) {
		return nil, fmt.Errorf("%w: %d certificates in files, %d listed", errIndex, len(c.certificates), len(x.Members))
	}
	return c, nil
}

// checked reads a file and compares it with its hash.
func checked(read func(name string) ([]byte, error), name, sum string) ([]byte, error) {
	raw, err := read(name)
	if err != nil {
		return nil, err
	}
	if fingerprint(raw) != sum {
		return nil, fmt.Errorf("%w: the content of %s has changed", cert.ErrMalformed, name)
	}
	return raw, nil
}

// add parses a file. Certificates inside a master list that cannot be read were
// remarked upon when the list came in.
func (c *contents) add(kind Kind, raw []byte) error {
	switch kind {
	case MasterList:
		sd, err := cms.Parse(raw)
		if err != nil {
			return err
		}
		for entry, err := range masterListEntries(sd.Content) {
			if err != nil {
				return err
			}
			if parsed, err := cert.Parse(entry); err == nil {
				c.certificates[fingerprint(entry)] = parsed
			}
		}
	case RevocationList:
		list, err := cert.ParseCRL(raw)
		c.lists = append(c.lists, list)
		return err
	case Authority, Signer:
		parsed, err := cert.Parse(raw)
		if kind == Signer {
			c.pins = append(c.pins, parsed)
		} else {
			c.certificates[fingerprint(raw)] = parsed
		}
		return err
	}
	return nil
}

// store indexes the contents, every member with its standing.
func (c *contents) store() *Store {
	members := make([]*cert.Certificate, 0, len(c.index.Members))
	standings := make(map[*cert.Certificate]Standing, len(c.index.Members))
	for _, m := range c.index.Members {
		member := c.certificates[m.SHA256]
		members = append(members, member)
		standings[member] = c.index.standing(m)
	}
	s := NewStore(members, c.lists)
	s.standings = standings
	return s
}

func (x *index) standing(m member) Standing {
	st := Standing{Vanished: m.vanished(), Reason: m.Reason}
	for _, seen := range m.Seen {
		source := Source{Name: byOperator, FirstSeen: seen.First, LastSeen: seen.Last, Gone: seen.Gone}
		list := x.held(MasterList, seen.By)
		if seen.By == byOperator {
			list = x.file(m.SHA256, Authority)
		} else {
			source.Name = string(MasterList) + " " + seen.By
		}
		if list != nil {
			source.Origin, source.Signer = list.Origin, list.Signer
		}
		if list != nil && list.Kind == MasterList {
			source.Newest = list.Date
		}
		if seen.Gone.After(st.Since) {
			st.Since = seen.Gone
		}
		st.Sources = append(st.Sources, source)
	}
	return st
}

// file finds a file by its hash among those of the given kinds.
func (x *index) file(sum string, kinds ...Kind) *Held {
	i := slices.IndexFunc(x.Held, func(h Held) bool { return h.SHA256 == sum && slices.Contains(kinds, h.Kind) })
	if i < 0 {
		return nil
	}
	return &x.Held[i]
}

// vanished says that a list dropped the certificate while it was in force, and
// that the operator did not bring it in himself.
func (m *member) vanished() bool {
	gone := false
	for _, seen := range m.Seen {
		if seen.By == byOperator {
			return false
		}
		gone = gone || seen.Vanished
	}
	return gone
}

// saw records that a publisher's list of that date has the certificate.
func (m *member) saw(by string, date time.Time) {
	for i := range m.Seen {
		if seen := &m.Seen[i]; seen.By == by {
			if seen.Vanished {
				m.Reason, m.Noted = "", time.Time{} // the next time is another matter
			}
			seen.Last, seen.Gone, seen.Vanished = date, time.Time{}, false
			if date.Before(seen.First) {
				seen.First = date
			}
			return
		}
	}
	m.Seen = append(m.Seen, sighting{By: by, First: date, Last: date})
}

// missed records that it no longer has it. Whether that is odd depends on
// whether the certificate was still in force.
func (m *member) missed(by string, date, notAfter time.Time) {
	for i := range m.Seen {
		if seen := &m.Seen[i]; seen.By == by && seen.Gone.IsZero() {
			seen.Gone, seen.Vanished = date, date.Before(notAfter)
		}
	}
}

// listedBy reports whether a publisher lists it now.
func (m *member) listedBy(by string) bool {
	return slices.ContainsFunc(m.Seen, func(s sighting) bool { return s.By == by && s.Gone.IsZero() })
}
