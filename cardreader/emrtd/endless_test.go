package emrtd_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader/emrtd"
	"cnie/lds"
	"cnie/simulator/persona"
)

// liar is a card that answers every command by a rule of its own.
type liar struct {
	answer   func(n int, command []byte) []byte // nil: never
	commands int
	received int
}

func (l *liar) TransmitRaw(ctx context.Context, command []byte) ([]byte, error) {
	l.commands++
	answer := l.answer(l.commands, command)
	if answer == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	l.received += len(answer)
	return answer, nil
}

// file is what reads of a file would get that goes on as long as it likes, a
// piece at a time.
func file(header string, piece int) func(int, []byte) []byte {
	head, err := hex.DecodeString(header)
	if err != nil {
		panic(err)
	}
	return func(_ int, command []byte) []byte {
		offset := 0
		if command[1] == apdu.INSReadBinary && command[2]&0x80 == 0 {
			offset = int(binary.BigEndian.Uint16(command[2:4]))
		}
		content := append(bytes.Clone(head[min(offset, len(head)):]), make([]byte, piece)...)
		return append(content[:piece:piece], 0x90, 0)
	}
}

func always(answer ...byte) func(int, []byte) []byte {
	return func(int, []byte) []byte { return bytes.Clone(answer) }
}

// what comes of a card that does not end.
const (
	stopped = "the session's caps ended it"
	broke   = "it broke the protocol"
	nothing = "it offers nothing"
	garbled = "its answers are none"
	late    = "its time was over"
)

// endless are cards that would go on for ever, or say that they will.
var endless = map[string]struct {
	answer func(int, []byte) []byte
	want   string
}{
	"61FF and nothing":        {always(0x61, 0xFF), stopped},
	"61FF with a block":       {always(append(make([]byte, 255), 0x61, 0xFF)...), stopped},
	"61FF with 64 KB":         {always(append(make([]byte, 65534), 0x61, 0xFF)...), stopped},
	"6CFF":                    {always(0x6C, 0xFF), nothing},
	"6Cxx, less each time":    {func(n int, _ []byte) []byte { return []byte{0x6C, byte(255 - n)} }, nothing},
	"6C and 61 in turns":      {func(n int, _ []byte) []byte { return []byte{[]byte{0x6C, 0x61}[n%2], 1} }, nothing},
	"64 KB for each read":     {file("3184FFFFFFFF", 65534), broke},
	"4 GB":                    {file("3184FFFFFFFF", 200), broke},
	"4 GB, one byte at once":  {file("3184FFFFFFFF", 1), broke},
	"60 KB, one byte at once": {file("3182F000", 1), stopped},
	"60 KB, two at once":      {file("3182F000", 2), stopped},
	"60 KB of a growing file": {func(n int, c []byte) []byte { return file("3182F000", min(1+n/8, 7))(n, c) }, stopped},
	"9000 and no data":        {always(0x90, 0), broke},
	"one byte":                {always(0x90), garbled},
	"not one":                 {always([]byte{}...), garbled},
	"for ever":                {func(int, []byte) []byte { return nil }, late},
	"for ever, after a while": {func(n int, c []byte) []byte {
		if n > 100 {
			return nil
		}
		return file("3182F000", 1)(n, c)
	}, late},
}

// TestEndlessCards: whatever a card does, the caps of a session hold, and it ends
// with an error that says why, or with evidence of how little the card did.
func TestEndlessCards(t *testing.T) {
	for name, c := range endless {
		o := emrtd.Options{Password: can(t, "123456"), Files: asked, Timeout: time.Minute}
		if c.want == late {
			o.Timeout = 50 * time.Millisecond
		}
		l := &liar{answer: c.answer}
		e, err := emrtd.Read(t.Context(), apdu.NewChannel(l), o)
		ended(t, name, c.want, err)
		if c.want == broke && assert.NotNil(t, e, name) {
			assert.Equal(t, "read EF.CardAccess", e.Broken, name)
		}
		l.held(t, name)

		l = &liar{answer: c.answer}
		_, err = emrtd.Inspect(t.Context(), apdu.NewChannel(l), o)
		if c.want != broke { // else what it offers is shown, as far as that goes
			ended(t, name, c.want, err)
		}
		l.held(t, name)
	}
}

// held says that the card cost no more than the caps of a session.
func (l *liar) held(t *testing.T, name string) {
	t.Helper()
	assert.LessOrEqual(t, l.commands, apdu.DefaultLimits.Commands, name)
	assert.LessOrEqual(t, l.received, apdu.DefaultLimits.Received+apdu.DefaultLimits.Answer, "%s: the last answer is the first beyond", name)
}

func ended(t *testing.T, name, want string, err error) {
	switch want {
	case stopped:
		assert.ErrorIs(t, err, apdu.ErrLimit, name)
	case garbled:
		assert.ErrorIs(t, err, apdu.ErrMalformed, name)
	case late:
		assert.ErrorIs(t, err, context.DeadlineExceeded, name)
	default:
		assert.NoError(t, err, name)
	}
}

// The same from inside a protected session, where the chip itself is at fault.
func TestEndlessFiles(t *testing.T) {
	read := func(change func(*persona.Card), limits apdu.Limits) (*link, error) {
		card := load(t, "specimen")
		change(card)
		l := insert(card)
		_, err := emrtd.Read(context.Background(), apdu.NewChannel(l, apdu.WithLimits(limits)),
			emrtd.Options{Password: can(t, card.CAN), Files: asked, Reset: l.reset})
		return l, err
	}
	for _, most := range []int{1, 2, 3} {
		l, err := read(func(c *persona.Card) { c.Quirks = []persona.Quirk{{INS: apdu.INSReadBinary, Most: most}} }, apdu.Limits{})
		require.ErrorIs(t, err, apdu.ErrLimit, "%d bytes for each read", most)
		assert.Equal(t, apdu.DefaultLimits.Commands, l.commands)
	}
	for name, length := range map[string][]byte{"4 GB": {0x84, 0xFF, 0xFF, 0xFF, 0xFF}, "64 KB": {0x83, 0, 0xFF, 0xFF}, "64 PB": {0x88, 1, 0, 0, 0, 0, 0, 0, 0}} {
		l, err := read(func(c *persona.Card) {
			c.Files[lds.DG2] = append(append([]byte{0x75}, length...), c.Files[lds.DG2][4:]...)
		}, apdu.Limits{})
		require.NoError(t, err, "%s: the judge sees that the hash does not fit", name)
		assert.Less(t, l.commands, 120, name)
	}
	l, err := read(func(*persona.Card) {}, apdu.Limits{Commands: 40})
	require.ErrorIs(t, err, apdu.ErrLimit)
	assert.Equal(t, 40, l.commands)
	_, err = read(func(*persona.Card) {}, apdu.Limits{Received: 8000})
	assert.ErrorIs(t, err, apdu.ErrLimit)
}

// FuzzCard plays a card whose answers are what the fuzzer likes, one after the
// other and again. Reading and inspecting it end within the caps.
func FuzzCard(f *testing.F) {
	for _, c := range endless {
		if first := c.answer(1, []byte{0, apdu.INSReadBinary, 0, 0}); len(first) < 300 {
			f.Add(script(first, c.answer(2, []byte{0, apdu.INSReadBinary, 0, 1})))
		}
	}
	card := load(f, "specimen")
	l := insert(card)
	var said [][]byte
	l.change = func(_ int, _, answer []byte) []byte {
		said = append(said, bytes.Clone(answer))
		return answer
	}
	_, err := read(l, emrtd.Options{Password: can(f, card.CAN), Files: []lds.File{lds.DG1}})
	require.NoError(f, err)
	f.Add(script(said[:min(len(said), 12)]...))
	limits := apdu.Limits{Commands: 60, Received: 64 << 10, Answer: 8 << 10}
	password := can(f, card.CAN)
	f.Fuzz(func(t *testing.T, data []byte) {
		answers := played(data)
		for _, extended := range []bool{false, true} {
			l := &liar{answer: func(n int, _ []byte) []byte { return bytes.Clone(answers[(n-1)%len(answers)]) }}
			channel := apdu.NewChannel(l, apdu.WithLimits(limits))
			channel.UseExtendedLength(extended)
			o := emrtd.Options{Password: password, Files: asked, AllowBAC: true}
			if e, err := emrtd.Read(t.Context(), channel, o); (e == nil) == (err == nil) {
				t.Fatalf("evidence %v, error %v", e, err)
			}
			if offer, err := emrtd.Inspect(t.Context(), apdu.NewChannel(l, apdu.WithLimits(limits)), o); (offer == nil) == (err == nil) {
				t.Fatalf("offer %v, error %v", offer, err)
			}
			if l.commands > 2*limits.Commands {
				t.Fatalf("%d commands", l.commands)
			}
		}
	})
}

// script puts answers into one text, each behind its length; played takes them out.
func script(answers ...[]byte) (data []byte) {
	for _, a := range answers {
		data = append(binary.BigEndian.AppendUint16(data, uint16(len(a))), a...)
	}
	return data
}

func played(data []byte) (answers [][]byte) {
	for len(data) >= 2 {
		n := min(int(binary.BigEndian.Uint16(data)), len(data)-2)
		answers, data = append(answers, data[2:2+n]), data[2+n:]
	}
	return append(answers, []byte{0x90, 0})
}
