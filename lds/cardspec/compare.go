package cardspec

import (
	"bytes"
	"fmt"
	"slices"

	"cnie/lds"
)

// Seen is what a card showed, to a reader or in a simulator: nothing of it is
// about the holder.
type Seen struct {
	ATR    []byte
	PACE   bool
	Open   []lds.File // readable without a key
	Listed []lds.File // data groups that EF.SOD lists; nil: not known
}

// Finding is a statement of the specification beside what a card showed. What was
// unknown and is seen now is worth telling whoever keeps the specification.
type Finding struct {
	Field string
	Mark  Mark
	Said  string // "" when unknown
	Seen  string
	Fits  bool // or nothing was said
}

// Compare sets what a card showed against the specification. A card that differs
// is no forgery: the specification may be wrong.
func (s Spec) Compare(seen Seen) (findings []Finding) {
	if len(s.ATR) > 0 && len(seen.ATR) > 0 {
		findings = append(findings, Finding{"ATR", Assumed, fmt.Sprintf("%X", s.ATR), fmt.Sprintf("%X", seen.ATR), bytes.Equal(s.ATR, seen.ATR)})
	}
	if s.CANDigits > 0 { // a CAN has no other use, ICAO 9303-11 §4.4
		findings = append(findings, Finding{"PACE", Assumed, presence(true), presence(seen.PACE), seen.PACE})
	}
	for _, f := range s.Files {
		list := seen.Listed
		if f.Access == Free {
			list = append([]lds.File{}, seen.Open...)
		} else if !f.File.IsDataGroup() {
			continue // not signed for, so that nobody knows without asking for it
		}
		if list != nil {
			findings = append(findings, f.compare(slices.Contains(list, f.File)))
		}
	}
	return findings
}

// compare forgives a card a file that is optional.
func (f File) compare(there bool) Finding {
	if f.Mark == Unknown {
		return Finding{f.File.String(), f.Mark, "", presence(there), true}
	}
	said := presence(f.Present)
	if !f.Present {
		said = "optional"
	}
	return Finding{f.File.String(), f.Mark, said, presence(there), there || !f.Present}
}

func presence(there bool) string {
	if there {
		return "there"
	}
	return "not there"
}
