package counter

import (
	"context"
	"time"
)

// allow gives people time for a step. What it returns fires when that is over;
// until stop, the snapshots say when, and people may ask for more.
func (t *transaction) allow() (late <-chan time.Time, stop func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	timer := time.NewTimer(t.desk.o.Patience)
	t.allowed, t.extend = t.desk.o.Patience, timer
	t.change(func(n *Transaction) { n.Deadline = time.Now().Add(t.allowed) })
	return timer.C, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		timer.Stop()
		t.extend = nil
		t.change(func(n *Transaction) { n.Deadline = time.Time{} })
	}
}

// wait gives a person time for an answer.
func wait[T any](ctx context.Context, t *transaction, answer <-chan T) (got T, err error) {
	late, stop := t.allow()
	defer stop()
	select {
	case got = <-answer:
		return got, context.Cause(ctx) // an end that came as well counts for more
	case <-late:
		return got, failure(failTimeout)
	case <-ctx.Done():
		return got, context.Cause(ctx)
	}
}

// remain keeps what has ended on the clerk's screen for a while.
func (t *transaction) remain() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone || t.desk.ctx.Err() != nil {
		return
	}
	t.allowed, t.extend = t.desk.o.Idle, time.AfterFunc(t.desk.o.Idle, func() { t.desk.forget(t) })
	t.change(func(n *Transaction) { n.Deadline = time.Now().Add(t.allowed) })
}

// takeTime begins the time of a step anew. Where it has run out already, and only
// the end has not come about yet, it stays so.
func (t *transaction) takeTime() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone || t.extend == nil || !t.over && t.late() {
		return ErrState
	}
	if !t.extend.Reset(t.allowed) {
		t.extend.Stop()
		return ErrState
	}
	t.change(func(n *Transaction) { n.Deadline = time.Now().Add(t.allowed) })
	return nil
}
