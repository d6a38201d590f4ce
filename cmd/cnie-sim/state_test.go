package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
)

// used is the state of a card that was used.
func used(t testing.TB) cardState {
	t.Helper()
	contents, err := piv.Specimen("SPECIMEN AMINA", map[piv.Slot]piv.Algorithm{piv.Signature: piv.P256})
	require.NoError(t, err)
	contents.PIN.Left = 1
	return cardState{Guesses: 4, PIV: contents}
}

func TestStateGoesToAFileAndBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cards.json")
	first, err := openState(path)
	require.NoError(t, err)
	want := used(t)
	require.NoError(t, first.keep("specimen", func(s *cardState) { *s = want }))
	require.NoError(t, first.keep("specimen", func(s *cardState) { s.Guesses++ }))
	second, err := openState(path)
	require.NoError(t, err)
	want.Guesses++
	assert.Equal(t, want, second.of("specimen"))
	assert.Zero(t, second.of("expired"))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing is left beside it")
}

// Wrong guesses of the CAN outlive the run, and a right one is remembered too.
func TestGuessesAreKept(t *testing.T) {
	s, err := openState(filepath.Join(t.TempDir(), "cards.json"))
	require.NoError(t, err)
	box := &box{state: s, figures: map[string]*figure{}, stderr: os.Stderr}
	f, err := box.take("bac-only")
	require.NoError(t, err)
	for _, command := range []string{
		"\x00\xA4\x04\x0C\x07\xA0\x00\x00\x02\x47\x10\x01", "\x00\x84\x00\x00\x08",
		"\x00\x82\x00\x00\x28" + string(make([]byte, 40)) + "\x28",
	} {
		f.Transmit([]byte(command))
	}
	require.Equal(t, 1, f.Guesses())
	assert.Equal(t, 1, s.of("bac-only").Guesses)
	box.figures = map[string]*figure{}
	again, err := box.take("bac-only")
	require.NoError(t, err)
	assert.Equal(t, 1, again.Guesses())
	fresh, err := newFigure("bac-only", &persona.Card{ATR: []byte{0x3B, 0x80}}, nil, nil, nil)
	require.NoError(t, err)
	assert.Zero(t, fresh.Guesses())
}

// So do tries of the PIN: here one is spent, after those that the persona spent.
func TestSpentTriesAreKept(t *testing.T) {
	s, err := openState(filepath.Join(t.TempDir(), "cards.json"))
	require.NoError(t, err)
	box := &box{state: s, figures: map[string]*figure{}, stderr: os.Stderr}
	f, err := box.take("pin-suspended")
	require.NoError(t, err)
	f.Transmit([]byte{0x00, 0xB0, 0x9C, 0x00, 0x00})
	assert.Equal(t, simulator.Spent{PIN: 2}, f.Spent())
	assert.Nil(t, s.of("pin-suspended").Spent, "as the persona has it")
	require.NoError(t, s.keep("pin-suspended", func(c *cardState) { c.Spent = &simulator.Spent{PIN: 3, PUK: 1} }))
	box.figures = map[string]*figure{}
	again, err := box.take("pin-suspended")
	require.NoError(t, err)
	assert.Equal(t, simulator.Spent{PIN: 3}, again.Spent(), "this PUK has no tries to count")
}

// FuzzParseState wants a state that is read to be one that can be written, and
// whose cards can be played.
func FuzzParseState(f *testing.F) {
	good, err := json.Marshal(stateFile{stateFormat, stateVersion, true, map[string]cardState{"specimen": used(f)}})
	require.NoError(f, err)
	f.Add(good)
	for _, text := range []string{
		`{}`, `null`, `[]`, `{"format":"cnie-sim state","version":1}`, `{"format":"cnie-sim state","version":2}`,
		`{"format":"cnie-sim state","version":1,"cards":{"a":{"wrong_guesses":-1}}}`,
		`{"format":"cnie-sim state","version":1,"cards":{"a":{"piv":{}}}}`, `{"format":"cnie-sim state","version":1,"cards":{"a":{"piv":null}}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := parseState(content)
		if err != nil {
			return
		}
		text, err := json.Marshal(file)
		require.NoError(t, err)
		_, err = parseState(text)
		require.NoError(t, err)
		for _, card := range file.Cards {
			if card.PIV != nil {
				app := piv.New(card.PIV)
				require.Equal(t, uint16(0x9000), uint16(app.Select().SW))
			}
		}
	})
}
