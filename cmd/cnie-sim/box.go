package main

import (
	"fmt"
	"io"

	"cnie/internal/shell"
	"cnie/simulator"
	"cnie/simulator/fault"
	"cnie/simulator/persona"
)

// box is where the cards are that one run plays. Each is made when it is first
// asked for.
type box struct {
	every   []fault.Fault // that each card has
	dump    string        // a folder that is played instead of the first persona
	log     simulator.Wire
	state   *state // nil: forgotten at the end
	stderr  io.Writer
	figures map[string]*figure
}

// take gives the card of an order: the same one for the same order.
func (b *box) take(spec string) (*figure, error) {
	if f, there := b.figures[spec]; there {
		return f, nil
	}
	o, err := parseOrder(spec, b.every)
	if err != nil {
		return nil, err
	}
	card, err := o.card()
	if err != nil {
		return nil, err
	}
	return b.play(spec, card, o.faults)
}

// takeDump gives the card of the folder.
func (b *box) takeDump() (*figure, error) {
	card, err := dumped(b.dump, b.every)
	if err != nil {
		return nil, err
	}
	return b.play(b.dump, card, b.every)
}

func (b *box) play(spec string, card *persona.Card, faults []fault.Fault) (*figure, error) {
	f, err := newFigure(spec, card, faults, b.log, b.past(spec))
	if err != nil {
		return nil, shell.Failed(shell.ExitInternal, "%w; this is a defect of the program", err)
	}
	b.figures[spec] = f
	return f, nil
}

// past has a card go on where it stopped, and remember what happens to it now; nil
// without a file to remember it in.
func (b *box) past(spec string) *past {
	if b.state == nil {
		return nil
	}
	return &past{b.state.of(spec), func(change func(*cardState)) {
		if err := b.state.keep(spec, change); err != nil {
			fmt.Fprintf(b.stderr, "cnie-sim: %v; what happened to %s will be forgotten\n", err, spec)
		}
	}}
}
