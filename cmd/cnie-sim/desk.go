package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"

	"cnie/internal/shell"
	"cnie/simulator/control"
	"cnie/simulator/slots"
)

// glance is how long a reader may take to look at a card: it does so every 400 ms,
// on a machine that is not busy.
const glance = 5 * time.Second

// desk is what one run sets up: seats with cards in them, and a hand to change
// that.
type desk struct {
	play  *play
	box   *box
	say   *speaker
	seats []*seat
}

// set makes the cards and lays them into seats.
func (d *desk) set(cards []string) error {
	base, flag, least := d.play.vpcd, "--vpcd", 1
	if d.play.listen != "" {
		base, flag, least = d.play.listen, "--listen", 0 // 0: the system chooses
	}
	for i, spec := range cards {
		at, err := address(base, i, least)
		if err != nil {
			return shell.Failed(shell.ExitUsage, "%s %w", flag, err)
		}
		f, err := d.find(spec)
		if err != nil {
			return err
		}
		s := &seat{number: i, at: at}
		if s.Slot, err = d.slot(s); err != nil {
			return err
		}
		if f != nil {
			s.lay(f)
		}
		d.seats = append(d.seats, s)
	}
	return nil
}

// find takes a card out of the box that lies nowhere else; nil for an empty seat.
func (d *desk) find(spec string) (*figure, error) {
	switch {
	case spec == emptySlot:
		return nil, nil
	case d.play.dump != "" && len(d.seats) == 0:
		return d.box.takeDump()
	}
	f, err := d.box.take(spec)
	if err != nil {
		return nil, err
	}
	for _, s := range d.seats {
		if s.last() == f && s.Occupied() {
			return nil, shell.Failed(shell.ExitUsage, "%s is one card and lies in slot %d already; name another one", spec, s.number)
		}
	}
	return f, nil
}

// address is that of a seat: one port after the other.
func address(base string, i, least int) (string, error) {
	host, text, err := net.SplitHostPort(base)
	port, bad := strconv.ParseUint(text, 10, 16)
	if err != nil || bad != nil || int(port) < least {
		return "", errors.New("wants HOST:PORT, such as 127.0.0.1:35963")
	}
	if port == 0 {
		return base, nil
	}
	if int(port)+i > 65535 {
		return "", fmt.Errorf("leaves no port for card %d; begin with a lower one", i)
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port)+i)), nil
}

// slot makes the place that a seat stands for. A port is taken at once.
func (d *desk) slot(s *seat) (*slots.Slot, error) {
	if d.play.listen == "" {
		return slots.Reader(s.at), nil
	}
	l, err := net.Listen("tcp", s.at)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, shell.Failed(shell.ExitUnavailable, "another program listens at %s; choose another port with --listen", s.at)
	}
	if err != nil {
		return nil, shell.Failed(shell.ExitUnavailable, "cannot listen at %s: %w; choose another address with --listen", s.at, errors.Unwrap(err))
	}
	s.at = l.Addr().String()
	return slots.Listener(l.(*net.TCPListener)), nil // the network is "tcp"
}

// open makes the control socket and lets the readers see the cards, until ctx
// ends or something fails.
func (d *desk) open(ctx context.Context) error {
	socket, err := d.play.controlled()
	if err != nil {
		return err
	}
	if socket != nil {
		defer socket.Close()
	}
	for _, s := range d.seats {
		if err := s.Open(ctx); err != nil {
			return readerFailure(ctx, s.at, err)
		}
	}
	d.say.banner(d.play.dump != "")
	for _, s := range d.seats {
		if f := s.last(); f != nil {
			d.say.card(s, f, len(d.seats) > 1)
		}
	}
	return d.serve(ctx, socket)
}

// serve ends with the first thing that fails; a signal is none.
func (d *desk) serve(ctx context.Context, socket net.Listener) error {
	working, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	ended := make(chan error, len(d.seats)+1)
	for _, s := range d.seats {
		go func() { ended <- readerFailure(working, s.at, s.Run(working)) }()
		if s.Occupied() {
			go d.ready(working, s, fail)
		}
	}
	running := len(d.seats)
	if socket != nil {
		running++
		go func() { ended <- control.Serve(working, socket, d.answer) }()
	}
	for range running {
		if err := <-ended; err != nil {
			fail(err) // the others end by it
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	return context.Cause(working)
}

// ready tells when the reader has seen the card. One that does not ask for it has
// another one.
func (d *desk) ready(ctx context.Context, s *seat, fail func(error)) {
	if d.play.listen != "" {
		d.say.ready(s, "listen")
		return
	}
	soon, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	switch {
	case s.Seen(soon):
		d.say.ready(s, "vpcd")
	case ctx.Err() == nil && soon.Err() != nil:
		fail(shell.Failed(shell.ExitUnavailable, "the reader at %s does not ask for this card; take out the one that is in it, then run this again", s.at))
	}
}
