//go:build cgo || windows

package pcsc

import (
	"context"
	"testing"

	"github.com/ebfe/scard"
	"github.com/stretchr/testify/assert"

	"cnie/cardreader"
)

func reader(name string, count uint32, atr ...byte) seen {
	return seen{Reader: cardreader.Reader{Name: name, HasCard: len(atr) > 0, ATR: atr}, flags: scard.StateFlag(count << 16)}
}

func TestChanges(t *testing.T) {
	const added, removed, in, out = cardreader.ReaderAdded, cardreader.ReaderRemoved, cardreader.CardInserted, cardreader.CardRemoved
	type events = []cardreader.Event
	for name, c := range map[string]struct {
		before, after []seen
		want          events
	}{
		"nothing":           {nil, nil, nil},
		"same":              {[]seen{reader("a", 1, 0x3B)}, []seen{reader("a", 1, 0x3B)}, nil},
		"start":             {nil, []seen{reader("a", 0), reader("b", 1, 0x3B)}, events{{Kind: added, Reader: "a"}, {Kind: added, Reader: "b"}, {Kind: in, Reader: "b", ATR: []byte{0x3B}}}},
		"card in":           {[]seen{reader("a", 0)}, []seen{reader("a", 1, 0x3B)}, events{{Kind: in, Reader: "a", ATR: []byte{0x3B}}}},
		"card out":          {[]seen{reader("a", 1, 0x3B)}, []seen{reader("a", 2)}, events{{Kind: out, Reader: "a"}}},
		"out and in unseen": {[]seen{reader("a", 1, 0x3B)}, []seen{reader("a", 3, 0x3B)}, events{{Kind: out, Reader: "a"}, {Kind: in, Reader: "a", ATR: []byte{0x3B}}}},
		"unplugged":         {[]seen{reader("a", 1, 0x3B), reader("b", 0)}, []seen{reader("b", 0)}, events{{Kind: out, Reader: "a"}, {Kind: removed, Reader: "a"}}},
		"order changes":     {[]seen{reader("a", 0), reader("b", 0)}, []seen{reader("b", 0), reader("a", 0)}, nil},
	} {
		assert.Equal(t, c.want, changes(c.before, c.after), name)
	}
}

func TestAwaitDiscardsWhatComesTooLate(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	finish, discarded := make(chan int), make(chan int)
	cancel()
	_, err := await(ctx, func() (int, error) { return <-finish, nil }, func(v int) { discarded <- v })
	assert.ErrorIs(t, err, context.Canceled)
	finish <- 7
	assert.Equal(t, 7, <-discarded)
}

func TestPinsAreUsedAgain(t *testing.T) {
	a, b := takePin(), takePin()
	assert.NotEqual(t, a.hold("x"), b.hold("x"))
	a.give()
	assert.Equal(t, a, takePin())
	a.give()
	b.give()
}
