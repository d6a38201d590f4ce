package main

import (
	"sync"

	"cnie/simulator/control"
	"cnie/simulator/slots"
)

// seat is a slot with a number, and the figure in it.
type seat struct {
	*slots.Slot
	number int
	at     string // HOST:PORT
	mu     sync.Mutex
	taken  *figure // that lies here, or lay here last
}

// lay puts a figure into the seat, in the place of another one.
func (s *seat) lay(f *figure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken != nil {
		s.taken.held.seat.CompareAndSwap(s, nil)
	}
	s.taken = f
	f.held.seat.Store(s)
	s.Slot.Insert(f)
}

// last is the figure that lies here, or lay here last.
func (s *seat) last() *figure {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

// state describes the seat to a control request.
func (s *seat) state(seen bool) control.Slot {
	state := control.Slot{Slot: s.number, At: s.at}
	if f := s.last(); f != nil && s.Occupied() {
		state.Card, state.Seen, state.Commands, state.Faults = f.spec, seen, f.wires.commands.Load(), f.wires.list()
	}
	return state
}
