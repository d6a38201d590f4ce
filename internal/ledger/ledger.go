package ledger

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// Options say where a ledger is and who vouches for it.
type Options struct {
	Dir     string           // folder of the log, the keys and, without a DSN, the records
	DSN     string           // postgres://… for the records; empty: SQLite in Dir
	Origin  string           // name of a new log, first line of its checkpoints; empty: one at random
	Witness string           // base URL of a witness; empty: none
	Vouch   string           // the witness's verifier key (vkey)
	Every   time.Duration    // how often the witness is asked for a signature; zero: each second with something new
	Now     func() time.Time // nil: time.Now
}

// Place is where an entry is.
type Place struct {
	Index uint64 `json:"index"`
	Leaf  []byte `json:"leaf"` // the salted hash: what the log holds of the record
}

// Ledger is open for writing, by this process alone. It is safe for concurrent use.
type Ledger struct {
	*Reader
	o    Options
	id   *identity
	lock *os.File

	mu     sync.RWMutex
	engine *engine // nil: closed, or not opened again since a failure
	closed bool
	tried  time.Time

	erasing sync.Mutex // one erasure, or one look at everything, at a time
	courier *courier
}

// Open opens the ledger in a folder, or makes one there, and finishes what a crash
// left half done.
func Open(ctx context.Context, o Options) (*Ledger, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	l := &Ledger{o: o}
	if err := l.open(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *Ledger) open(ctx context.Context) (err error) {
	if err := os.MkdirAll(l.o.Dir, 0o700); err != nil {
		return err
	}
	if l.lock, err = lockDir(l.o.Dir); err != nil {
		return err
	}
	if l.id, err = openIdentity(l.o.Dir, l.o.Origin); err != nil {
		return err
	}
	if l.engine, err = openEngine(ctx, l.o, l.id); err != nil {
		return err
	}
	if l.Reader, err = OpenReader(ctx, l.o); err != nil {
		return err
	}
	if l.o.Witness != "" {
		l.courier, err = startCourier(l.o, l.id)
	}
	return err
}

// Add writes an entry, and returns once it is durable in the log and among the
// records. An error means that the entry is not to be relied upon; it may be there
// all the same, so try the same event again under the same ID.
func (l *Ledger) Add(ctx context.Context, r Record) (Place, error) {
	if r.Kind == Erasure {
		return Place{}, fmt.Errorf("%w: erasures are written by Erase and Expire", ErrRecord)
	}
	return l.add(ctx, r, nil)
}

func (l *Ledger) add(ctx context.Context, r Record, erases []int64) (Place, error) {
	j := &job{record: &r, given: r.ID != "", erases: erases}
	if !j.given {
		r.ID = hex.EncodeToString(random(16))
	}
	e, err := l.alive(ctx)
	if err != nil {
		return Place{}, err
	}
	if err := e.do(ctx, j); err != nil {
		return Place{}, err
	}
	return j.place, nil
}

// again is how soon after a failure the ledger is opened again.
const again = 500 * time.Millisecond

// alive gives the engine. One that failed is closed, and opened again: a disk may be
// full for an hour only, and nothing is written before all has been compared.
func (l *Ledger) alive(ctx context.Context) (*engine, error) {
	l.mu.RLock()
	e, closed := l.engine, l.closed
	l.mu.RUnlock()
	if closed {
		return nil, ErrClosed
	}
	if e != nil && e.failure() == nil {
		return e, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, ErrClosed
	}
	if l.engine != nil && l.engine.failure() == nil {
		return l.engine, nil
	}
	if l.engine != nil {
		failed := l.engine.close(ctx)
		l.engine, l.tried = nil, time.Now()
		return nil, fmt.Errorf("not recorded: %w", failed)
	}
	if time.Since(l.tried) < again {
		return nil, errors.New("not recorded: the ledger failed and is opened again in a moment")
	}
	l.tried = time.Now()
	e, err := openEngine(ctx, l.o, l.id)
	if err != nil {
		return nil, fmt.Errorf("not recorded: %w", err)
	}
	l.engine = e
	return e, nil
}

// settled waits until all that Add has returned is among the records with its place,
// and below a signed checkpoint.
func (l *Ledger) settled(ctx context.Context) error {
	e, err := l.alive(ctx)
	if err != nil {
		return err
	}
	if err := e.do(ctx, &job{}); err != nil {
		return err
	}
	highest, err := e.store.number(ctx, `SELECT MAX(idx) FROM entry`)
	if err != nil {
		return err
	}
	for highest.Valid {
		if c, _, err := l.id.newest(ctx, l.files); err == nil && c.Size > uint64(highest.Int64) {
			break
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Close finishes what is under way and closes the ledger. It may be called again.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	var all []error
	if l.engine != nil {
		all = append(all, l.engine.close(context.Background()))
	}
	if l.courier != nil {
		l.courier.close()
	}
	if l.Reader != nil {
		all = append(all, l.Reader.Close())
	}
	if l.lock != nil {
		all = append(all, l.lock.Close())
	}
	return errors.Join(all...)
}
