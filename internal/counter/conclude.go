package counter

import "errors"

// conclude wipes what an early end leaves and makes its entry: always of a
// refusal, and of other ends once a card had been opened.
func (t *transaction) conclude(l *leg, err error) {
	if err == nil {
		return
	}
	end := func(n *Transaction) { n.State, n.Next, n.Failure = Failed, nextStartAgain, failUnreadable }
	var why failure
	switch {
	case errors.Is(err, errRefused):
		end = func(n *Transaction) { n.State, n.Next = RefusedByHolder, nextHolderRefused }
	case errors.Is(err, errCancelled):
		end = func(n *Transaction) { n.State, n.Next = Cancelled, nextCancelled }
	case errors.As(err, &why):
		end = func(n *Transaction) { n.State, n.Next, n.Failure = Failed, nextStartAgain, string(why) }
	case t.desk.ctx.Err() != nil:
		end = func(n *Transaction) { n.State, n.Next, n.Failure = Failed, nextStartAgain, failStopped }
	}
	t.update(wipe)
	t.desk.o.Forgotten()
	if !l.opened && !errors.Is(err, errRefused) {
		t.update(end)
		return
	}
	place, unrecorded := t.record(l, Seen{}, err)
	t.update(func(n *Transaction) {
		n.place(place, unrecorded)
		end(n)
	})
}
