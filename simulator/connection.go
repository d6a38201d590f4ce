package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"cnie/cardreader"
)

var (
	errClosed  = errors.New("the connection is closed")
	errGivenUp = errors.New("a command was given up: close the connection and connect again")
	errCommand = errors.New("a command APDU has 4 to 65,535 bytes")
)

// connection is the exclusive use of one card for the length of its visit.
type connection struct {
	system         *System
	slot           *slot
	chip           *Chip
	plugged, visit int
	turn           chan struct{} // holds one token while the card computes
	ended          error         // closed or given up; guarded by the system's lock
}

var _ cardreader.Card = (*connection)(nil)

// connect makes the connection; the system's lock is held.
func (s *System) connect(at *slot) *connection {
	return &connection{
		system: s, slot: at, chip: at.chip, plugged: at.plugged, visit: at.visit,
		turn: make(chan struct{}, 1),
	}
}

// TransmitRaw implements apdu.Link. A card that is pulled out while it computes
// has not answered.
func (c *connection) TransmitRaw(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := c.transmit(ctx, command)
	if err != nil {
		return nil, fmt.Errorf("transmit: %w", err)
	}
	return answer, nil
}

func (c *connection) transmit(ctx context.Context, command []byte) ([]byte, error) {
	if len(command) < 4 || len(command) > 65535 {
		return nil, errCommand
	}
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	if ctx.Done() == nil {
		answer := c.chip.Transmit(command)
		<-c.turn
		return answer, c.usable(ctx)
	}
	answered := make(chan []byte, 1)
	command = bytes.Clone(command) // the caller may be gone before the card is done
	go func() {
		answered <- c.chip.Transmit(command)
		<-c.turn
	}()
	select {
	case answer := <-answered:
		return answer, c.usable(ctx)
	case <-ctx.Done():
		c.end(errGivenUp)
		return nil, ctx.Err()
	}
}

// begin waits for the card's attention.
func (c *connection) begin(ctx context.Context) error {
	if err := c.usable(ctx); err != nil {
		return err
	}
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := c.usable(ctx); err != nil {
		<-c.turn
		return err
	}
	return nil
}

// ATR implements cardreader.Card.
func (c *connection) ATR() cardreader.ATR { return c.chip.ATR() }

// Reset implements cardreader.Card.
func (c *connection) Reset(ctx context.Context) error {
	if err := c.begin(ctx); err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	c.chip.Reset()
	<-c.turn
	return nil
}

// Close implements cardreader.Card. The chip is reset, so that no session is
// left for the next program; it comes free once it has finished computing.
func (c *connection) Close() error {
	c.end(errClosed)
	select {
	case c.turn <- struct{}{}:
		c.release()
	default:
		go func() {
			c.turn <- struct{}{}
			c.release()
		}()
	}
	return nil
}

func (c *connection) release() {
	c.system.mu.Lock()
	defer c.system.mu.Unlock()
	if c.slot.held == c {
		c.slot.held = nil
		c.chip.Reset()
	}
	<-c.turn
}

func (c *connection) end(why error) {
	c.system.mu.Lock()
	defer c.system.mu.Unlock()
	c.ended = why
}

// usable says why the connection is dead, if it is.
func (c *connection) usable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.system.mu.Lock()
	defer c.system.mu.Unlock()
	switch {
	case c.ended != nil:
		return c.ended
	case c.slot.plugged != c.plugged:
		return cardreader.ErrReaderGone
	case c.slot.visit != c.visit:
		return cardreader.ErrCardRemoved
	}
	return nil
}
