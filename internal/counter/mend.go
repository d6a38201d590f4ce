package counter

import (
	"context"
	"errors"
	"time"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/emrtd/access"
)

// mend turns what went wrong with a card into what to wait for, or into the end.
func (t *transaction) mend(err error) error {
	if t.ctx.Err() != nil {
		return context.Cause(t.ctx)
	}
	var end failure
	switch {
	case errors.As(err, &end):
		return err
	case errors.Is(err, access.ErrWrongPassword):
		return t.wrongPassword()
	case errors.Is(err, access.ErrPassword): // Basic Access Control knows no CAN
		t.forgetSecrets()
		t.say = nextNeedsMRZ
		return nil
	case errors.Is(err, apdu.ErrAuthBlocked):
		return failure(failBlocked)
	case errors.Is(err, cardreader.ErrCardRemoved), errors.Is(err, cardreader.ErrNoCard), errors.Is(err, cardreader.ErrCardReset):
		t.lose(nextPutBack)
		return nil
	case errors.Is(err, cardreader.ErrReaderGone), errors.Is(err, cardreader.ErrNoReader), errors.Is(err, cardreader.ErrNoService):
		t.lose(nextPlugReader)
		return nil
	case errors.Is(err, cardreader.ErrReaderBusy):
		t.lose(nextFreeReader)
		return nil
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, apdu.ErrLimit):
		return failure(failSlow)
	}
	t.desk.o.Log.Info("card unreadable", "transaction", t.id(), "why", err.Error())
	return failure(failUnreadable)
}

// lose waits for the card to come back. Some losses are none: after a while the
// card that is there is tried again.
func (t *transaction) lose(next string) {
	t.avoid, t.retry, t.next = t.visit, time.Now().Add(again), next
	t.askAgain()
}

// askAgain forgets a yes that was said for a card of which nothing is known, and
// takes none until there is one again: the next may be somebody else's.
func (t *transaction) askAgain() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.card != none {
		return
	}
	t.seen = false
	if t.now.Agreed {
		t.agreed = make(chan struct{})
		t.change(func(n *Transaction) { n.Agreed = false })
	}
}

func (t *transaction) wrongPassword() error {
	t.forgetSecrets()
	t.say = nextWrongPassword
	t.update(func(n *Transaction) { n.Tries++ })
	if t.snapshot().Tries >= maxTries {
		return failure(failTries)
	}
	return nil
}
