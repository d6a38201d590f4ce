package counter

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"cnie/cardreader"
)

// slot is a reader as it was last heard of. The serial tells one visit of a card
// from the next.
type slot struct {
	card   bool
	serial int
}

// slots are the readers of the machine.
type slots struct {
	mu      sync.Mutex
	readers map[string]slot
	serial  int
	changed chan struct{} // closed at the next change
	tell    func(reader string, card bool)
}

func newSlots(tell func(reader string, card bool)) *slots {
	return &slots{readers: map[string]slot{}, changed: make(chan struct{}), tell: tell}
}

// watch follows the readers until the context ends. A service that died is asked
// again each second; until it is back there are no readers.
func (s *slots) watch(ctx context.Context, system cardreader.System) {
	for ctx.Err() == nil {
		for event, err := range system.Watch(ctx) {
			if err != nil {
				break
			}
			s.happened(event)
		}
		if ctx.Err() == nil {
			s.change(func() { clear(s.readers) })
			pause(ctx, time.Second)
		}
	}
}

func (s *slots) happened(e cardreader.Event) {
	s.change(func() {
		switch e.Kind {
		case cardreader.ReaderAdded, cardreader.CardRemoved:
			s.readers[e.Reader] = slot{}
		case cardreader.ReaderRemoved:
			delete(s.readers, e.Reader)
		case cardreader.CardInserted:
			s.serial++
			s.readers[e.Reader] = slot{card: true, serial: s.serial}
		}
	})
	s.tell(e.Reader, e.Kind == cardreader.CardInserted)
}

func (s *slots) change(act func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	act()
	close(s.changed)
	s.changed = make(chan struct{})
}

// look tells how a reader stands, and what is closed when that may have changed.
func (s *slots) look(reader string) (at slot, plugged bool, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, plugged = s.readers[reader]
	return at, plugged, s.changed
}

func (s *slots) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.readers))
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
