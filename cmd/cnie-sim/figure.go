package main

import (
	"sync"
	"sync/atomic"

	"cnie/simulator"
	"cnie/simulator/fault"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
)

// figure is one card that is played. It is made once and stays what it has become
// however often it is taken out and put back: its PIN stays blocked, and a fault
// that has acted has acted.
type figure struct {
	*simulator.Chip
	spec  string
	card  *persona.Card
	piv   *piv.Applet // nil: none
	wires *switchboard
	held  hand
}

// past is what a card remembers of an earlier run, and who is told when that
// changes.
type past struct {
	cardState
	keep func(change func(*cardState))
}

// newFigure makes a card come alive. Log, if there is one, is the wire nearest to
// the reader; before is nil for a card that forgets.
func newFigure(spec string, card *persona.Card, faults []fault.Fault, log simulator.Wire, before *past) (*figure, error) {
	f := &figure{spec: spec, card: card}
	f.wires = &switchboard{hand: &f.held, on: faults}
	parts := []simulator.Option{simulator.WithWire(f.wires.wire)}
	if before != nil {
		if before.Spent != nil {
			parts = append(parts, simulator.WithSpent(*before.Spent))
		}
		parts = append([]simulator.Option{simulator.WithGuesses(before.Guesses), simulator.WithWire(f.remembering(before))}, parts...)
	}
	if log != nil {
		parts = append(parts, simulator.WithWire(log))
	}
	if card.PIV != nil {
		var err error
		if f.piv, err = piv.ForCard(card, before.signature()...); err != nil {
			return nil, err
		}
		parts = append(parts, simulator.WithApplet(f.piv))
	}
	f.Chip = simulator.New(card, parts...)
	return f, nil
}

// signature has the signature application go on where it stopped.
func (p *past) signature() []piv.Option {
	if p == nil {
		return nil
	}
	options := []piv.Option{piv.WithKeeper(func(c *piv.Contents) { p.keep(func(s *cardState) { s.PIV = c }) })}
	if p.PIV != nil {
		options = append(options, piv.WithContents(p.PIV))
	}
	return options
}

// remembering is a wire at the chip that keeps the count of wrong guesses, and of
// tries that are gone.
func (f *figure) remembering(before *past) simulator.Wire {
	last, spent := before.Guesses, f.spent(before)
	return func(next func([]byte) []byte) func([]byte) []byte {
		return func(command []byte) []byte {
			answer := next(command)
			if now, gone := f.Guesses(), f.Spent(); now != last || gone != spent {
				last, spent = now, gone
				before.keep(func(s *cardState) { s.Guesses, s.Spent = now, &gone })
			}
			return answer
		}
	}
}

// spent is what the card begins with: as it was left, or as its persona says.
func (f *figure) spent(before *past) simulator.Spent {
	if before.Spent != nil {
		return *before.Spent
	}
	return simulator.Spent{PIN: f.card.Retries.Spent}
}

// hand is a figure's: it pulls the card out of the seat that it lies in, if any.
type hand struct{ seat atomic.Pointer[seat] }

// Remove implements fault.Hand.
func (h *hand) Remove() {
	if at := h.seat.Load(); at != nil {
		at.Slot.Remove()
	}
}

// Insert implements fault.Hand.
func (h *hand) Insert(card *persona.Card) {
	at := h.seat.Load()
	switch {
	case at == nil:
	case card == nil:
		at.Slot.Insert(nil)
	default:
		if other, err := newFigure(card.Name, card, nil, nil, nil); err == nil {
			at.lay(other)
		}
	}
}

// switchboard is a wire whose faults are switched on and off while it is in use.
type switchboard struct {
	hand     fault.Hand
	commands atomic.Int64

	mu    sync.Mutex
	on    []fault.Fault
	chip  func([]byte) []byte
	entry func([]byte) []byte
}

// wire implements simulator.Wire.
func (s *switchboard) wire(chip func([]byte) []byte) func([]byte) []byte {
	s.chip, s.entry = chip, chip
	s.connect(s.on)
	return s.transmit
}

func (s *switchboard) transmit(command []byte) []byte {
	s.commands.Add(1)
	s.mu.Lock()
	entry := s.entry
	s.mu.Unlock()
	return entry(command)
}

// connect puts the wires of these faults before those that are there.
func (s *switchboard) connect(faults []fault.Fault) {
	for _, wire := range fault.Wires(s.hand, faults...) {
		s.entry = wire(s.entry)
	}
}

// add switches faults on; they count commands from now.
func (s *switchboard) add(faults []fault.Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.on = append(s.on, faults...)
	s.connect(faults)
}

// clear switches off what may be switched; what the card was made with stays.
func (s *switchboard) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var made []fault.Fault
	for _, f := range s.on {
		if !f.Live() {
			made = append(made, f)
		}
	}
	s.on, s.entry = made, s.chip
	s.connect(made)
}

// list names the faults that are on.
func (s *switchboard) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, f := range s.on {
		names = append(names, f.String())
	}
	return names
}
