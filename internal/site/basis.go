package site

import (
	"slices"
	"strings"
	"time"
)

// Basis is what makes it lawful to process personal data, law 09-08 article 4.
type Basis string

// The bases.
const (
	Consent            Basis = "consent"
	Contract           Basis = "contract"
	LegalObligation    Basis = "legal-obligation"
	VitalInterest      Basis = "vital-interest"
	PublicInterest     Basis = "public-interest"
	LegitimateInterest Basis = "legitimate-interest"
)

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// ground is what a basis carries. The bounds are this program's, not the law's,
// which says only that nothing is kept longer or asked more than is needed
// (article 3): they are where a purpose stops explaining itself.
type ground struct {
	basis Basis
	// reference is what the purpose has to name as its reference, empty: nothing.
	reference string
	most      time.Duration // of retention
	why       string        // of that
	never     map[Field]string
}

const (
	registers = "it opens the registers of the State, and only a law or a public task asks for it"
	ownWeight = "it weighs more than an interest of one's own"
)

var grounds = []ground{
	{basis: Consent, most: year, why: "who agreed once is asked again after a year",
		never: map[Field]string{PersonalNumber: registers}},
	{basis: Contract, reference: "the contract", most: 10 * year, why: "ten years are what merchants keep their books",
		never: map[Field]string{PersonalNumber: registers, BirthPlace: "no contract is performed with a place of birth; if a law asks for it, name the law"}},
	{basis: LegalObligation, reference: "the law and its article", most: 10 * year, why: "a law that asks for more is rare, and its term is the controller's to manage"},
	{basis: VitalInterest, most: 90 * day, why: "the danger is over by then",
		never: map[Field]string{PersonalNumber: registers, Nationality: "help does not depend on it", BirthPlace: "help does not depend on it"}},
	{basis: PublicInterest, reference: "the text that gives the task", most: 5 * year, why: "what a task needs for longer belongs into its own files"},
	{basis: LegitimateInterest, reference: "where it was weighed against the citizen's", most: 90 * day, why: "an interest of one's own weighs less with every day",
		never: map[Field]string{
			Photo: "the clerk compares the printed one", CIN: ownWeight + "; same-person recognises somebody without it", PersonalNumber: ownWeight,
			Address: ownWeight + "; lives-in answers without it", BirthDate: ownWeight + "; over-16 and over-18 answer without it",
			BirthPlace: ownWeight, Sex: ownWeight, Nationality: ownWeight,
		}},
}

// Bases lists the bases in the order of the law.
func Bases() []Basis {
	var bases []Basis
	for _, g := range grounds {
		bases = append(bases, g.basis)
	}
	return bases
}

func (b Basis) ground() (ground, bool) {
	i := slices.IndexFunc(grounds, func(g ground) bool { return g.basis == b })
	if i < 0 {
		return ground{}, false
	}
	return grounds[i], true
}

// numbered are fields that may only be processed with an authorisation of the
// CNDP, law 09-08 article 12: data that include the national number. What a card
// has as personal number is, as far as is known, the same.
var numbered = []Field{CIN, PersonalNumber}

// carrying lists the bases on which a field may be asked for, as a sentence
// continues "it would take".
func carrying(f Field) string {
	var names []string
	for _, g := range grounds {
		if _, never := g.never[f]; !never {
			names = append(names, string(g.basis))
		}
	}
	needs := "the basis " + strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
	if slices.Contains(numbered, f) {
		needs += ", with an authorisation of the CNDP"
	}
	return needs
}

// biometric are words for what is not asked for at a counter on any basis.
var biometric = []string{"fingerprint", "fingerprints", "iris", "irises", "dg3", "dg4"}
