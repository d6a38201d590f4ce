package recording

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"cnie/apdu"
	"cnie/apdu/trace"
	"cnie/cardreader"
)

var (
	errClosed  = errors.New("the connection is closed")
	errCommand = errors.New("a command APDU has 4 to 65,544 bytes")
)

// Connect implements cardreader.System.
func (p *Player) Connect(ctx context.Context, reader string) (cardreader.Card, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("connect to %q: %w", reader, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	switch {
	case reader != p.header.Reader:
		err = cardreader.ErrNoReader
	case !p.present:
		err = cardreader.ErrNoCard
	case p.held != nil:
		err = cardreader.ErrReaderBusy
	default:
		_, err = p.script.event(trace.Connect)
	}
	if err != nil {
		return nil, fmt.Errorf("connect to %q: %w", reader, err)
	}
	p.held = &played{player: p, visit: p.visit}
	return p.held, nil
}

// played is the connection to the recorded card.
type played struct {
	player *Player
	visit  int
	closed bool // guarded by the player's lock
}

// TransmitRaw implements apdu.Link.
func (c *played) TransmitRaw(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := c.transmit(ctx, command)
	if err != nil {
		return nil, fmt.Errorf("transmit: %w", err)
	}
	return answer, nil
}

func (c *played) transmit(ctx context.Context, command []byte) ([]byte, error) {
	if len(command) < apdu.MinCommand || len(command) > apdu.MaxCommand {
		return nil, errCommand
	}
	c.player.mu.Lock()
	defer c.player.mu.Unlock()
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	e, err := c.player.script.answer(command)
	if err == nil {
		err = ErrorOf(e.Failure)
	}
	if err != nil {
		return nil, err
	}
	return bytes.Clone(e.Receive), nil
}

// usable says why the connection is dead, if it is; the lock is held.
func (c *played) usable(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case c.closed:
		return errClosed
	case c.visit != c.player.visit:
		return cardreader.ErrCardRemoved
	}
	return nil
}

// ATR implements cardreader.Card.
func (c *played) ATR() cardreader.ATR { return bytes.Clone(c.player.header.ATR) }

// Replayed says that no card is here; readers pass it on into their evidence.
func (c *played) Replayed() bool { return true }

// Reset implements cardreader.Card.
func (c *played) Reset(ctx context.Context) error {
	c.player.mu.Lock()
	defer c.player.mu.Unlock()
	if err := c.usable(ctx); err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	e, err := c.player.script.event(trace.Reset)
	if err == nil {
		err = ErrorOf(e.Failure)
	}
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	return nil
}

// Close implements cardreader.Card.
func (c *played) Close() error {
	c.player.mu.Lock()
	defer c.player.mu.Unlock()
	if !c.closed {
		c.closed = true
		c.player.script.close()
	}
	if c.player.held == c {
		c.player.held = nil
	}
	return nil
}
