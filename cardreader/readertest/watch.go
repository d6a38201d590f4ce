package readertest

import (
	"context"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
)

// watched is a watch that runs beside the test.
type watched struct {
	run
	events chan cardreader.Event
	ended  chan error
	cancel context.CancelFunc
}

func (r run) watch() watched {
	ctx, cancel := context.WithCancel(r.Context())
	w := watched{run: r, events: make(chan cardreader.Event, 100), ended: make(chan error, 1), cancel: cancel}
	go func() {
		var failed error
		for event, err := range r.System.Watch(ctx) {
			if failed = err; err == nil {
				w.events <- event
			}
		}
		w.ended <- failed
	}()
	r.Cleanup(cancel)
	return w
}

// next is the next event of a reader of the harness.
func (w watched) next() cardreader.Event {
	w.Helper()
	select {
	case event := <-w.events:
		return event
	case err := <-w.ended:
		require.NoError(w, err)
		require.Fail(w, "the watch ended")
	case <-time.After(w.Notice):
		require.Fail(w, "no event")
	}
	return cardreader.Event{}
}

// settle takes the events that a watch starts with.
func (w watched) settle() (events []cardreader.Event) {
	w.Helper()
	readers, err := w.System.Readers(w.Context())
	require.NoError(w, err)
	for added := 0; added < len(readers); {
		event := w.next()
		events = append(events, event)
		if event.Kind == cardreader.ReaderAdded {
			added++
		}
	}
	return events
}

func (w watched) stops() {
	w.Helper()
	w.cancel()
	select {
	case err := <-w.ended:
		assert.NoError(w, err, "the end of the context is not yielded")
	case <-time.After(prompt):
		require.Fail(w, "the watch did not end with its context")
	}
}

func watchOrder(r run) {
	w := r.watch()
	w.settle()
	for _, reader := range []int{0, 1, 0} {
		r.Insert(reader)
		inserted := w.next()
		assert.Equal(r, cardreader.CardInserted, inserted.Kind)
		assert.Equal(r, r.Readers[reader], inserted.Reader)
		assert.NotEmpty(r, inserted.ATR)
		r.Remove(reader)
		assert.Equal(r, cardreader.Event{Kind: cardreader.CardRemoved, Reader: r.Readers[reader]}, w.next())
	}
	w.stops()
}

func watchStart(r run) {
	r.insert(1)
	w := r.watch()
	events := w.settle()
	for _, name := range r.Readers {
		assert.Contains(r, events, cardreader.Event{Kind: cardreader.ReaderAdded, Reader: name})
	}
	inserted := cardreader.Event{Kind: cardreader.CardInserted, Reader: r.Readers[1], ATR: r.state(1).ATR}
	if last := len(events) - 1; events[last].Kind == cardreader.ReaderAdded && events[last].Reader == r.Readers[1] {
		events = append(events, w.next())
	}
	assert.Contains(r, events, inserted)
	// A connection is no event.
	require.NoError(r, r.connect(1).Close())
	r.Remove(1)
	assert.Equal(r, cardreader.Event{Kind: cardreader.CardRemoved, Reader: r.Readers[1]}, w.next())
}

func watchEnds(r run) {
	w := r.watch()
	w.settle()
	time.Sleep(50 * time.Millisecond) // it waits by now
	w.stops()

	start := time.Now()
	for range r.System.Watch(r.Context()) {
		break // the caller has seen enough
	}
	assert.Less(r, time.Since(start), prompt)
}

func twoWatches(r run) {
	a, b := r.watch(), r.watch()
	a.settle()
	b.settle()
	r.Insert(0)
	assert.Equal(r, cardreader.CardInserted, a.next().Kind)
	assert.Equal(r, cardreader.CardInserted, b.next().Kind)
	a.stops()
	r.Remove(0)
	assert.Equal(r, cardreader.CardRemoved, b.next().Kind)
	b.stops()
}
