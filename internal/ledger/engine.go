package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// engine is what is open of a ledger between two failures: the keys, the records and
// the log, and one goroutine that writes.
type engine struct {
	slots *slots
	store *store
	tree  *tree
	now   func() time.Time

	jobs chan *job
	stop chan struct{} // closed: no more jobs
	done chan struct{} // closed: the writer has ended

	placing   chan batch    // written, to be put into the log
	placedAll chan struct{} // closed: nothing is on its way to the log

	// Of the writer alone.
	next  int64       // free slot
	last  time.Time   // of the entry ahead
	taken []placement // being committed

	mu      sync.Mutex
	failed  error
	waiting map[string]*job // by tag: under way
	placed  []placement     // in the log, and not yet said so among the records
}

// job is an entry on its way; without a record it only flushes.
type job struct {
	record *Record
	given  bool    // the caller chose the id
	erases []int64 // slots to be destroyed

	tag   []byte
	slot  int64
	place Place
	err   error
	done  chan struct{}
}

// Errors of a ledger that callers can do something about.
var (
	ErrClosed   = errors.New("the ledger is closed")
	ErrLocked   = errors.New("another process has the ledger open")
	ErrConflict = errors.New("another event has been recorded under this id")
	ErrLost     = errors.New("the log is shorter than the records say; look at it with `cnie ledger verify`")
	ErrPlatform = errors.New("a ledger cannot be written on this system; it can be verified")
)

func openEngine(ctx context.Context, o Options, id *identity) (*engine, error) {
	e := &engine{
		now: o.Now, waiting: map[string]*job{},
		jobs: make(chan *job, 1024), stop: make(chan struct{}), done: make(chan struct{}),
		placing: make(chan batch), placedAll: make(chan struct{}),
	}
	if err := e.open(ctx, o, id); err != nil {
		return nil, errors.Join(err, e.release(ctx, true))
	}
	go e.write()
	go e.placer()
	return e, nil
}

func (e *engine) open(ctx context.Context, o Options, id *identity) (err error) {
	if e.slots, err = openSlots(o.Dir, true); err != nil {
		return err
	}
	if e.store, err = openStore(ctx, o.Dir, o.DSN, id.origin(), true); err != nil {
		return err
	}
	if e.tree, err = openTree(o.Dir, id.signer); err != nil {
		return err
	}
	return e.reconcile(ctx, o.Dir)
}

// release closes what is open.
func (e *engine) release(ctx context.Context, failed bool) error {
	var all []error
	if e.tree != nil {
		all = append(all, e.tree.close(ctx, failed))
	}
	if e.store != nil {
		all = append(all, e.store.close())
	}
	if e.slots != nil {
		all = append(all, e.slots.close())
	}
	return errors.Join(all...)
}

// do takes a job through. When ctx ends first, the entry may be made all the same.
func (e *engine) do(ctx context.Context, j *job) error {
	j.done = make(chan struct{})
	select {
	case e.jobs <- j:
	case <-e.stop:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-j.done:
		return j.err
	case <-e.done:
		select { // the writer may have ended with this very job
		case <-j.done:
			return j.err
		default:
			return ErrClosed
		}
	case <-ctx.Done():
		return ctx.Err()
	}
}

const (
	group  = 512                    // jobs that share one write to the disk
	linger = 200 * time.Millisecond // how long a place may be known to the log alone
)

// write is the one writer: it takes the jobs that wait, together.
func (e *engine) write() {
	defer close(e.done)
	tick := time.NewTicker(linger)
	defer tick.Stop()
	for {
		var jobs []*job
		select {
		case j := <-e.jobs:
			jobs = append(jobs, j)
		case <-tick.C:
		case <-e.stop:
			e.drain()
			return
		}
		for more := true; more && len(jobs) < group; {
			select {
			case j := <-e.jobs:
				jobs = append(jobs, j)
			default:
				more = false
			}
		}
		e.commit(jobs)
	}
}

// drain finishes what is under way when the ledger closes.
func (e *engine) drain() {
	for {
		select {
		case j := <-e.jobs:
			e.finish(j, ErrClosed)
		default:
			close(e.placing)
			<-e.placedAll
			e.commit(nil)
			return
		}
	}
}

func (e *engine) finish(j *job, err error) {
	j.err = err
	if j.tag != nil {
		e.mu.Lock()
		delete(e.waiting, string(j.tag))
		e.mu.Unlock()
	}
	close(j.done)
}

// fail notes the first failure. After it nothing is written until everything has
// been opened, and compared, again.
func (e *engine) fail(err error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.failed == nil {
		e.failed = err
	}
	return fmt.Errorf("not recorded: %w", err)
}

func (e *engine) failure() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.failed
}

// close ends the writer and releases everything.
func (e *engine) close(ctx context.Context) error {
	close(e.stop)
	<-e.done
	return errors.Join(e.failure(), e.release(ctx, e.failure() != nil))
}
