package slots

import (
	"context"
	"net"
)

// port is a TCP port that terminals connect to, one after the other.
type port struct{ listener *net.TCPListener }

// Listener is a slot for [vpcd.Client]: whoever connects finds the card, or is hung
// up on. Run closes the listener.
func Listener(l *net.TCPListener) *Slot { return newSlot(&port{l}) }

func (*port) open(context.Context, *Slot) error { return nil }

func (p *port) run(ctx context.Context, s *Slot) error {
	defer p.listener.Close()
	stop := context.AfterFunc(ctx, func() { _ = p.listener.Close() })
	defer stop()
	for {
		conn, err := p.listener.AcceptTCP()
		if ctx.Err() != nil || err != nil {
			return p.last(ctx, conn, err)
		}
		card := s.now()
		if card == nil {
			_ = conn.Close()
			continue
		}
		_ = s.stay(ctx, conn, card) // the terminal has hung up, which is its right
	}
}

// last is what the loop ends with; a terminal that came too late is hung up on.
func (p *port) last(ctx context.Context, conn *net.TCPConn, err error) error {
	if conn != nil {
		_ = conn.Close()
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}
