// Package cardspec says what is known of a kind of card, as data: which
// applications and files it has, what opens them, what its machine readable zone
// looks like.
//
// No specification of the Moroccan identity card's chip is published. So every
// statement is a [Fact] with a [Mark]: documented, when a law, a standard or a
// measurement on public material says so; assumed, when it is an inference that a
// program may build on but must be ready to see refuted; unknown, when all that
// can be said is that somebody looked. A reader takes from here what to try, a
// simulator what to vary, and a report can show what it relied on.
//
// Nothing here is a test that a real card must pass: a card that differs from an
// assumption is a finding about the assumption.
package cardspec

import (
	"fmt"
	"slices"

	"cnie/lds"
)

// Mark says how well a statement is founded.
type Mark uint8

// The marks, weakest first, so that the zero value claims nothing.
const (
	Unknown Mark = iota
	Assumed
	Documented
)

// String gives "unknown", "assumed" or "documented".
func (m Mark) String() string {
	return [...]string{"unknown", "assumed", "documented"}[min(m, Documented)]
}

// Fact is a statement with the reason to believe it. Value is written for people
// to read and is empty when unknown.
type Fact struct {
	Field, Value string
	Mark         Mark
	Source       string // a law, a standard, or the kind of evidence
}

// Access is what opens a file.
type Access uint8

// The ways to open a file, ICAO 9303-10 and 9303-11.
const (
	Free     Access = iota + 1 // no key
	Basic                      // after PACE or BAC
	Extended                   // after Terminal Authentication too; never attempted here
)

// File says whether a file is there, and what opens it.
type File struct {
	File    lds.File
	Present bool // meaningless when Mark is Unknown
	Access  Access
	Mark    Mark
	Source  string
}

// Spec describes one kind of card. What programs act on has a field of its own;
// Facts holds every statement, those included.
type Spec struct {
	Name      string // for flags and files: "cnie2"
	Title     string
	AID       []byte // of the eMRTD application
	Format    lds.Format
	Codes     []string // document codes in the zone, none for any
	State     string   // issuing state in the zone, empty for any
	CANDigits int      // 0 when no CAN is printed
	ATR       []byte   // answer to reset, which says what the chip can do; none: any
	Files     []File
	Facts     []Fact
}

// Matches reports whether a zone can be that of such a card.
func (s Spec) Matches(m lds.MRZ) bool {
	return m.Format == s.Format &&
		(len(s.Codes) == 0 || slices.Contains(s.Codes, m.DocumentCode)) &&
		(s.State == "" || s.State == m.IssuingState)
}

// All lists the specifications, the most particular first.
func All() []Spec { return []Spec{cnie2(), residencePermit(), passport()} }

// ByName finds a specification by its short name.
func ByName(name string) (Spec, error) {
	for _, s := range All() {
		if s.Name == name {
			return s, nil
		}
	}
	return Spec{}, fmt.Errorf("no card specification is called %q", name)
}

// For finds the first specification that a zone fits.
func For(m lds.MRZ) (Spec, bool) {
	for _, s := range All() {
		if s.Matches(m) {
			return s, true
		}
	}
	return Spec{}, false
}
