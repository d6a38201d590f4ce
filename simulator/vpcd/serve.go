package vpcd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// DefaultAddr is where an unconfigured virtual reader listens.
const DefaultAddr = "127.0.0.1:35963"

// How long Serve waits for a reader that is still starting.
const (
	patience = 2 * time.Second
	interval = 50 * time.Millisecond
)

// Card is what lies in the virtual reader. Serve calls it from one goroutine.
// Its slices may be reused by the next call.
type Card interface {
	// ATR is the answer to reset, 2 to 33 bytes.
	ATR() []byte
	// Power switches the card on or off; both end every session with it.
	Power(on bool)
	// Reset is a warm reset.
	Reset()
	// Transmit answers a command APDU with 2 to 65,535 bytes.
	Transmit(command []byte) (response []byte)
}

// Serve connects the card to a listening virtual reader and answers for it
// until ctx ends, which is no error, or the reader goes away, which is one. An
// empty addr means DefaultAddr. When it returns, the card is out of the reader
// and without power.
//
// A reader takes one card. A second one may connect but stays unseen until the
// first has left.
func Serve(ctx context.Context, addr string, card Card) error {
	conn, err := Connect(ctx, addr)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	return ServeConn(ctx, conn, card)
}

// Connect finds the virtual reader for a card that ServeConn then answers for:
// whoever has several cards to plug in learns first whether all of them can be.
func Connect(ctx context.Context, addr string) (*net.TCPConn, error) {
	if addr == "" {
		addr = DefaultAddr
	}
	conn, err := dial(ctx, addr)
	if err != nil {
		return nil, fmt.Errorf("plug the card into the virtual reader at %s: %w", addr, err)
	}
	return conn, nil
}

// ErrReaderClosed says that the other side, whose connection is the slot, went
// away.
var ErrReaderClosed = errors.New("the reader closed the connection")

// ServeConn answers for the card as Serve does, on a connection that somebody
// made: to a virtual reader, or from a [Client]. It closes the connection.
func ServeConn(ctx context.Context, conn *net.TCPConn, card Card) error {
	defer conn.Close()
	defer card.Power(false)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	err := serve(newFrames(conn), card)
	if ctx.Err() != nil {
		return nil
	}
	if errors.Is(err, io.EOF) {
		err = ErrReaderClosed
	}
	return fmt.Errorf("answer the virtual reader at %s: %w", conn.RemoteAddr(), err)
}

// dial tries again for a while when nobody listens yet. Go switches Nagle's
// algorithm off (TCP_NODELAY) on every connection that it makes.
func dial(ctx context.Context, addr string) (*net.TCPConn, error) {
	deadline := time.Now().Add(patience)
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err == nil {
			return conn.(*net.TCPConn), nil // the network is "tcp"
		}
		if !errors.Is(err, syscall.ECONNREFUSED) || time.Now().After(deadline) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(interval):
		}
	}
}

// Orders of the reader: frames of one byte.
const (
	orderOff   = 0
	orderOn    = 1
	orderReset = 2
	orderATR   = 4 // the only one that is answered
)

func serve(f *frames, card Card) error {
	for {
		frame, err := f.read()
		if err != nil {
			return err
		}
		if len(frame) > 1 {
			err = f.write(answer(card, frame))
		} else {
			err = obey(f, card, frame[0])
		}
		if err != nil {
			return err
		}
	}
}

func obey(f *frames, card Card, order byte) error {
	switch order {
	case orderOff, orderOn:
		card.Power(order == orderOn)
	case orderReset:
		card.Reset()
	case orderATR:
		return f.write(card.ATR())
	default:
		return fmt.Errorf("unknown order %d from the reader", order)
	}
	return nil
}

// noDiagnosis is sent for a card that gave an answer no frame can carry.
var noDiagnosis = []byte{0x6F, 0x00} // ISO 7816-4 §5.6, table 6

func answer(card Card, command []byte) []byte {
	response := card.Transmit(command)
	if len(response) < 2 || len(response) > maxFrame {
		return noDiagnosis
	}
	return response
}
