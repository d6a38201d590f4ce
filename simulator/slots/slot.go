package slots

import (
	"context"
	"sync"

	"cnie/simulator/vpcd"
)

// Slot is a place for one card. Its methods may be called at any time, and from
// anywhere.
type Slot struct {
	mu      sync.Mutex
	card    vpcd.Card                   // what lies here; nil: nothing
	last    vpcd.Card                   // what lies here, or lay here last
	seen    bool                        // by the reader
	pull    func()                      // ends the stay of the card
	changed chan struct{}               // closed at every change, then replaced
	busy    map[vpcd.Card]chan struct{} // cards that are still answering; closed when they are done
	through way
}

// way is how a slot reaches terminals.
type way interface {
	// open finds out whether the slot can be used, and may connect its card.
	open(ctx context.Context, s *Slot) error
	// run answers for the slot's cards until ctx ends.
	run(ctx context.Context, s *Slot) error
}

func newSlot(through way) *Slot {
	return &Slot{changed: make(chan struct{}), pull: func() {}, busy: map[vpcd.Card]chan struct{}{}, through: through}
}

// Open finds out whether there is a reader, before Run, so that of several slots
// none is half started. The card that lies here is then connected to it.
func (s *Slot) Open(ctx context.Context) error { return s.through.open(ctx, s) }

// Run answers for the cards in the slot until ctx ends, which is no error, or
// the reader goes away, which is one. It may be called once. A card that is still
// computing when ctx ends finishes alone.
func (s *Slot) Run(ctx context.Context) error { return s.through.run(ctx, s) }

// Insert puts a card in, in the place of one that lies there; nil is the one that
// was there last. Cards are told apart by comparing them, so each is a pointer. It
// does not wait for the reader: see Seen.
func (s *Slot) Insert(card vpcd.Card) {
	s.Remove()
	s.mu.Lock()
	defer s.mu.Unlock()
	if card == nil {
		card = s.last
	}
	s.card, s.last, s.seen = card, card, false
	s.announce()
}

// Remove pulls the card out and tells whether there was one. From then on nothing
// that it says gets through.
func (s *Slot) Remove() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	there := s.card != nil
	if there {
		s.pull()
		s.card, s.seen = nil, false
		s.announce()
	}
	return there
}

// Occupied tells whether a card lies here.
func (s *Slot) Occupied() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.card != nil
}

// Seen waits until the reader has asked for the card that lies here. It returns
// false when ctx ends before that, or when there is no card.
func (s *Slot) Seen(ctx context.Context) bool {
	for {
		s.mu.Lock()
		card, seen, changed := s.card, s.seen, s.changed
		s.mu.Unlock()
		if card == nil || seen {
			return seen
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// announce wakes whoever waits; the lock is held.
func (s *Slot) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// await returns the card once there is one, and nil when ctx ends.
func (s *Slot) await(ctx context.Context) vpcd.Card {
	for {
		s.mu.Lock()
		card, changed := s.card, s.changed
		s.mu.Unlock()
		if card != nil {
			return card
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// now is the card that lies here, or nil.
func (s *Slot) now() vpcd.Card {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.card
}

// notice is what the reader's first question does.
func (s *Slot) notice(card vpcd.Card) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.card == card && !s.seen {
		s.seen = true
		s.announce()
	}
}

// watched is a card that tells when a reader first asks for it: before that,
// being connected means little, since a reader takes only one card.
type watched struct {
	vpcd.Card
	tell func()
}

// ATR implements vpcd.Card.
func (w *watched) ATR() []byte {
	w.tell()
	return w.Card.ATR()
}
