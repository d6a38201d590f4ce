package slots

import (
	"context"
	"net"
	"time"

	"cnie/simulator/vpcd"
)

// absence is how long a card stays away from a virtual reader at least: two looks
// at 400 ms, and some more for a busy machine.
const absence = time.Second

// reader is a virtual PC/SC reader that listens; a card connects to it.
type reader struct {
	addr  string
	first *net.TCPConn // made by open
}

// Reader is a slot in the virtual reader that listens at addr.
func Reader(addr string) *Slot { return newSlot(&reader{addr: addr}) }

func (r *reader) open(ctx context.Context, s *Slot) error {
	conn, err := vpcd.Connect(ctx, r.addr)
	if err != nil {
		return err
	}
	if !s.Occupied() {
		return conn.Close() // before the reader has looked, or with nothing to see
	}
	r.first = conn
	return nil
}

func (r *reader) run(ctx context.Context, s *Slot) error {
	for {
		card := s.await(ctx)
		if card == nil {
			return r.close()
		}
		conn, err := r.connect(ctx)
		if err == nil {
			err = s.stay(ctx, conn, card)
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		pause(ctx, absence)
	}
}

func (r *reader) connect(ctx context.Context) (*net.TCPConn, error) {
	if conn := r.first; conn != nil {
		r.first = nil
		return conn, nil
	}
	return vpcd.Connect(ctx, r.addr)
}

// close gives up the connection that no card came to use.
func (r *reader) close() error {
	if r.first == nil {
		return nil
	}
	return r.first.Close()
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
