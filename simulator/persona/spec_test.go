package persona

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/lds/cardspec"
)

// A persona of a kind takes from it what it leaves out.
func TestDefaultsOfTheCardSpec(t *testing.T) {
	bare := Persona{
		Name: "kind", Expect: Expect{Verdict: "accepted"},
		Person:   Person{Surname: "SPECIMEN", GivenNames: "GENRE", Birth: "1990-01-01"},
		Document: Document{Number: "ZZZ0GENRE", Issued: "2025-01-02", Expires: "2035-01-01"},
		Chip:     Chip{PACE: []Protocol{{Curve: "P-256", Cipher: "AES-128"}}},
	}
	for _, spec := range cardspec.All() {
		p := bare
		p.CardSpec = spec.Name
		card, err := p.Card()
		require.NoError(t, err, spec.Name)
		group, err := lds.ParseDG1(card.Files[lds.DG1])
		require.NoError(t, err)
		assert.True(t, spec.Matches(group), spec.Name)
		if len(spec.ATR) > 0 {
			assert.Equal(t, spec.ATR, card.ATR)
		}
	}
}

// One that differs from its kind is no card, and says in what.
func TestCardSpecIsKept(t *testing.T) {
	for want, change := range map[string]func(*Persona){
		"cardspec: the machine-readable zone is not that of cnie2":       func(p *Persona) { p.Document.Code = "IR" },
		"cardspec: PACE of cnie2 is there (assumed), and here not there": func(p *Persona) { p.Chip.PACE, p.Chip.Authentication, p.Chip.BAC = nil, nil, true },
		"cardspec: want ": func(p *Persona) { p.CardSpec = "cnie3" },
		fmt.Sprintf("cardspec: ATR of cnie2 is %s (assumed), and here 3B00", defaultATR): func(p *Persona) { p.Chip.ATR = "3B00" },
	} {
		p, err := Load("arabic-names")
		require.NoError(t, err)
		require.Equal(t, "cnie2", p.CardSpec)
		change(p)
		_, err = p.Card()
		require.Error(t, err, want)
		assert.Contains(t, err.Error(), want)
	}
}
