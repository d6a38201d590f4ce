package counter

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"cnie/cardreader/emrtd/access"
	"cnie/internal/site"
)

// Why a transaction ends before it is done.
var (
	errCancelled = errors.New("cancelled")
	errRefused   = errors.New("the holder said no")
	errDone      = errors.New("done") // there is nothing more to do
)

// failure ends a transaction with a message.
type failure string

func (f failure) Error() string { return string(f) }

// transaction is one at work. Its goroutine runs through the steps, in order;
// what people do reaches it through channels.
type transaction struct {
	desk    *Desk
	purpose site.Purpose
	request Request
	ctx     context.Context
	end     context.CancelCauseFunc

	passwords chan access.Password
	matches   chan Match

	// Of the goroutine alone.
	password access.Password // until the last byte was read
	card     identity        // none: not known yet
	guardian identity
	visit    int // of the card that is on the reader
	presence
	entries int  // in the ledger until now
	shown   bool // data are on a screen, and the clerk has not decided

	mu      sync.Mutex
	since   time.Time // when the state was entered
	now     Transaction
	seen    bool          // a card was on the reader
	decided bool          // by the clerk, of the card that is there
	agreed  chan struct{} // closed by a yes
	changed chan struct{} // closed by the next change
	over    bool          // what comes now is too late
	gone    bool
	allowed time.Duration // for the step
	extend  *time.Timer   // of the step; nil: nothing is waited for
}

func newTransaction(d *Desk, id string, purpose site.Purpose, q Request) *transaction {
	t := &transaction{
		desk: d, purpose: purpose, request: q,
		passwords: make(chan access.Password, 1), matches: make(chan Match, 1),
		agreed: make(chan struct{}), changed: make(chan struct{}),
	}
	t.ctx, t.end = context.WithCancelCause(d.ctx)
	at := d.o.Now()
	t.since, t.presence = time.Now(), presence{next: nextPutCard, say: nextPassword}
	t.now = Transaction{
		ID: id, Serial: 1, Purpose: q.Purpose, Operator: q.Operator, Ticket: q.Ticket, Reader: q.Reader,
		State: WaitingCard, Person: Holder, Next: nextPutCard, Began: at, Changed: at,
	}
	return t
}

func (t *transaction) id() string { return t.now.ID } // never changes

func (t *transaction) snapshot() Transaction {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now
}

// update makes the next snapshot, unless everything was wiped.
func (t *transaction) update(act func(*Transaction)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.change(act)
}

// show is update for what somebody may have forbidden a moment ago.
func (t *transaction) show(act func(*Transaction)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ctx.Err() != nil {
		return context.Cause(t.ctx)
	}
	t.change(act)
	return nil
}

// change does so; the lock is held.
func (t *transaction) change(act func(*Transaction)) {
	if t.gone {
		return
	}
	before := t.now.State
	act(&t.now)
	t.now.Serial++
	t.now.Changed = t.desk.o.Now()
	if t.now.State != before {
		t.desk.o.Measure(string(before), time.Since(t.since))
		t.since = time.Now()
	}
	close(t.changed)
	t.changed = make(chan struct{})
}

func (t *transaction) enter(s State, next string) {
	t.update(func(n *Transaction) { n.State, n.Next, n.Progress = s, next, Progress{} })
}

// vanish wipes the snapshot and ends the watchers.
func (t *transaction) vanish() {
	defer t.desk.o.Forgotten()
	t.update(wipe)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.extend != nil {
		t.extend.Stop()
	}
	if !t.gone {
		t.gone = true
		close(t.changed)
	}
}

// wipe takes everything about a person out of a snapshot.
func wipe(n *Transaction) {
	n.Seen.Photo.wipe()
	n.Seen = Seen{}
	if n.Guardian != nil {
		n.Guardian.Photo.wipe()
		n.Guardian = nil
	}
}

// Watch yields a transaction as it stands and after changes, the latest only: who
// is slow misses what was in between and holds up nobody. It ends with the
// context, or when the transaction is forgotten.
func (d *Desk) Watch(ctx context.Context, id string) iter.Seq[Transaction] {
	return func(yield func(Transaction) bool) {
		t, err := d.find(id)
		if err != nil {
			return
		}
		for {
			t.mu.Lock()
			now, changed, gone := t.now, t.changed, t.gone
			t.mu.Unlock()
			if gone || ctx.Err() != nil || !yield(now) {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}

// late reports whether somebody or something has ended the transaction, which may
// show only in a moment; the lock is held.
func (t *transaction) late() bool { return t.over || t.ctx.Err() != nil }

func (t *transaction) takePassword(p access.Password) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.now.State; t.late() || s != WaitingCard && s != WaitingPassword || p.Kind() == "" {
		p.Wipe()
		return ErrState
	}
	select {
	case old := <-t.passwords:
		old.Wipe()
	default:
	}
	t.passwords <- p
	return nil
}

// takeConsent notes a yes once there is a card, whose holder was informed; the
// purposes' notice is shown as soon as it is there. While the card is away nobody
// knows who says it.
func (t *transaction) takeConsent(agreed bool) error {
	if !agreed {
		return t.abandon(errRefused)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.now.State
	early := s == WaitingCard || s == WaitingPassword || s == Opening
	at, _, _ := t.desk.slots.look(t.request.Reader)
	if t.late() || !t.seen || !at.card || t.now.Agreed || !early && s != Asking {
		return ErrState
	}
	close(t.agreed)
	t.change(func(n *Transaction) { n.Agreed = true })
	return nil
}

func (t *transaction) takeMatch(m Match) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.late() || t.now.State != Deciding || t.decided || m != Matches && m != NoMatch && m != Unsure {
		return ErrState
	}
	t.decided = true
	t.matches <- m // there is room for one
	return nil
}

func (t *transaction) abandon(why error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now.State.Ended() || t.ctx.Err() != nil {
		return ErrState
	}
	t.end(why)
	t.change(wipe) // at once: whoever is waited for now, such as the ledger, may take his time
	return nil
}
