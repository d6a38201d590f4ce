package counter

import (
	"context"
	"time"

	"cnie/apdu"
	"cnie/cardreader/emrtd"
	"cnie/lds"
	"cnie/pki"
)

const (
	maxTries  = 5  // wrong passwords; a card slows down after a few
	maxVisits = 20 // connections that did not last
	again     = 2 * time.Second
)

// presence says which visit of a card is waited for, and what people are told.
type presence struct {
	avoid int       // the visit that was lost, or is over
	retry time.Time // from when it counts again: not every loss is a removal; zero: never
	next  string    // while there is no card
	say   string    // while there is no password
}

// read gets the evidence of one card, however often it is pulled out and put
// back. What it returns has the holder's data groups only if the holder agreed.
func (t *transaction) read(l *leg) (*pki.Evidence, error) {
	for range maxVisits {
		if err := t.waitForCard(); err != nil {
			return nil, err
		}
		if t.password.Kind() == "" {
			if err := t.waitForPassword(); err != nil {
				return nil, err
			}
			continue // the card may have gone meanwhile
		}
		evidence, err := t.open(l)
		if err == nil || l.prelim != nil {
			t.forgetSecrets()
			return evidence, nil
		}
		if err := t.mend(err); err != nil {
			return nil, err
		}
	}
	return nil, failure(failUnsteady)
}

// waitForCard waits for a card, at another visit than the one that was lost.
func (t *transaction) waitForCard() error {
	late, stop := t.allow()
	defer stop()
	for {
		at, plugged, changed := t.desk.slots.look(t.request.Reader)
		if at.card && (at.serial != t.avoid || t.due()) {
			t.arrived(at.serial)
			return nil
		}
		next := t.next
		if !plugged {
			next = nextPlugReader
		}
		if now := t.snapshot(); now.State != WaitingCard || now.Next != next {
			t.enter(WaitingCard, next)
		}
		var retry <-chan time.Time
		if at.card && !t.retry.IsZero() {
			retry = time.After(time.Until(t.retry))
		}
		select {
		case <-changed:
		case <-retry:
		case <-late:
			return failure(failTimeout)
		case <-t.ctx.Done():
			return context.Cause(t.ctx)
		}
	}
}

func (t *transaction) due() bool { return !t.retry.IsZero() && !time.Now().Before(t.retry) }

func (t *transaction) arrived(visit int) {
	t.visit, t.avoid, t.retry = visit, 0, time.Time{}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen = true
}

// waitForPassword returns without one when the card goes away.
func (t *transaction) waitForPassword() error {
	select {
	case t.password = <-t.passwords:
		return nil
	default:
	}
	t.enter(WaitingPassword, t.say)
	late, stop := t.allow()
	defer stop()
	for {
		at, _, changed := t.desk.slots.look(t.request.Reader)
		if at.serial != t.visit {
			t.askAgain()
			return nil
		}
		select {
		case t.password = <-t.passwords:
			return nil
		case <-changed:
		case <-late:
			return failure(failTimeout)
		case <-t.ctx.Done():
			return context.Cause(t.ctx)
		}
	}
}

// open connects to the card and reads it.
func (t *transaction) open(l *leg) (*pki.Evidence, error) {
	t.enter(Opening, nextWait)
	began := time.Now()
	card, err := t.desk.o.System.Connect(t.ctx, t.request.Reader)
	if err != nil {
		return nil, err
	}
	defer card.Close()
	t.desk.o.Measure("connect", time.Since(began))
	atr := card.ATR()
	var options []apdu.Option
	if atr.ExtendedLength() {
		options = append(options, apdu.WithExtendedLength())
	}
	o := t.desk.o.Reading
	o.Password, o.ATR, o.MaxData, o.Reset = t.password, atr, t.capacity(), card.Reset
	o.Progress = t.progress
	o.Release = func(ctx context.Context, before *pki.Evidence) ([]lds.File, error) { return t.release(ctx, l, before) }
	evidence, err := emrtd.Read(t.ctx, apdu.NewChannel(card, options...), o)
	if evidence != nil {
		l.opened, evidence.ATR = true, atr
	}
	return evidence, err
}

// capacity asks the reader how many bytes fit one APDU; 0 when it does not say.
func (t *transaction) capacity() int {
	system, can := t.desk.o.System.(interface {
		MaxData(ctx context.Context, reader string) (int, error)
	})
	if !can {
		return 0
	}
	n, err := system.MaxData(t.ctx, t.request.Reader)
	if err != nil { // whatever is wrong will show when the card is asked
		return 0
	}
	return n
}

func (t *transaction) progress(p emrtd.Progress) {
	t.update(func(n *Transaction) {
		n.Progress = Progress{Step: p.Step, File: p.File, Read: p.BytesRead, Total: p.BytesTotal}
		if p.Step == emrtd.StepWait {
			n.Next = nextSlow
		} else if n.Next == nextSlow {
			n.Next = nextWait
		}
	})
}
