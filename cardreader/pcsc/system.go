//go:build cgo || windows

package pcsc

import (
	"context"
	"fmt"

	"github.com/ebfe/scard"

	"cnie/cardreader"
)

// System is the machine's PC/SC service. It holds nothing: each call makes a
// connection of its own.
type System struct{}

// New returns the machine's PC/SC service. Whether it runs shows at the first
// call.
func New() *System { return &System{} }

var _ cardreader.System = (*System)(nil)

// Readers implements [cardreader.System].
func (*System) Readers(ctx context.Context) ([]cardreader.Reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	found, err := await(ctx, func() ([]seen, error) {
		s, err := open()
		if err != nil {
			return nil, err
		}
		defer s.close()
		return s.survey()
	}, func([]seen) {})
	if err != nil {
		return nil, err
	}
	readers := make([]cardreader.Reader, len(found))
	for i, f := range found {
		readers[i] = f.Reader
	}
	return readers, nil
}

// Connect implements [cardreader.System].
func (*System) Connect(ctx context.Context, reader string) (cardreader.Card, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := await(ctx, func() (*card, error) { return connect(reader) }, (*card).release)
	if err != nil {
		return nil, err // not c: an interface that holds a nil pointer is not nil
	}
	return c, nil
}

func connect(reader string) (*card, error) {
	s, err := open()
	if err != nil {
		return nil, err
	}
	c := &card{reader: reader, session: s, turn: make(chan struct{}, 1), ended: make(chan struct{})}
	if err := c.attach(); err != nil {
		s.close()
		return nil, err
	}
	c.turn <- struct{}{}
	return c, nil
}

// attach opens the card in the reader and learns its answer to reset.
func (c *card) attach() error {
	op := fmt.Sprintf("connect to %q", c.reader)
	handle, err := c.session.connect(c.reader, scard.ShareExclusive, scard.ProtocolAny)
	if has(err, codeSharingViolation) {
		// A program that was left with a card that is gone blocks nobody.
		if found, look := c.session.look([]string{c.reader}); look == nil && !found[0].HasCard {
			err = &Error{Code: codeNoSmartcard, Op: op}
		}
	}
	if err != nil {
		return err
	}
	if p := handle.ActiveProtocol(); p != scard.ProtocolT0 && p != scard.ProtocolT1 { // the library panics with others
		_ = handle.Disconnect(scard.LeaveCard)
		return &Error{Code: codeProtoMismatch, Op: op}
	}
	found, err := c.session.look([]string{c.reader})
	if err == nil && !found[0].HasCard {
		err = &Error{Code: codeRemovedCard, Op: op}
	}
	if err != nil {
		_ = handle.Disconnect(scard.LeaveCard)
		return err
	}
	c.handle = handle
	c.atr.Store(&found[0].ATR)
	return nil
}
