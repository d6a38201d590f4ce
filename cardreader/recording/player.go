package recording

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"sync"

	"cnie/apdu/trace"
	"cnie/cardreader"
)

// Player is a card reader with a recorded card in it. It is a cardreader.System
// and safe for concurrent use.
type Player struct {
	header trace.Header
	random []byte

	mu      sync.Mutex
	script  *script
	visit   int // of the card: counts insertions
	present bool
	held    *played
	changed chan struct{} // closed at every change, then replaced
	drawn   int           // bytes of random
}

// Replay makes a Player of a full trace; the card is in the reader.
func Replay(t *trace.Trace) (*Player, error) {
	s, err := newScript(t, false)
	if err != nil {
		return nil, err
	}
	p := &Player{header: t.Header, script: s, present: true, visit: 1, changed: make(chan struct{})}
	for _, e := range t.Entries {
		p.random = append(p.random, e.Random...)
	}
	return p, nil
}

var _ cardreader.System = (*Player)(nil)

// Rand gives the recorded random numbers again, then fails.
func (p *Player) Rand() io.Reader { return redrawn{p} }

// Err is the first deviation from the recording, or, when nothing deviated, an
// error for commands that were recorded and never sent.
func (p *Player) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.script.broken != nil:
		return p.script.broken
	case !p.script.anyOrder && !p.script.done():
		return p.script.deviate("the program stopped before it")
	}
	return nil
}

// Insert puts the card in, if it is not in.
func (p *Player) Insert() { p.move(true) }

// Remove takes the card out, if it is in.
func (p *Player) Remove() { p.move(false) }

func (p *Player) move(present bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.present == present {
		return
	}
	p.present, p.held = present, nil
	p.visit++
	close(p.changed)
	p.changed = make(chan struct{})
}

// state is the reader as it is now; the lock is held.
func (p *Player) state() cardreader.Reader {
	r := cardreader.Reader{Name: p.header.Reader, HasCard: p.present}
	if p.present {
		r.ATR = bytes.Clone(p.header.ATR)
	}
	return r
}

// Readers implements cardreader.System.
func (p *Player) Readers(ctx context.Context) ([]cardreader.Reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list readers: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return []cardreader.Reader{p.state()}, nil
}

// Watch implements cardreader.System.
func (p *Player) Watch(ctx context.Context) iter.Seq2[cardreader.Event, error] {
	return func(yield func(cardreader.Event, error) bool) {
		seen, there := 0, false
		if ctx.Err() != nil || !yield(cardreader.Event{Kind: cardreader.ReaderAdded, Reader: p.header.Reader}, nil) {
			return
		}
		for ctx.Err() == nil {
			p.mu.Lock()
			now, visit, changed := p.state(), p.visit, p.changed
			p.mu.Unlock()
			if there && visit != seen {
				there = false
				if !yield(cardreader.Event{Kind: cardreader.CardRemoved, Reader: now.Name}, nil) {
					return
				}
			}
			if now.HasCard && !there {
				there = true
				if !yield(cardreader.Event{Kind: cardreader.CardInserted, Reader: now.Name, ATR: now.ATR}, nil) {
					return
				}
			}
			seen = visit
			select {
			case <-changed:
			case <-ctx.Done():
			}
		}
	}
}

// redrawn gives out the recorded random numbers.
type redrawn struct{ *Player }

// Read implements io.Reader.
func (r redrawn) Read(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := copy(b, r.random[r.drawn:])
	r.drawn += n
	if n == 0 && len(b) > 0 {
		return 0, fmt.Errorf("more random numbers than were recorded: %w", io.ErrUnexpectedEOF)
	}
	return n, nil
}
