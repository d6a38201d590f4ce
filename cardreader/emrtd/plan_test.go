package emrtd

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/emrtd/access"
	"cnie/lds"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// counting is the wire to a chip, with the bytes of both directions.
type counting struct {
	chip    *simulator.Chip
	deaf    bool // loses commands of the extended form
	apdus   int
	bytes   int
	longest int // answer
	resets  int
}

func (c *counting) TransmitRaw(_ context.Context, command []byte) ([]byte, error) {
	if c.deaf && len(command) > 6 && command[4] == 0 {
		return nil, fmt.Errorf("the exchange with the card failed")
	}
	answer := c.chip.Transmit(command)
	c.apdus, c.bytes, c.longest = c.apdus+1, c.bytes+len(command)+len(answer), max(c.longest, len(answer))
	return answer, nil
}

func (c *counting) reset(context.Context) error {
	c.resets++
	c.chip.Reset()
	return nil
}

// sized is a card whose files have the lengths by which readers are compared:
// EF.SOD, EF.COM, DG1, a portrait of 15 KB, DG11 and DG14.
func sized(t testing.TB, chip persona.Chip) *persona.Card {
	p, err := persona.Load("specimen")
	require.NoError(t, err)
	chip.PACE, chip.Authentication = p.Chip.PACE, p.Chip.Authentication
	p.Chip = chip
	card, err := p.Card()
	require.NoError(t, err)
	for f, n := range payload {
		content := append([]byte{f.Tag(), 0x82, byte((n - 4) >> 8), byte(n - 4)}, make([]byte, n-4)...)
		if n < 0x84 {
			content = append([]byte{f.Tag(), byte(n - 2)}, make([]byte, n-2)...)
		}
		for i := 4; i < n; i++ {
			content[i] = byte(i>>8) ^ byte(i)
		}
		card.Files[f] = content
	}
	return card
}

var payload = map[lds.File]int{lds.SOD: 2000, lds.COM: 24, lds.DG1: 95, lds.DG2: 15360, lds.DG11: 300, lds.DG14: 300}

// opened has a reading behind access control, and counts from there.
func opened(t testing.TB, card *persona.Card, maxData int) (*reading, *counting) {
	wire := &counting{chip: simulator.New(card)}
	var options []apdu.Option
	atr := cardreader.ATR(card.ATR)
	if atr.ExtendedLength() {
		options = append(options, apdu.WithExtendedLength())
	}
	password, err := access.CAN(card.CAN)
	require.NoError(t, err)
	r, err := newReading(apdu.NewChannel(wire, options...), Options{Password: password, ATR: atr, MaxData: maxData, Reset: wire.reset})
	require.NoError(t, err)
	require.NoError(t, r.cardAccess(t.Context()))
	require.NoError(t, r.measure(t.Context()))
	require.NoError(t, r.open(t.Context()))
	wire.apdus, wire.bytes, wire.longest = 0, 0, 0
	return r, wire
}

// The figures that README and bench/README.md name. Nobody is asked for a header
// alone, nobody is selected, and no file takes more commands than its bytes do.
func TestReadingPlan(t *testing.T) {
	no := false
	for name, c := range map[string]struct {
		chip        persona.Chip
		maxData     int
		most, apdus int // bytes of an answer; commands
		ratio       float64
	}{
		"short form only":                  {persona.Chip{ExtendedLength: &no}, 0, 256 + 2, 84, 1.19},
		"reader knows the short form only": {persona.Chip{Buffer: persona.Buffer{Command: 2048, Answer: 2048}}, 256, 256 + 2, 84, 1.19},
		"buffer of 2 KB":                   {persona.Chip{Buffer: persona.Buffer{Command: 2048, Answer: 2048}}, 0, 2048, 13, 1.04},
		"reader that passes 2 KB":          {persona.Chip{Buffer: persona.Buffer{Command: 65535, Answer: 65535}}, 2048, 2048 + 2, 13, 1.04},
		"buffer of 64 KB":                  {persona.Chip{Buffer: persona.Buffer{Command: 65535, Answer: 65535}}, 65536, 65535, 6, 1.02},
		"extended length of unknown size":  {persona.Chip{}, 0, assumedAnswer + 2, 23, 1.06},
		"silent, and EF.ATR/INFO speaks":   {persona.Chip{ATR: "3B80800101", Buffer: persona.Buffer{Command: 65535, Answer: 65535}}, 0, 65535, 6, 1.02},
	} {
		t.Run(name, func(t *testing.T) {
			card := sized(t, c.chip)
			r, wire := opened(t, card, c.maxData)
			total := 0
			for f, n := range payload {
				require.NoError(t, r.file(t.Context(), f))
				require.True(t, bytes.Equal(card.Files[f], r.evidence.Files[f]), f)
				total += n
			}
			require.Equal(t, 18079, total)
			ratio := float64(wire.bytes) / float64(total)
			t.Logf("%d commands, %d bytes for %d: %.3f", wire.apdus, wire.bytes, total, ratio)
			assert.Equal(t, c.apdus, wire.apdus)
			assert.LessOrEqual(t, ratio, c.ratio)
			assert.LessOrEqual(t, wire.longest, c.most, "an answer is longer than the card or the reader can take")
			assert.Equal(t, habits{}, r.habits, "nothing was refused")
		})
	}
}

// Files beyond 32 KB with long answers, and with the odd instruction.
func TestLongFiles(t *testing.T) {
	for name, c := range map[string]struct {
		buffer, apdus int
	}{"64 KB": {65535, 1}, "20,000": {20000, 4}, "2 KB": {2048, 32}} {
		card := sized(t, persona.Chip{Buffer: persona.Buffer{Command: c.buffer, Answer: c.buffer}})
		card.Files[lds.DG2] = append([]byte{0x75, 0x82, 0xFA, 0x00}, bytes.Repeat([]byte("SPECIMEN"), 8000)...)
		r, wire := opened(t, card, 0)
		require.NoError(t, r.file(t.Context(), lds.DG2))
		assert.True(t, bytes.Equal(card.Files[lds.DG2], r.evidence.Files[lds.DG2]), name)
		assert.Equal(t, c.apdus, wire.apdus, name)
	}
}

// A block that fits Le of the short form, but not with its protection.
func TestBlockBetweenTheForms(t *testing.T) {
	for n := 220; n <= 260; n++ {
		card := sized(t, persona.Chip{Buffer: persona.Buffer{Command: 2048, Answer: 2048}})
		size := 2015 + n // what the first command takes, and the rest
		card.Files[lds.DG2] = append([]byte{0x75, 0x82, byte((size - 4) >> 8), byte(size - 4)}, bytes.Repeat([]byte{7}, size-4)...)
		r, wire := opened(t, card, 0)
		require.NoError(t, r.file(t.Context(), lds.DG2))
		assert.True(t, bytes.Equal(card.Files[lds.DG2], r.evidence.Files[lds.DG2]), n)
		assert.LessOrEqual(t, wire.apdus, 3)
		assert.Equal(t, habits{}, r.habits, n)
	}
}

// What EF.ATR/INFO, the answer to reset and the reader say, against each other.
func TestMeasure(t *testing.T) {
	for name, c := range map[string]struct {
		atr      string
		file     []byte
		quirks   []persona.Quirk
		maxData  int
		extended bool
		answer   int
		extra    int // commands
	}{
		"nobody says anything":               {"3B80800101", nil, nil, 0, false, 256, 1},
		"short form, says the ATR":           {"3B8580018073842180D2", []byte{0x47, 3, 0x84, 0x21, 0xC0}, nil, 0, false, 256, 0},
		"the reader does not pass it":        {"3B85800180738421C092", nil, nil, 256, false, 256, 0},
		"silent, and the reader cannot":      {"3B80800101", []byte{0x47, 3, 0x84, 0x21, 0xC0}, nil, 200, false, 256, 0},
		"the reader passes it":               {"3B85800180738421C092", nil, nil, 600, true, 600, 1},
		"EF.ATR/INFO of no use":              {"3B85800180738421C092", []byte{0x47, 9}, nil, 0, true, 1024, 1},
		"EF.ATR/INFO contradicts the ATR":    {"3B85800180738421C092", []byte{0x47, 3, 0x84, 0x21, 0x80}, nil, 0, false, 256, 1},
		"buffer that is no buffer":           {"3B85800180738421C092", sizes(5, 5), nil, 0, true, 128, 1},
		"buffer of 4 GB":                     {"3B85800180738421C092", sizes(1<<24-1, 1<<24-1), nil, 0, true, 65533, 1},
		"extended length refused after all":  {"3B85800180738421C092", sizes(2048, 2048), []persona.Quirk{{INS: 0xB0, Above: 256, SW: 0x6700}}, 0, false, 256, 1},
		"not beyond the end, names it":       {"3B85800180738421C092", sizes(2048, 2048), []persona.Quirk{{INS: 0xB0, Got: 0x6282, SW: 0x6C00}}, 0, true, 2046, 2},
		"refused to a card that was silent":  {"3B80800101", sizes(2048, 2048), []persona.Quirk{{INS: 0xB0, Above: 256, SW: 0x6700}}, 0, false, 256, 2},
		"granted to a card that was silent":  {"3B80800101", sizes(2048, 2048), nil, 0, true, 2046, 2},
		"EF.ATR/INFO that nobody may read":   {"3B85800180738421C092", nil, []persona.Quirk{{INS: 0xB0, File: lds.ATRInfo, SW: 0x6982}}, 0, true, 1024, 1},
		"EF.ATR/INFO without the size of it": {"3B85800180738421C092", []byte{0x47, 3, 0x84, 0x21, 0xC0}, nil, 0, true, 1024, 1},
	} {
		t.Run(name, func(t *testing.T) {
			card := sized(t, persona.Chip{ATR: c.atr})
			card.Quirks = c.quirks
			if c.file != nil {
				card.Files[lds.ATRInfo] = c.file
			}
			wire := &counting{chip: simulator.New(card)}
			channel := apdu.NewChannel(wire)
			atr := cardreader.ATR(card.ATR)
			channel.UseExtendedLength(atr.ExtendedLength())
			r, err := newReading(channel, Options{ATR: atr, MaxData: c.maxData})
			require.NoError(t, err)
			require.NoError(t, r.measure(t.Context()))
			assert.Equal(t, c.extended, channel.ExtendedLength())
			assert.Equal(t, c.answer, r.answer)
			assert.Equal(t, c.extra, wire.apdus)
		})
	}
}

func sizes(command, answer int) []byte {
	b, _ := lds.Capabilities{Functions: []byte{0x84, 0x21, 0xC0}, Command: command, Answer: answer}.Encode()
	return b
}

// A reader that loses the card over a long command: it is reset, and read by
// short ones. Without a reset there is nothing to go on with.
func TestDeafReader(t *testing.T) {
	card := sized(t, persona.Chip{})
	wire := &counting{chip: simulator.New(card), deaf: true}
	channel := apdu.NewChannel(wire, apdu.WithExtendedLength())
	r, err := newReading(channel, Options{Reset: wire.reset})
	require.NoError(t, err)
	require.NoError(t, r.measure(t.Context()))
	assert.Equal(t, 1, wire.resets)
	assert.False(t, channel.ExtendedLength())
	assert.Equal(t, 256, r.answer)

	channel.UseExtendedLength(true)
	r.Reset = nil
	assert.ErrorContains(t, r.measure(t.Context()), "the exchange with the card failed")
}
