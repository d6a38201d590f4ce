//go:build cgo || windows

package pcsc

import (
	"context"
	"iter"
	"slices"
	"time"

	"cnie/cardreader"
)

const (
	// relist bounds a wait: the service reports a new reader only to a wait
	// that has begun, so one that came just before shows at the next look.
	relist = time.Second
	// A wait that has not begun cannot be cancelled, so cancel more than once.
	cancelEvery = 10 * time.Millisecond
	// A service that hangs must not hold up the caller.
	cancelLimit = 200 * time.Millisecond
	// A service that wakes a watch for nothing must not make it spin.
	breath = 20 * time.Millisecond
)

type sighting struct {
	event cardreader.Event
	err   error
}

// Watch implements [cardreader.System].
func (*System) Watch(ctx context.Context) iter.Seq2[cardreader.Event, error] {
	return func(yield func(cardreader.Event, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		sightings, done := make(chan sighting), make(chan struct{})
		go func() {
			defer close(done)
			watch(ctx, sightings)
		}()
		defer func() { // at most cancelLimit
			cancel()
			select {
			case <-done:
			case <-time.After(cancelLimit):
			}
		}()
		for {
			select {
			case <-ctx.Done():
				return
			case s := <-sightings:
				if ctx.Err() != nil || !yield(s.event, s.err) || s.err != nil {
					return
				}
			}
		}
	}
}

// watch sends what happens until the context ends or something fails.
func watch(ctx context.Context, to chan<- sighting) {
	send := func(s sighting) {
		select {
		case to <- s:
		case <-ctx.Done():
		}
	}
	s, err := open()
	if err != nil {
		send(sighting{err: err})
		return
	}
	defer s.close()
	defer cancelWith(ctx, s)()
	var known []seen
	for ctx.Err() == nil {
		found, err := s.survey()
		if err == nil {
			events := changes(known, found)
			for _, event := range events {
				send(sighting{event: event})
			}
			if len(events) == 0 {
				time.Sleep(breath)
			}
			known = found
			err = s.wait(andNew(known), relist)
		}
		if err != nil {
			send(sighting{err: err})
			return
		}
	}
}

// cancelWith ends the session's waits when ctx ends, until stop is called.
func cancelWith(ctx context.Context, s *session) (stop func()) {
	stopped, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		select {
		case <-ctx.Done():
		case <-stopped:
		}
		for {
			select {
			case <-stopped:
				return
			default:
				s.cancel()
			}
			select {
			case <-stopped:
			case <-time.After(cancelEvery):
			}
		}
	}()
	return func() { close(stopped); <-gone }
}

// changes are the events that lead from one sight of the readers to the next.
func changes(before, after []seen) (events []cardreader.Event) {
	add := func(kind cardreader.EventKind, s seen) {
		e := cardreader.Event{Kind: kind, Reader: s.Name}
		if kind == cardreader.CardInserted {
			e.ATR = s.ATR
		}
		events = append(events, e)
	}
	for _, was := range before {
		i := slices.IndexFunc(after, func(s seen) bool { return s.Name == was.Name })
		if was.HasCard && (i < 0 || !sameCard(was, after[i])) {
			add(cardreader.CardRemoved, was)
		}
		if i < 0 {
			add(cardreader.ReaderRemoved, was)
		}
	}
	for _, is := range after {
		i := slices.IndexFunc(before, func(s seen) bool { return s.Name == is.Name })
		if i < 0 {
			add(cardreader.ReaderAdded, is)
		}
		if is.HasCard && (i < 0 || !sameCard(before[i], is)) {
			add(cardreader.CardInserted, is)
		}
	}
	return events
}

// sameCard tells a card that stayed from one taken out and put back between two
// looks: then the service has counted two events.
func sameCard(was, is seen) bool {
	return was.HasCard && is.HasCard && was.count() == is.count()
}
