package readertest

import (
	"context"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
)

// A call whose context ends must return at once; this is for slow machines.
const prompt = 500 * time.Millisecond

func removal(r run) {
	r.insert(0)
	card := r.connect(0)
	r.ping(card, 0)
	r.Remove(0) // and at once, before the system can have noticed
	command, _ := r.Script.Ping(1)
	for range 2 {
		_, err := card.TransmitRaw(r.Context(), command)
		assert.ErrorIs(r, err, cardreader.ErrCardRemoved)
	}
	assert.ErrorIs(r, card.Reset(r.Context()), cardreader.ErrCardRemoved)
	r.waitForCard(0, false)
	_, err := r.System.Connect(r.Context(), r.Readers[0])
	assert.ErrorIs(r, err, cardreader.ErrNoCard)
}

func reinsertion(r run) {
	r.insert(0)
	old := r.connect(0)
	r.ping(old, 0)
	r.remove(0)
	r.insert(0)
	command, _ := r.Script.Ping(1)
	_, err := old.TransmitRaw(r.Context(), command)
	assert.ErrorIs(r, err, cardreader.ErrCardRemoved)
	require.NoError(r, old.Close())
	r.ping(r.connect(0), 1)
}

func reset(r run) {
	if r.Script.Count == nil {
		return
	}
	r.insert(0)
	card := r.connect(0)
	first := r.count(card)
	for range 3 {
		assert.NotEqual(r, first, r.count(card))
		require.NoError(r, card.Reset(r.Context()))
		assert.Equal(r, first, r.count(card))
	}
	assert.Equal(r, card.ATR(), r.state(0).ATR)
	_, err := r.System.Connect(r.Context(), r.Readers[0])
	assert.ErrorIs(r, err, cardreader.ErrReaderBusy, "still exclusive")
}

// What a PIN has opened must not be open to the next program.
func closeEndsSession(r run) {
	if r.Script.Count == nil {
		return
	}
	r.insert(0)
	card := r.connect(0)
	first := r.count(card)
	assert.NotEqual(r, first, r.count(card))
	require.NoError(r, card.Close())
	assert.Equal(r, first, r.count(r.connect(0)))
}

func (r run) count(card cardreader.Card) []byte {
	r.Helper()
	answer, err := card.TransmitRaw(r.Context(), r.Script.Count)
	require.NoError(r, err)
	return answer
}

func endedContexts(r run) {
	r.insert(0)
	card := r.connect(0)
	ended, cancel := context.WithCancel(r.Context())
	cancel()
	_, err := r.System.Readers(ended)
	assert.ErrorIs(r, err, context.Canceled)
	_, err = r.System.Connect(ended, r.Readers[1])
	assert.ErrorIs(r, err, context.Canceled)
	command, _ := r.Script.Ping(0)
	_, err = card.TransmitRaw(ended, command)
	assert.ErrorIs(r, err, context.Canceled)
	for range r.System.Watch(ended) {
		assert.Fail(r, "a watch that has ended yields nothing")
	}
}

func givenUp(r run) {
	if r.Script.Slow == nil {
		return
	}
	r.insert(0)
	card := r.connect(0)
	ctx, cancel := context.WithTimeout(r.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := card.TransmitRaw(ctx, r.Script.Slow)
	assert.ErrorIs(r, err, context.DeadlineExceeded)
	command, _ := r.Script.Ping(0)
	_, err = card.TransmitRaw(r.Context(), command)
	assert.Error(r, err, "nobody knows how far the card came")
	assert.NoError(r, card.Close())
	assert.Less(r, time.Since(start), 50*time.Millisecond+prompt)
	require.Eventually(r, func() bool {
		card, err = r.System.Connect(r.Context(), r.Readers[0])
		return err == nil
	}, r.Notice, 10*time.Millisecond, "the card comes free")
	r.ping(card, 0)
	assert.NoError(r, card.Close())
}
