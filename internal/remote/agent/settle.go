package agent

import (
	"context"
	"errors"
	"slices"
	"time"

	"cnie/internal/remote/order"
)

// fatalError ends the agent: it cannot remember what it does.
type fatalError struct{ error }

func (e *fatalError) Unwrap() error { return e.error }

// lostError is a failure of the connection.
type lostError struct{ error }

func (e *lostError) Unwrap() error { return e.error }

// ends is when nothing can come of an order any more: its own end, and that of the
// token that came with it.
func ends(o *order.Order, token int64) time.Time {
	until := o.Expires
	if t := time.Unix(token, 0).UTC(); t.After(until) {
		until = t
	}
	return until
}

// settle puts an answer on record, and on disk, and then sends it.
func (a *Agent) settle(ctx context.Context, o *order.Order, e entry, answer order.Answer) error {
	if err := record(a.options.Folder, a.now(), o, answer); err != nil {
		return &fatalError{err}
	}
	e.Stage, e.Order, e.Answer = answered, o.ID, &answer
	if e.Until.Before(o.Expires) {
		e.Until = o.Expires
	}
	if err := a.journal.write(e); err != nil {
		return &fatalError{err}
	}
	a.options.Holder.Tell(Notice{Kind: Answered, Order: o, Given: &answer})
	return a.send(ctx, &answer)
}

// send hands an answer in and notes that. A connection that fails is reported to
// whoever keeps it; the answer is sent again in the next session.
func (a *Agent) send(ctx context.Context, answer *order.Answer) error {
	if err := a.link.answer(ctx, answer); err != nil {
		return &lostError{err}
	}
	if err := a.journal.write(entry{Stage: sent, Order: answer.Order}); err != nil {
		return &fatalError{err}
	}
	return nil
}

// resume says at the beginning of a session what was not said in the one before.
// Orders that the service still waits for, and that this agent cannot answer from
// its journal, are lost: so that they never begin, that is noted first.
func (a *Agent) resume(ctx context.Context, open []order.ID) error {
	for _, e := range a.journal.in(begun) {
		if !a.working(e.Order) {
			open = append(open, e.Order)
		}
	}
	slices.Sort(open)
	for _, id := range slices.Compact(open) {
		e := a.journal.find(id)
		if a.working(id) || e != nil && e.Answer != nil {
			continue
		}
		answer := order.Refuse(id, order.Lost)
		until := a.now().Add(time.Hour).UTC()
		if err := a.journal.write(entry{Stage: answered, Order: id, Until: until, Answer: &answer}); err != nil {
			return &fatalError{err}
		}
	}
	var failed error
	for _, e := range a.journal.in(answered) {
		if a.working(e.Order) {
			continue // it is being sent
		}
		if err := a.send(ctx, e.Answer); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}
