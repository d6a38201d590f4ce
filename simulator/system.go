package simulator

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"cnie/cardreader"
)

// System is a set of card readers that exist in this process only. It is safe
// for concurrent use.
type System struct {
	mu      sync.Mutex
	slots   []*slot
	serial  int           // of plugging and inserting: tells one visit from the next
	changed chan struct{} // closed at every change, then replaced
}

var _ cardreader.System = (*System)(nil)

// slot is one reader and what is in it.
type slot struct {
	name    string
	plugged int // serial of the plugging
	visit   int // serial of the insertion, 0: empty
	chip    *Chip
	held    *connection
}

// NewSystem makes one reader for each chip, named "NAME 00", "NAME 01" …, with
// the chip in it; a nil chip leaves its reader empty.
func NewSystem(name string, chips ...*Chip) *System {
	s := &System{changed: make(chan struct{})}
	for i, chip := range chips {
		reader := fmt.Sprintf("%s %02d", name, i)
		s.Plug(reader)
		if chip != nil {
			_ = s.Insert(reader, chip)
		}
	}
	return s
}

// Plug adds an empty reader. One that is there already stays as it is.
func (s *System) Plug(reader string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.slot(reader) == nil {
		s.serial++
		s.slots = append(s.slots, &slot{name: reader, plugged: s.serial})
		s.announce()
	}
}

// Unplug takes a reader away, with the card in it.
func (s *System) Unplug(reader string) error {
	return s.change(reader, func(at *slot) error {
		at.takeOut()
		kept := make([]*slot, 0, len(s.slots))
		for _, other := range s.slots {
			if other != at {
				kept = append(kept, other)
			}
		}
		at.plugged, s.slots = 0, kept
		return nil
	})
}

// Insert puts a chip into a reader, in the place of the one that was there.
func (s *System) Insert(reader string, chip *Chip) error {
	return s.change(reader, func(at *slot) error {
		at.takeOut()
		s.serial++
		at.chip, at.visit = chip, s.serial
		chip.Power(true)
		return nil
	})
}

// Remove pulls the card out. It wraps cardreader.ErrNoCard when there is none.
func (s *System) Remove(reader string) error {
	return s.change(reader, func(at *slot) error {
		if at.chip == nil {
			return fmt.Errorf("remove the card from %q: %w", reader, cardreader.ErrNoCard)
		}
		at.takeOut()
		return nil
	})
}

// takeOut ends the card's visit and the connection to it.
func (at *slot) takeOut() {
	if at.chip != nil {
		at.chip.Power(false)
	}
	at.chip, at.visit, at.held = nil, 0, nil
}

func (s *System) change(reader string, act func(*slot) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.slot(reader)
	if at == nil {
		return fmt.Errorf("reader %q: %w", reader, cardreader.ErrNoReader)
	}
	if err := act(at); err != nil {
		return err
	}
	s.announce()
	return nil
}

// slot finds a reader by name; the lock is held.
func (s *System) slot(reader string) *slot {
	for _, at := range s.slots {
		if at.name == reader {
			return at
		}
	}
	return nil
}

// announce wakes the watchers; the lock is held.
func (s *System) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Readers implements cardreader.System.
func (s *System) Readers(ctx context.Context) ([]cardreader.Reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list readers: %w", err)
	}
	seen, _ := s.snapshot()
	readers := make([]cardreader.Reader, 0, len(seen))
	for _, state := range seen {
		readers = append(readers, cardreader.Reader{Name: state.name, HasCard: state.visit != 0, ATR: state.atr})
	}
	return readers, nil
}

// Connect implements cardreader.System.
func (s *System) Connect(ctx context.Context, reader string) (cardreader.Card, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("connect to %q: %w", reader, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.slot(reader)
	var sentinel error
	switch {
	case at == nil:
		sentinel = cardreader.ErrNoReader
	case at.chip == nil:
		sentinel = cardreader.ErrNoCard
	case at.held != nil:
		sentinel = cardreader.ErrReaderBusy
	default:
		at.held = s.connect(at)
		return at.held, nil
	}
	return nil, fmt.Errorf("connect to %q: %w", reader, sentinel)
}

// Watch implements cardreader.System.
func (s *System) Watch(ctx context.Context) iter.Seq2[cardreader.Event, error] {
	return func(yield func(cardreader.Event, error) bool) {
		var before []slotState
		for ctx.Err() == nil {
			now, changed := s.snapshot()
			for _, event := range difference(before, now) {
				if ctx.Err() != nil || !yield(event, nil) {
					return
				}
			}
			before = now
			select {
			case <-changed:
			case <-ctx.Done():
			}
		}
	}
}
