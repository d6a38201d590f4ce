package emrtd_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader/emrtd"
	"cnie/lds"
	"cnie/pki"
	"cnie/simulator/persona"
)

// habits of chips that are odd and honest. Each is read whole; some only because
// the reader asks again in another way, which costs the commands that are named.
var oddChips = map[string]struct {
	quirks []persona.Quirk
	extra  int // commands beyond those for an ordinary chip, at most
}{
	"ordinary":             {nil, 0},
	"no short identifiers": {[]persona.Quirk{{ShortID: true, SW: 0x6A86}}, 6 + 1},
	"no short identifiers, says so otherwise": {[]persona.Quirk{{ShortID: true, SW: 0x6D00}}, 6 + 1},
	"commands need Le":                        {[]persona.Quirk{{INS: 0xA4, NoLe: true, SW: 0x6700}, {INS: 0x22, NoLe: true, SW: 0x6700}}, 3},
	"SELECT has to ask":                       {[]persona.Quirk{{Silent: true, SW: 0x6A86}}, 1},
	"not beyond the end":                      {[]persona.Quirk{{INS: 0xB0, Got: 0x6282, SW: 0x6700}}, 12},
	"not beyond the end, says where it is":    {[]persona.Quirk{{INS: 0xB0, Got: 0x6282, SW: 0x6C00}}, 12},
	"not beyond the end, calls it outside":    {[]persona.Quirk{{INS: 0xB0, Got: 0x6282, SW: 0x6B00}}, 12},
	"no short identifiers, calls it outside":  {[]persona.Quirk{{ShortID: true, SW: 0x6B00}}, 6 + 1 + 1},
	"no Le of zero":                           {[]persona.Quirk{{INS: 0xB0, MaxLe: true, SW: 0x6700}}, 12},
	"at most 128 bytes":                       {[]persona.Quirk{{INS: 0xB0, Above: 128, SW: 0x6700}}, 100},
	"everything at once": {[]persona.Quirk{
		{ShortID: true, SW: 0x6A86}, {Silent: true, SW: 0x6A86}, {INS: 0x22, NoLe: true, SW: 0x6700},
		{INS: 0xB0, Above: 128, SW: 0x6700}, {INS: 0xB0, Got: 0x6282, SW: 0x6700},
	}, 120},
}

func TestOddChips(t *testing.T) {
	whole := insert(load(t, "specimen"))
	_, err := read(whole, emrtd.Options{Password: can(t, load(t, "specimen").CAN), Files: asked})
	require.NoError(t, err)
	for name, c := range oddChips {
		t.Run(name, func(t *testing.T) {
			card := load(t, "specimen")
			card.Quirks = c.quirks
			l := insert(card)
			e, err := read(l, emrtd.Options{Password: can(t, card.CAN), Files: asked})
			require.NoError(t, err)
			assert.Empty(t, e.Broken)
			assert.Empty(t, e.Denied)
			assertFiles(t, card, e, lds.CardAccess, lds.SOD, lds.DG1, lds.DG2, lds.DG11, lds.DG14)
			require.NotNil(t, e.Chip)
			assert.Equal(t, pki.ChipPerformed, e.Chip.Outcome)
			assert.LessOrEqual(t, l.commands-whole.commands, c.extra)
			assert.Equal(t, len(c.quirks) == 0, l.commands == whole.commands, "an odd chip costs something")
		})
	}
}

// A file that is not there is refused once it was asked for in both ways.
func TestAbsentFileOfAnOddChip(t *testing.T) {
	card := load(t, "specimen")
	card.Quirks = []persona.Quirk{{ShortID: true, SW: 0x6A86}}
	delete(card.Files, lds.DG11)
	e, err := read(insert(card), emrtd.Options{Password: can(t, card.CAN), Files: asked})
	require.NoError(t, err)
	assert.Equal(t, map[lds.File]uint16{lds.DG11: 0x6A82}, e.Denied)
}

// silent stops answering after some commands.
type silent struct {
	*link
	after int
}

func (s *silent) TransmitRaw(ctx context.Context, command []byte) ([]byte, error) {
	if s.after--; s.after < 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return s.link.TransmitRaw(ctx, command)
}

// A card that stops answering is given up, wherever it stops, and nothing is
// kept of it.
func TestTimeout(t *testing.T) {
	card := load(t, "specimen")
	for _, after := range []int{0, 1, 3, 5, 8, 20, 40} {
		s := &silent{insert(card), after}
		e, err := emrtd.Read(context.Background(), apdu.NewChannel(s), emrtd.Options{Password: can(t, card.CAN), Files: asked, Timeout: 100 * time.Millisecond})
		assert.ErrorIs(t, err, context.DeadlineExceeded, "after %d commands", after)
		assert.Nil(t, e)
	}
}
