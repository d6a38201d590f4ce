package simulator_test

import (
	"bytes"
	"crypto/sha1"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/vectors"
	"cnie/lds"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// TestEveryPersona opens each shipped card in every way that it offers, reads
// what a terminal may read and runs each Chip Authentication.
func TestEveryPersona(t *testing.T) {
	for _, name := range persona.Names() {
		t.Run(name, func(t *testing.T) {
			loaded, err := persona.Load(name)
			require.NoError(t, err)
			card, err := loaded.Card()
			require.NoError(t, err)
			card.Quirks = nil // this terminal has none of the patience that a reader has
			for _, s := range waysIn(t, card) {
				readAll(t, card, s)
			}
		})
	}
}

// TestPublishedDump plays an LDS that nobody here made: access works, and Chip
// Authentication is refused under a session that goes on.
func TestPublishedDump(t *testing.T) {
	card, err := persona.FromDir(vectors.Shared(t, "bsi2008"))
	require.NoError(t, err)
	terminal := waysIn(t, card)[0]
	readAll(t, card, terminal)
	assert.Equal(t, "6a88", terminal.exchange("002241a6029100"))
	assert.Equal(t, "6982", terminal.exchange("00b0830000"), "EF.DG3")
	readAll(t, card, terminal)
}

// waysIn is a session, in the application, for each access procedure.
func waysIn(t *testing.T, card *persona.Card) (sessions []*terminal) {
	for _, info := range card.PACE {
		digest := sha1.Sum(card.MRZ.Seed())
		passwords := map[byte][]byte{1: digest[:], 2: []byte(card.CAN)}
		if card.PIN != "" && card.Retries.PIN-card.Retries.Spent > 1 {
			passwords[3] = []byte(card.PIN)
		}
		for reference, password := range passwords {
			chip := simulator.New(card)
			o := openWith(t, chip.Transmit, info, parametersOf(t, card, info), reference, password)
			require.Equal(t, []byte{0x90, 0}, o.sw)
			sessions = append(sessions, newTerminal(t, chip.Transmit, o.session))
		}
	}
	if card.BAC {
		chip := simulator.New(card)
		exchange(t, chip, selectTravel, "9000")
		s, sw := runBAC(t, chip.Transmit, card.MRZ.Seed())
		require.Equal(t, []byte{0x90, 0}, sw)
		sessions = append(sessions, newTerminal(t, chip.Transmit, s))
	}
	require.NotEmpty(t, sessions)
	return sessions
}

func readAll(t *testing.T, card *persona.Card, terminal *terminal) {
	require.Equal(t, "9000", terminal.exchange(selectTravel))
	for f, want := range card.Files {
		if f.InMasterFile() || f == lds.DG3 || f == lds.DG4 {
			continue
		}
		require.True(t, bytes.Equal(want, readFile(terminal, f)), f)
	}
	for _, key := range card.ChipKeys {
		if key.Cipher == 0 {
			continue // serves Chip Authentication Mapping
		}
		next := newTerminal(t, terminal.transmit, agree(t, terminal, key))
		require.True(t, bytes.Equal(card.Files[lds.DG1], readFile(next, lds.DG1)))
		*terminal = *next
	}
}

// parametersOf is the standard's number of domain parameters, also of those that
// a card writes out.
func parametersOf(t *testing.T, card *persona.Card, info lds.PACEInfo) int {
	for _, own := range card.PACEParameters {
		for _, id := range allIDs {
			var encoded []byte
			if s := sideOf(t, id); s.curve != nil {
				encoded = s.curve.ExplicitDER()
			} else {
				encoded = s.numbers.X942()
			}
			if own.ParameterID == info.ParameterID && bytes.HasSuffix(own.Parameters, encoded) {
				return id
			}
		}
	}
	return info.ParameterID
}

// readFile reads by short identifier, then by offset, in blocks that fit, until
// nothing is left.
func readFile(terminal *terminal, f lds.File) (content []byte) {
	head := []byte{0, 0xB0, 0x80 | f.SFI(), 0}
	for {
		answer := terminal.open(terminal.t, terminal.transmit(terminal.build(head, nil, []byte{0})), false)
		if len(answer) == 2 { // at the end
			return content
		}
		content = append(content, answer[:len(answer)-2]...)
		head = []byte{0, 0xB0, byte(len(content) >> 8), byte(len(content))}
	}
}
