//go:build cgo || windows

package pcsc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ebfe/scard"

	"cnie/apdu"
	"cnie/cardreader"
)

// minResponse is a bare status word.
const minResponse = 2

// card is one exclusive connection. Whoever has taken the token out of turn may
// use session and handle.
type card struct {
	reader   string
	session  *session
	handle   *scard.Card // nil after a reset that failed
	turn     chan struct{}
	atr      atomic.Pointer[cardreader.ATR]
	released atomic.Bool

	once  sync.Once
	cause error         // why the card is dead
	ended chan struct{} // closed when cause is set
}

// ATR implements [cardreader.Card].
func (c *card) ATR() cardreader.ATR { return bytes.Clone(*c.atr.Load()) }

// TransmitRaw sends one command and returns the card's answer, a slice of the
// caller's own. It keeps no reference to the command.
func (c *card) TransmitRaw(ctx context.Context, command []byte) ([]byte, error) {
	if len(command) < apdu.MinCommand || len(command) > apdu.MaxCommand {
		return nil, fmt.Errorf("transmit: a command cannot have %d bytes", len(command))
	}
	own := bytes.Clone(command) // the call may outlive this one
	return inTurn(ctx, c, func() ([]byte, error) {
		defer clear(own) // a command may carry a secret
		response, err := c.handle.Transmit(own)
		if err == nil && len(response) < minResponse {
			err = scard.Error(codeNotTransacted) // drivers report so a card pulled while it answers
		}
		if err != nil {
			return nil, c.diagnose(failed("transmit", err))
		}
		return bytes.Clone(response), nil // not a corner of 64 KiB
	})
}

// Reset implements [cardreader.Card].
func (c *card) Reset(ctx context.Context) error {
	_, err := inTurn(ctx, c, func() (struct{}, error) {
		err := failed("reset the card", c.handle.Disconnect(scard.ResetCard))
		c.handle = nil
		if err == nil {
			err = c.attach()
		}
		if err != nil {
			c.end(err)
		}
		return struct{}{}, err
	})
	return err
}

// Close implements [cardreader.Card]. It waits for a command that is running,
// unless that was given up.
func (c *card) Close() error {
	c.end(fmt.Errorf("card: %w", fs.ErrClosed))
	c.release()
	return nil
}

// inTurn does work when it is the caller's turn. A context that ends meanwhile
// ends the card, too: nobody knows how far the command came.
func inTurn[T any](ctx context.Context, c *card, work func() (T, error)) (T, error) {
	if err := c.takeTurn(ctx); err != nil {
		return *new(T), err
	}
	value, err := await(ctx, func() (T, error) {
		defer func() { c.turn <- struct{}{} }()
		return work()
	}, func(T) {})
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		c.end(fmt.Errorf("card given up: %w", err))
		if c.released.CompareAndSwap(false, true) {
			go c.free()
		}
	}
	return value, err
}

func (c *card) takeTurn(ctx context.Context) error {
	select {
	case <-c.ended:
		return c.cause
	case <-ctx.Done():
		return ctx.Err()
	case <-c.turn:
	}
	err := ctx.Err()
	select { // of several that are ready, select takes any
	case <-c.ended:
		err = c.cause
	default:
	}
	if err != nil {
		c.turn <- struct{}{}
	}
	return err
}

// end makes the card dead. The first cause stays.
func (c *card) end(cause error) {
	c.once.Do(func() { c.cause = cause; close(c.ended) })
}

// release gives the card back, once.
func (c *card) release() {
	if c.released.CompareAndSwap(false, true) {
		c.free()
	}
}

// free waits until no command is running. The token stays with it.
func (c *card) free() {
	<-c.turn
	if c.handle != nil {
		_ = c.handle.Disconnect(scard.ResetCard) // it may be gone
	}
	c.session.close()
}

// Virtual readers are polled every 400 ms, and USB ones may take as long.
const noticeTime = 600 * time.Millisecond

// diagnose finds out why an exchange failed. A card pulled out during a command
// shows as a failed exchange first, a service that died as a failed connection:
// the service's present state tells.
func (c *card) diagnose(err error) error {
	if has(err, codeNotTransacted, codeCommError, codeInvalidHandle, codeReaderUnavailable) {
		if state := presence(c.reader); state != nil {
			err = state
		}
	}
	if dead := new(Error); errors.As(err, &dead) && dead.Unwrap() != nil {
		c.end(err)
	}
	return err
}

// presence waits a moment for the card to be gone and says what is missing, nil
// when all is there.
func presence(reader string) error {
	const op = "transmit"
	s, err := open()
	if err != nil {
		return err
	}
	defer s.close()
	for deadline := time.Now().Add(noticeTime); ; {
		found, err := s.look([]string{reader})
		switch left := time.Until(deadline); {
		case has(err, codeUnknownReader, codeReaderUnavailable):
			return &Error{Code: codeReaderUnavailable, Op: op}
		case err != nil:
			return err
		case !found[0].HasCard:
			return &Error{Code: codeRemovedCard, Op: op}
		case left <= 0:
			return nil
		default:
			err = s.wait(found, left)
			if err != nil {
				return err
			}
		}
	}
}
