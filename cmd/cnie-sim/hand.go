package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cnie/internal/shell"
	"cnie/simulator/control"
)

// patience is how long an insertion waits for the reader: a second's absence, one
// look, and a busy machine.
const patience = 5 * time.Second

// answer does what a control request asks for.
func (d *desk) answer(ctx context.Context, r control.Request) control.Answer {
	slots, err := d.obey(ctx, r)
	if err == nil {
		return control.Answer{Slots: slots}
	}
	code := shell.ExitInternal
	var known *shell.Failure
	if errors.As(err, &known) {
		code = known.Code
	}
	return control.Answer{Error: err.Error(), Exit: code}
}

func (d *desk) obey(ctx context.Context, r control.Request) ([]control.Slot, error) {
	if r.Do == control.Status {
		return d.status(), nil
	}
	if r.Slot >= len(d.seats) {
		return nil, shell.Failed(shell.ExitUsage, "there is no slot %d; %s", r.Slot, counted(len(d.seats)))
	}
	s := d.seats[r.Slot]
	var err error
	switch r.Do {
	case control.Insert:
		err = d.insert(s, r.Card)
	case control.Remove:
		if !s.Remove() {
			err = shell.Failed(shell.ExitUnavailable, "slot %d is empty already", s.number)
		}
	case control.Swap:
		err = d.swap(s, r.Card)
	case control.Fault:
		err = d.fault(s, r)
	}
	if err != nil {
		return nil, err
	}
	return []control.Slot{s.state(d.seen(ctx, s, patience))}, nil
}

func counted(seats int) string {
	if seats == 1 {
		return "there is only slot 0"
	}
	return fmt.Sprintf("there are 0 to %d", seats-1)
}

// status is that of all seats at this moment.
func (d *desk) status() []control.Slot {
	var all []control.Slot
	for _, s := range d.seats {
		all = append(all, s.state(d.seen(context.Background(), s, 0)))
	}
	return all
}

// seen waits for the reader to ask for the card; over TCP nobody comes to look.
func (d *desk) seen(ctx context.Context, s *seat, most time.Duration) bool {
	if d.play.listen != "" {
		most = 0
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	return s.Seen(ctx)
}

func (d *desk) insert(s *seat, spec string) error {
	if s.Occupied() {
		return shell.Failed(shell.ExitUnavailable, "there is a card in slot %d; take it out with remove, or use swap", s.number)
	}
	f, err := d.wanted(s, spec)
	if err != nil {
		return err
	}
	s.lay(f)
	return nil
}

// swap finds the card before it takes the other one out.
func (d *desk) swap(s *seat, spec string) error {
	f, err := d.wanted(s, spec)
	if err != nil {
		return err
	}
	s.lay(f)
	return nil
}

// wanted is the card of an order, or without one the card that was there last.
func (d *desk) wanted(s *seat, spec string) (*figure, error) {
	f := s.last()
	switch {
	case spec == emptySlot:
		return nil, shell.Failed(shell.ExitUsage, "- is no card; use remove")
	case spec != "":
		return d.elsewhere(s, spec)
	case f == nil:
		return nil, shell.Failed(shell.ExitUsage, "slot %d has had no card yet; name one", s.number)
	}
	return f, nil
}

// elsewhere takes a card from the box unless another seat has it.
func (d *desk) elsewhere(here *seat, spec string) (*figure, error) {
	f, err := d.box.take(spec)
	if err != nil {
		return nil, err
	}
	for _, s := range d.seats {
		if s != here && s.last() == f && s.Occupied() {
			return nil, shell.Failed(shell.ExitUnavailable, "%s lies in slot %d; take it out there first", spec, s.number)
		}
	}
	return f, nil
}

// fault changes what is wrong with the card that lies there.
func (d *desk) fault(s *seat, r control.Request) error {
	f := s.last()
	if f == nil || !s.Occupied() {
		return shell.Failed(shell.ExitUnavailable, "slot %d is empty; a card that is put in later brings its faults along", s.number)
	}
	faults, err := parseFaults(r.Faults)
	if err != nil {
		return err
	}
	for _, fault := range faults {
		if !fault.Live() {
			return shell.Failed(shell.ExitUsage, "fault %s is made with the card; use swap with a card that has it, such as %s,%s", fault.Kind.Name, f.card.Name, fault)
		}
	}
	if r.Clear {
		f.wires.clear()
	}
	f.wires.add(faults)
	return nil
}
