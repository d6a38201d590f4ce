package vpcd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"cnie/apdu"
	"cnie/cardreader"
)

// Client is the reader's side of the frames: a card that a simulator offers on a
// TCP port, for programs that have no PC/SC, or want none. It is a
// [cardreader.Card].
type Client struct {
	mu     sync.Mutex
	conn   *net.TCPConn
	frames *frames
	atr    cardreader.ATR
	dead   error // why nothing more can be said
}

var (
	_ cardreader.Card = (*Client)(nil)
	_ apdu.Link       = (*Client)(nil)

	errClosed  = errors.New("the connection is closed")
	errCommand = errors.New("a command APDU has 4 to 65,535 bytes")
)

// Dial connects to a card and switches it on. It wraps [cardreader.ErrNoReader]
// when nobody listens at addr, and [cardreader.ErrNoCard] when there is no card.
func Dial(ctx context.Context, addr string) (*Client, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("connect to the simulator at %s: %w: %w", addr, cardreader.ErrNoReader, err)
	}
	c := &Client{conn: conn.(*net.TCPConn)} // the network is "tcp"
	c.frames = newFrames(c.conn)
	if c.atr, err = c.powerOn(ctx); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("connect to the simulator at %s: %w", addr, err)
	}
	return c, nil
}

// powerOn asks for the ATR, which only a card gives.
func (c *Client) powerOn(ctx context.Context) (cardreader.ATR, error) {
	stop := c.limit(ctx)
	defer stop()
	err := c.frames.write([]byte{orderOn})
	if err == nil {
		err = c.frames.write([]byte{orderATR})
	}
	if err != nil {
		return nil, noCard(ctx)
	}
	atr, err := c.frames.read()
	if err != nil {
		return nil, noCard(ctx)
	}
	return bytes.Clone(atr), nil
}

// noCard tells an empty slot, which hangs up, from a caller without patience.
func noCard(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return cardreader.ErrNoCard
}

// limit breaks off what is under way when ctx ends.
func (c *Client) limit(ctx context.Context) (stop func()) {
	over := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) })
	return func() { over() }
}

// ATR implements cardreader.Card.
func (c *Client) ATR() cardreader.ATR { return c.atr }

// TransmitRaw implements apdu.Link. An exchange that was broken off ends the
// connection: the answer would come in place of the next one's.
func (c *Client) TransmitRaw(ctx context.Context, command []byte) ([]byte, error) {
	if len(command) < 4 || len(command) > maxFrame {
		return nil, fmt.Errorf("transmit: %w", errCommand)
	}
	answer, err := c.exchange(ctx, command, true)
	if err != nil {
		return nil, fmt.Errorf("transmit: %w", err)
	}
	return answer, nil
}

// Reset implements cardreader.Card.
func (c *Client) Reset(ctx context.Context) error {
	if _, err := c.exchange(ctx, []byte{orderReset}, false); err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	return nil
}

func (c *Client) exchange(ctx context.Context, frame []byte, answered bool) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead != nil {
		return nil, c.dead
	}
	stop := c.limit(ctx)
	defer stop()
	err := c.frames.write(frame)
	if err != nil || !answered {
		return nil, c.ended(ctx, err)
	}
	answer, err := c.frames.read()
	if err != nil {
		return nil, c.ended(ctx, err)
	}
	return bytes.Clone(answer), nil
}

// ended says why the connection is over, once for all: the caller gave up, or
// the card was pulled out.
func (c *Client) ended(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		c.dead = errClosed
		return ctx.Err()
	case errors.Is(err, net.ErrClosed), errors.Is(err, os.ErrDeadlineExceeded): // a context that ended too late
		c.dead = errClosed
	default: // io.EOF, a reset, half a frame: the card's side hung up
		c.dead = cardreader.ErrCardRemoved
	}
	return c.dead
}

// Close implements cardreader.Card. The card loses its power.
func (c *Client) Close() error {
	err := c.conn.Close()
	if errors.Is(err, net.ErrClosed) || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
