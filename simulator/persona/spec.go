package persona

import (
	"cmp"
	"fmt"
	"slices"

	"cnie/lds"
	"cnie/lds/cardspec"
)

// A persona may name the kind of card that it is (package cardspec). Then what it
// leaves out is that kind's, and it can be of no other: a specification that
// changes shows which personas no longer follow it.

var specNames = func() (names []string) {
	for _, s := range cardspec.All() {
		names = append(names, s.Name)
	}
	return names
}()

// asSpecified fills in what the kind of card says.
func (p Persona) asSpecified() Persona {
	spec, err := cardspec.ByName(p.CardSpec)
	if err != nil {
		return p // none is named, or check says so
	}
	p.Document.Format = cmp.Or(p.Document.Format, spec.Format.String())
	p.Document.State = cmp.Or(p.Document.State, spec.State)
	if len(spec.Codes) > 0 && !slices.Contains(spec.Codes, usualCode) {
		p.Document.Code = cmp.Or(p.Document.Code, spec.Codes[0])
	}
	if p.Chip.extendedLength() && len(spec.ATR) > 0 {
		p.Chip.ATR = cmp.Or(p.Chip.ATR, fmt.Sprintf("%X", spec.ATR))
	}
	return p
}

// checkSpec holds the finished card against the kind that it was said to be.
func (p Persona) checkSpec(card *Card) error {
	if p.CardSpec == "" {
		return nil
	}
	spec, err := cardspec.ByName(p.CardSpec)
	if err != nil {
		return err
	}
	if !spec.Matches(p.mrz()) {
		return wrong("$.cardspec", "the machine-readable zone is not that of %s", spec.Name)
	}
	seen := cardspec.Seen{ATR: card.ATR, PACE: len(card.PACE) > 0, Listed: []lds.File{}}
	for f := range card.Files {
		if f.IsDataGroup() {
			seen.Listed = append(seen.Listed, f)
		}
	}
	for _, f := range spec.Files {
		if f.Access == cardspec.Free && card.Files[f.File] != nil {
			seen.Open = append(seen.Open, f.File)
		}
	}
	for _, f := range spec.Compare(seen) {
		if !f.Fits {
			return wrong("$.cardspec", "%s of %s is %s (%s), and here %s", f.Field, spec.Name, f.Said, f.Mark, f.Seen)
		}
	}
	return nil
}
