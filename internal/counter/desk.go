package counter

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"cnie/cardreader"
	"cnie/cardreader/emrtd"
	"cnie/internal/answer"
	"cnie/internal/ledger"
	"cnie/internal/photo"
	"cnie/internal/site"
	"cnie/lds"
	"cnie/pki"
)

// Why a desk does not do what it is asked.
var (
	ErrUnknown  = errors.New("there is no such transaction")
	ErrPurpose  = errors.New("the site has no such purpose")
	ErrQuestion = errors.New("the purpose does not ask this")
	ErrOperator = errors.New("the site has no such operator")
	ErrTicket   = errors.New("the purpose needs a ticket")
	ErrReader   = errors.New("no such reader is free")
	ErrState    = errors.New("the transaction is not there yet, or no longer")
	ErrStopped  = errors.New("the desk is closed")
)

// Ledger keeps the entries: Add returns once one is durable.
type Ledger interface {
	Add(ctx context.Context, r ledger.Record) (ledger.Place, error)
}

// How long people and the ledger may take.
const (
	DefaultPatience = 5 * time.Minute
	DefaultIdle     = 2 * time.Minute

	ledgerWithin = 10 * time.Second
)

// Options say what a desk works with. System, Site, Verifier, Ledger and Photo
// are needed.
type Options struct {
	System   cardreader.System
	Site     *site.Site
	Verifier func(at time.Time) (*pki.Verifier, error)
	Ledger   Ledger
	Photo    func(ctx context.Context, face lds.Face) (photo.Picture, error)
	// Pseudonym is what a purpose knows a person by instead of the CIN; nil: none.
	Pseudonym func(purpose string, h *pki.Holder) (string, error)
	Reading   emrtd.Options // AllowBAC, Timeout, Terminal and Rand; the rest is the desk's own
	Now       func() time.Time
	Patience  time.Duration // how long people may take for a step; 0: DefaultPatience
	Idle      time.Duration // after which an ended transaction is wiped; 0: DefaultIdle
	// Open are the hours of business; nil: seven to eight, but on Sundays.
	Open func(time.Time) bool
	// Measure is told how long each step took; nothing of who and what. It must not
	// call the desk.
	Measure func(step string, took time.Duration)
	// Forgotten is told that something of a person was wiped just now, so that what
	// others made of it may be collected. It must not call the desk; nil: nobody is.
	Forgotten func()
	Log       *slog.Logger
}

// Request begins a transaction.
type Request struct {
	Purpose   string
	Reader    string // "": the first that is free, of those with a card if there are any
	Operator  string
	Ticket    string
	Client    string            // the software that asks, as the site file calls it; "": the desk's own pages
	Questions []answer.Question // of those that the purpose may ask
	// MinorHasCard: of a purpose with a guardian, read the minor's card too.
	MinorHasCard bool
}

// Reader is one reader of the desk.
type Reader struct {
	Name        string `json:"name"`
	Card        bool   `json:"card"`
	Transaction string `json:"transaction,omitempty"` // "": it is free
}

// Desk keeps the transactions. It is safe for concurrent use.
type Desk struct {
	o       Options
	slots   *slots
	signals *signals
	ctx     context.Context
	stop    context.CancelFunc

	mu     sync.Mutex
	active map[string]*transaction // by id
	work   sync.WaitGroup
}

// New makes a desk, which sees its readers once Run does.
func New(o Options) (*Desk, error) {
	if o.System == nil || o.Site == nil || o.Verifier == nil || o.Ledger == nil || o.Photo == nil {
		return nil, errors.New("a desk needs readers, a site, a verifier, a ledger and a decoder of photos")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Measure == nil {
		o.Measure = func(string, time.Duration) {}
	}
	if o.Forgotten == nil {
		o.Forgotten = func() {}
	}
	if o.Open == nil {
		o.Open = businessHours
	}
	o.Patience, o.Idle = cmp.Or(o.Patience, DefaultPatience), cmp.Or(o.Idle, DefaultIdle)
	d := &Desk{o: o, signals: newSignals(), active: map[string]*transaction{}}
	d.slots = newSlots(d.noticed)
	d.ctx, d.stop = context.WithCancel(context.Background())
	return d, nil
}

// Run watches the readers until the context ends, then ends every transaction and
// waits for that. A desk runs once.
func (d *Desk) Run(ctx context.Context) error {
	d.work.Go(func() { d.watchClock(ctx) })
	d.slots.watch(ctx, d.o.System)
	d.mu.Lock()
	d.stop()
	all := make([]*transaction, 0, len(d.active))
	for _, t := range d.active {
		all = append(all, t)
	}
	d.mu.Unlock()
	d.work.Wait()
	for _, t := range all {
		d.forget(t)
	}
	return nil
}

// Start begins a transaction in a reader and gives its id. One that has ended
// there is wiped.
func (d *Desk) Start(ctx context.Context, q Request) (string, error) {
	purpose, err := d.admit(q)
	if err != nil {
		return "", err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		return "", ErrStopped
	}
	reader, err := d.choose(q.Reader)
	if err != nil {
		return "", err
	}
	if before := d.in(reader); before != nil {
		before.vanish()
		delete(d.active, before.id())
	}
	q.Reader = reader
	t := newTransaction(d, rand.Text(), purpose, q)
	at, _, _ := d.slots.look(reader)
	t.now.Card = at.card
	d.active[t.id()] = t
	d.signals.started(d.o.Now(), q.Ticket != "", d.o.Open(d.o.Now()))
	d.o.Log.InfoContext(ctx, "transaction begins", "transaction", t.id(), "purpose", q.Purpose, "reader", reader)
	d.work.Go(t.run)
	return t.id(), nil
}

// admit compares a request with the site file.
func (d *Desk) admit(q Request) (site.Purpose, error) {
	purpose, ok := d.o.Site.Purpose(q.Purpose)
	known := slices.ContainsFunc(d.o.Site.Operators, func(o site.Operator) bool { return o.ID == q.Operator })
	switch {
	case !ok:
		return purpose, ErrPurpose
	case !known && (len(d.o.Site.Operators) > 0 || q.Operator != ""): // what is no id might be anybody's name, for the ledger
		return purpose, ErrOperator
	case purpose.Ticket && q.Ticket == "":
		return purpose, ErrTicket
	}
	for i, question := range q.Questions {
		if !answer.Known(question) || !purpose.MayAsk(site.Answer(question.ID), question.Arg) || repeats(q.Questions[:i], question) {
			return purpose, ErrQuestion
		}
	}
	return purpose, nil
}

// repeats reports whether something is asked twice. Of same-person one is enough:
// with one record after another a card would tell all that it has.
func repeats(before []answer.Question, question answer.Question) bool {
	return slices.ContainsFunc(before, func(b answer.Question) bool {
		return b.ID == question.ID && (b.ID == answer.SamePerson || b.Arg == question.Arg)
	})
}

// choose finds a reader without a transaction under way; the lock is held.
func (d *Desk) choose(wanted string) (string, error) {
	var free []string
	for _, name := range d.slots.names() {
		if t := d.in(name); (wanted == "" || wanted == name) && (t == nil || t.snapshot().State.Ended()) {
			free = append(free, name)
		}
	}
	if len(free) == 0 {
		return "", ErrReader
	}
	with := slices.IndexFunc(free, func(name string) bool { at, _, _ := d.slots.look(name); return at.card })
	return free[max(with, 0)], nil
}
