package web

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"

	"cnie/internal/counter"
)

// station is one place at the desk: the transaction that its two screens show.
type station struct {
	reader string

	starting sync.Mutex // one transaction begins here at a time

	mu      sync.Mutex
	current counter.Transaction // zero: none
	photo   string              // secret part of the photo's address
	note    string              // key of what the desk had to say last
	changed chan struct{}       // closed at the next change
}

// scene is a station at one moment.
type scene struct {
	counter.Transaction
	readers []counter.Reader
	photo   string
	note    string
}

// look returns what is there and a channel that is closed when it changes.
func (s *station) look() (scene, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return scene{Transaction: s.current, photo: s.photo, note: s.note}, s.changed
}

// change does something to the station and wakes who looks at it.
func (s *station) change(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
	close(s.changed)
	s.changed = make(chan struct{})
}

// say shows a note until the next thing succeeds; "" takes it away.
func (s *station) say(key string) { s.change(func() { s.note = key }) }

// follow shows a transaction from now on, until it is forgotten by the desk or
// another one takes its place.
func (s *Server) follow(on *station, id string) error {
	first, err := s.options.Desk.Get(id)
	if err != nil {
		return err
	}
	on.change(func() { on.current, on.photo, on.note = first, strings.ToLower(rand.Text()), "" })
	go func() {
		ctx, cancel := context.WithCancel(s.ctx)
		defer cancel()
		ended := false
		for t := range s.options.Desk.Watch(ctx, id) {
			if !on.update(t) {
				return
			}
			if t.State.Ended() && !ended {
				ended = true
				s.Measures.ended(t)
			}
		}
		on.forget(id)
	}()
	return nil
}

// update takes a newer snapshot of the transaction that is shown, and reports
// whether it still is.
func (s *station) update(t counter.Transaction) bool {
	shown := false
	s.change(func() {
		if shown = s.current.ID == t.ID; shown {
			s.current = t
		}
	})
	return shown
}

// forget shows nothing any more of a transaction.
func (s *station) forget(id string) {
	s.change(func() {
		if s.current.ID == id {
			s.current, s.photo = counter.Transaction{}, ""
		}
	})
}

// wipe ends what is there, when the program ends.
func (s *station) wipe(desk Desk) {
	now, _ := s.look()
	if now.ID == "" {
		return
	}
	// Either may be too late, which is as good.
	_ = desk.Cancel(now.ID)
	_ = desk.Close(now.ID)
	s.forget(now.ID)
}

// adopt shows what business software has begun in this station's reader.
func (s *Server) adopt(on *station, readers []counter.Reader) {
	now, _ := on.look()
	if now.ID != "" && !now.State.Ended() {
		return
	}
	i := slices.IndexFunc(readers, func(r counter.Reader) bool {
		return r.Transaction != "" && r.Transaction != now.ID && (r.Name == on.reader || on.reader == "" && len(readers) == 1)
	})
	if i >= 0 {
		_ = s.follow(on, readers[i].Transaction) // gone again: there is nothing to show
	}
}
