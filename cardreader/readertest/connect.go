package readertest

import (
	"bytes"
	"context"
	"sync"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
)

func listsReaders(r run) {
	for i := range r.Readers {
		state := r.state(i)
		assert.False(r, state.HasCard)
		assert.Empty(r, state.ATR)
	}
	r.insert(1)
	card := r.connect(1)
	assert.NotEmpty(r, card.ATR())
	assert.Equal(r, card.ATR(), r.state(1).ATR)
	assert.False(r, r.state(0).HasCard)
	require.NoError(r, card.Close())
	r.remove(1)
	assert.Empty(r, r.state(1).ATR, "the answer to reset of a card that has left")
}

func unknownReader(r run) {
	for _, name := range []string{"", "no such reader", r.Readers[0] + "\x00", r.Readers[0] + " "} {
		card, err := r.System.Connect(r.Context(), name)
		assert.ErrorIs(r, err, cardreader.ErrNoReader, "%q", name)
		assert.Nil(r, card)
	}
}

func emptyReader(r run) {
	card, err := r.System.Connect(r.Context(), r.Readers[0])
	assert.ErrorIs(r, err, cardreader.ErrNoCard)
	assert.Nil(r, card)
}

func exchanges(r run) {
	r.insert(0)
	card := r.connect(0)
	for n := range 20 {
		r.ping(card, n)
	}
}

func badCommands(r run) {
	r.insert(0)
	card := r.connect(0)
	for _, command := range [][]byte{nil, {}, {0}, {0, 0xA4, 4}, make([]byte, 1<<17)} {
		_, err := card.TransmitRaw(r.Context(), command)
		assert.Error(r, err, "%d bytes", len(command))
	}
	r.ping(card, 0)
}

func longResponses(r run) {
	if r.Script.Long == nil {
		return
	}
	r.insert(0)
	card := r.connect(0)
	command, want := r.Script.Long()
	got, err := card.TransmitRaw(r.Context(), command)
	require.NoError(r, err)
	require.True(r, bytes.Equal(want, got), "%d bytes, want %d", len(got), len(want))
	r.ping(card, 1)
}

func ownBuffers(r run) {
	r.insert(0)
	card := r.connect(0)
	command, want := r.Script.Ping(0)
	sent := bytes.Clone(command)
	first, err := card.TransmitRaw(r.Context(), sent)
	require.NoError(r, err)
	assert.Equal(r, command, sent, "the command is not changed")
	r.ping(card, 1)
	assert.Equal(r, want, first, "a later response does not change an earlier one")
	clear(first)
	clear(card.ATR())
	r.ping(card, 0)
	assert.NotZero(r, card.ATR()[0])
}

func exclusive(r run) {
	r.insert(0)
	card := r.connect(0)
	second, err := r.System.Connect(r.Context(), r.Readers[0])
	assert.ErrorIs(r, err, cardreader.ErrReaderBusy)
	assert.Nil(r, second)
	r.ping(card, 0)
	require.NoError(r, card.Close())
	r.ping(r.connect(0), 0)
}

func closing(r run) {
	r.insert(0)
	card := r.connect(0)
	for range 3 {
		assert.NoError(r, card.Close())
	}
	command, _ := r.Script.Ping(0)
	_, err := card.TransmitRaw(r.Context(), command)
	assert.Error(r, err)
	assert.Error(r, card.Reset(r.Context()))
}

func turns(r run) {
	r.insert(0)
	r.together(r.connect(0), r.Script.Ping, 4)
}

func twoReaders(r run) {
	r.insert(0)
	r.insert(1)
	a, b := r.connect(0), r.connect(1)
	var both sync.WaitGroup
	both.Go(func() { r.together(a, r.Script.Ping, 1) })
	both.Go(func() { r.together(b, func(n int) ([]byte, []byte) { return r.Script.Ping(n + 1) }, 1) })
	both.Wait()
}

// together sends commands from several goroutines. Cards answer the caller who
// asked.
func (r run) together(card cardreader.Card, ping func(int) (command, response []byte), goroutines int) {
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for n := range 50 {
				command, want := ping(g + n)
				got, err := card.TransmitRaw(context.Background(), command)
				if !assert.NoError(r, err) || !assert.Equal(r, want, got) {
					return
				}
			}
		})
	}
	all.Wait()
}
