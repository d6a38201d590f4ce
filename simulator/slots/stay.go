package slots

import (
	"context"
	"net"

	"cnie/simulator/vpcd"
)

// stay is the time of a card at a terminal. It ends when the card is pulled,
// which is no error and does not wait for a command that the card is working on,
// or when the terminal hangs up, which is one.
func (s *Slot) stay(ctx context.Context, conn *net.TCPConn, card vpcd.Card) error {
	s.idle(ctx, card)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done, there := s.begin(conn, card, cancel)
	if !there {
		return conn.Close()
	}
	served := make(chan error, 1)
	go func() {
		served <- vpcd.ServeConn(ctx, conn, &watched{card, func() { s.notice(card) }})
		s.finish(card, done)
	}()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
		return nil
	}
}

// idle waits until the card has finished what it was doing when it was pulled:
// a chip does one thing at a time, and loses its power in between.
func (s *Slot) idle(ctx context.Context, card vpcd.Card) {
	s.mu.Lock()
	done := s.busy[card]
	s.mu.Unlock()
	if done == nil {
		return
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// begin makes the card one that can be pulled; it fails when somebody was quicker.
// The connection is closed before a pull returns, not soon after: the answer to
// the command under way may be ready at that very moment.
func (s *Slot) begin(conn *net.TCPConn, card vpcd.Card, cancel context.CancelFunc) (done chan struct{}, there bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.card != card {
		return nil, false
	}
	s.pull = func() {
		cancel()
		_ = conn.Close()
	}
	done = make(chan struct{})
	s.busy[card] = done
	return done, true
}

func (s *Slot) finish(card vpcd.Card, done chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[card] == done {
		delete(s.busy, card)
	}
	close(done)
}
