package agent

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"cnie/internal/remote/gate"
)

// Between two attempts to connect; the wait doubles.
const shortest, longest = time.Second, time.Minute

// Run serves until the context ends, which is no error, or until nothing can be
// served any more.
func (a *Agent) Run(ctx context.Context) error {
	inner, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var tasks sync.WaitGroup
	for _, task := range []func(context.Context) error{a.work, a.stayConnected, a.stayRenewed} {
		tasks.Go(func() {
			if err := task(inner); err != nil {
				stop(err)
			}
		})
	}
	tasks.Wait()
	a.link.leave()
	if ctx.Err() != nil {
		return nil
	}
	return context.Cause(inner)
}

// hopeless are answers that another attempt does not change.
var hopeless = []error{gate.ErrNotNamed, gate.ErrNotTrusted, gate.ErrMalformed, ErrPin, ErrServiceKey, ErrNotEnrolled}

func (a *Agent) stayConnected(ctx context.Context) error {
	for pause := shortest; ; {
		began := time.Now()
		err := a.connection(ctx)
		var fatal *fatalError
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &fatal):
			return fatal.error
		}
		for _, h := range hopeless {
			if errors.Is(err, h) {
				return err
			}
		}
		a.options.Holder.Tell(Notice{Kind: Disconnected, Err: err})
		if time.Since(began) > 4*pause {
			pause = shortest // it held for a while
		}
		if !rest(ctx, pause) {
			return nil
		}
		pause = min(2*pause, longest)
	}
}

// connection is one session, from hello to the error that ends it.
func (a *Agent) connection(ctx context.Context) error {
	identity := a.identity()
	if err := identity.usable(a.now()); err != nil {
		return err
	}
	former, err := readSession(a.options.Folder)
	if err != nil {
		return &fatalError{err}
	}
	w, err := a.link.hello(ctx, identity, a.options.Hashes, former)
	if err != nil {
		return err
	}
	if err := replace(a.options.Folder, sessionFile, []byte(w.Session)); err != nil {
		return &fatalError{err}
	}
	if err := a.meet(w, identity); err != nil {
		return err
	}
	if err := a.resume(ctx, w.Open); err != nil {
		return err
	}
	a.options.Holder.Tell(Notice{Kind: Connected})
	for {
		orders, err := a.link.orders(ctx, time.Duration(w.Lease)*time.Second)
		if err != nil {
			return err
		}
		for _, o := range orders {
			if err := a.enqueue(ctx, o); err != nil {
				return err
			}
		}
		if err := a.resume(ctx, nil); err != nil { // what could not be sent before
			return err
		}
	}
}

// meet holds the service to what is known of it.
func (a *Agent) meet(w *gate.Welcome, identity *Identity) error {
	if w.Agent != identity.Name() {
		return fmt.Errorf("open a session: %w: the service takes the agent for another", gate.ErrNotNamed)
	}
	p, first, err := pin(a.options.Folder, a.options.Key, w)
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.pins = p
	a.mu.Unlock()
	if first {
		a.options.Holder.Tell(Notice{Kind: NewService, Keys: p.names()})
	}
	return nil
}

// stayRenewed has the agent's certificate renewed when two thirds of its life are
// over, and tries again until it has expired.
func (a *Agent) stayRenewed(ctx context.Context) error {
	var least time.Duration // nobody is asked all the time, whatever the clock says
	for pause := longest; ; least = longest {
		leaf := a.identity().Agent.Leaf
		due := leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) * 2 / 3)
		if !rest(ctx, max(due.Sub(a.now()), least)) {
			return nil
		}
		if err := a.renew(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			if expired := a.identity().usable(a.now()); expired != nil {
				return expired
			}
			a.options.Holder.Tell(Notice{Kind: NotRenewed, Err: err})
			if !rest(ctx, min(pause, leaf.NotAfter.Sub(a.now()))) {
				return nil
			}
			pause = min(2*pause, time.Hour)
			continue
		}
		pause = longest
		a.options.Holder.Tell(Notice{Kind: Renewed})
	}
}

// renew keeps the key. Connections that are open go on with the certificate before.
func (a *Agent) renew(ctx context.Context) error {
	before := a.identity()
	chain, err := a.options.Authority.renew(ctx, before.Agent)
	if err != nil {
		return err
	}
	made, err := certificateFor(chain, before.key())
	if err != nil {
		return err
	}
	after := &Identity{Agent: made, Holder: before.Holder}
	if err := after.usable(a.now()); err != nil {
		return err
	}
	if after.Name() != before.Name() {
		return fmt.Errorf("%w: it is for another agent", ErrAuthority)
	}
	if err := after.storeChain(a.options.Folder); err != nil {
		return err
	}
	a.mu.Lock()
	a.who = after
	a.mu.Unlock()
	a.link.client.CloseIdleConnections()
	return nil
}

// rest waits, a little more or less than asked for so that a thousand agents do
// not come back in the same moment. It tells whether the context still lives.
func rest(ctx context.Context, d time.Duration) bool {
	d += time.Duration(rand.Int64N(int64(d/4) + 1))
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
