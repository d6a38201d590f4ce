package simulator_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/simulator/persona"
)

// Habits sit inside secure messaging: an odd chip protects its odd answers.
func TestQuirks(t *testing.T) {
	const (
		readDG1  = "00b0810000" // all of it, by its short identifier
		readMore = "00b08100df" // more than it has
	)
	for name, c := range map[string]struct {
		quirk          persona.Quirk
		command, want  string
		otherwise, yet string // another command, which is answered as ever
	}{
		"refuses an instruction":      {persona.Quirk{INS: 0xB0, SW: 0x6D00}, readDG1, "6d00", "00a4020c02010b", "9000"},
		"refuses a template":          {persona.Quirk{INS: 0x22, P12: 0x41A6, SW: 0x6A86}, "002241a6029100", "6a86", "002241b6029100", "6a86"},
		"refuses short identifiers":   {persona.Quirk{ShortID: true, SW: 0x6A86}, readDG1, "6a86", "00a4020c020101", "9000"},
		"wants Le":                    {persona.Quirk{INS: 0xA4, NoLe: true, SW: 0x6700}, "00a4020c020101", "6700", "00a4020002010100", "620c"},
		"wants no Le of zero":         {persona.Quirk{INS: 0xB0, MaxLe: true, SW: 0x6700}, readDG1, "6700", "00b0810002", "615d9000"},
		"wants to be asked":           {persona.Quirk{Silent: true, SW: 0x6A86}, "00a4020c020101", "6a86", "00a4020002010100", "9000"},
		"refuses long reads":          {persona.Quirk{INS: 0xB0, Above: 100, SW: 0x6700}, readMore, "6700", "00b0810002", "615d9000"},
		"only in the clear":           {persona.Quirk{INS: 0xB0, Plain: true, SW: 0x6700}, "00b0810002", "615d9000", "00b0810001", "619000"},
		"names the length":            {persona.Quirk{INS: 0xB0, Got: 0x6282, SW: 0x6C00}, readMore, "6c5f", "00b0810002", "615d9000"},
		"says a status of its own":    {persona.Quirk{File: lds.DG1, SW: 0x6982}, "00b0810002", "6982", "00b08b0001", "6b9000"},
		"warns with all data":         {persona.Quirk{INS: 0xB0, Got: 0x9000, SW: 0x6282, Keep: true}, "00b0810002", "615d6282", "00a4020c020101", "9000"},
		"gives little":                {persona.Quirk{INS: 0xB0, Most: 1}, "00b0810002", "619000", "00b0810001", "619000"},
		"says nothing":                {persona.Quirk{File: lds.DG1, SW: 0x9000}, "00b0810002", "9000", "00b08b0001", "6b9000"},
		"says the same at every time": {persona.Quirk{INS: 0x88, SW: 0x9000, Data: []byte{7, 7}}, "0088000008010203040506070800", "07079000", "00b0810001", "619000"},
	} {
		t.Run(name, func(t *testing.T) {
			loaded, err := persona.Load("specimen")
			require.NoError(t, err)
			card, err := loaded.Card()
			require.NoError(t, err)
			before := inApplication(t, card).exchange(c.command)
			assert.Equal(t, c.quirk.Plain, before == c.want, "an ordinary chip answers %s", before)
			card.Quirks = []persona.Quirk{c.quirk}
			terminal := inApplication(t, card)
			assert.Equal(t, c.want, terminal.exchange(c.command))
			assert.Contains(t, terminal.exchange(c.otherwise), c.yet)
		})
	}
}

// inApplication is a session in the travel application, selected in the way that
// every odd chip takes.
func inApplication(t *testing.T, card *persona.Card) *terminal {
	terminal := waysIn(t, card)[0]
	require.Contains(t, terminal.exchange("00a4040007a000000247100100"), "9000")
	return terminal
}
