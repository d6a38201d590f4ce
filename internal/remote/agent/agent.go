package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"cnie/internal/remote/order"
)

// ErrRunning says that another agent uses the same folder.
var ErrRunning = errors.New("an agent is running in this folder already")

// Agent is one run of an agent.
type Agent struct {
	options Options
	log     *slog.Logger
	link    *link
	journal *journal
	unlock  func()

	mu    sync.Mutex
	who   *Identity
	pins  *pinned
	queue chan *order.Order // orders that wait
	seen  map[order.ID]bool // those, and the one that is being worked on
}

// queued bounds how many orders wait for the holder; more stay with the service.
const queued = 64

// Open readies the agent of a folder. Close it.
func Open(o Options) (*Agent, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	identity, err := LoadIdentity(o.Folder)
	if err != nil {
		return nil, err
	}
	if err := identity.usable(o.Now()); err != nil {
		return nil, err
	}
	unlock, err := lock(o.Folder)
	if err != nil {
		return nil, err
	}
	a := &Agent{
		options: o, log: o.Log, unlock: unlock, who: identity,
		queue: make(chan *order.Order, queued), seen: map[order.ID]bool{},
	}
	if a.journal, err = openJournal(o.Folder, o.Now()); err == nil {
		err = sweep(o.Folder)
	}
	if err != nil {
		unlock()
		return nil, err
	}
	a.link = newLink(o.Service, o.Roots, a.identity)
	return a, nil
}

// lock keeps two agents out of one journal. The system lets go of it when the
// process ends, however that happens.
func lock(folder string) (func(), error) {
	type locked struct {
		unlock func()
		err    error
	}
	got := make(chan locked, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(filepath.Join(folder, "lock")).Lock()
		got <- locked{unlock, err}
	}()
	select {
	case l := <-got:
		return l.unlock, l.err
	case <-time.After(2 * time.Second):
		go func() { // it may yet be had, when nobody wants it any more
			if l := <-got; l.err == nil {
				l.unlock()
			}
		}()
		return nil, ErrRunning
	}
}

// Close lets go of the folder.
func (a *Agent) Close() error {
	a.link.client.CloseIdleConnections()
	err := a.journal.close()
	a.unlock()
	return err
}

func (a *Agent) now() time.Time { return a.options.Now() }

func (a *Agent) identity() *Identity {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.who
}

func (a *Agent) service() *pinned {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.pins
}

// working tells whether an order will be answered, by this run.
func (a *Agent) working(id order.ID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seen[id]
}

// enqueue takes in an order, unless it is known to wait already.
func (a *Agent) enqueue(ctx context.Context, o *order.Order) error {
	a.mu.Lock()
	known := a.seen[o.ID]
	a.seen[o.ID] = true
	a.mu.Unlock()
	if known {
		return nil
	}
	select {
	case a.queue <- o:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (a *Agent) forget(id order.ID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.seen, id)
}

// work deals with one order after the other: there is one holder.
func (a *Agent) work(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case o := <-a.queue:
			err := a.handle(ctx, o)
			a.forget(o.ID)
			var fatal *fatalError
			if errors.As(err, &fatal) {
				return fmt.Errorf("work on an order: %w", fatal.error)
			}
			if err != nil && ctx.Err() == nil {
				a.log.Warn("order not answered yet", "order", o.ID, "error", err)
			}
		}
	}
}
