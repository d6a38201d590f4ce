package counter_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/emrtd/access"
	"cnie/internal/counter"
	"cnie/internal/ledger"
	"cnie/internal/photo"
	"cnie/internal/site"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/specimen"
	"cnie/pki/trust"
	"cnie/simulator"
	"cnie/simulator/fault"
	"cnie/simulator/persona"
)

// world is a desk with readers in this process. Everything in it runs in a bubble
// of testing/synctest: minutes pass at once, and a goroutine that is left behind
// fails the test.
type world struct {
	*testing.T
	*counter.Desk
	system *simulator.System
	book   *book
	policy pki.Policy

	mu    sync.Mutex
	chips map[string]*wiretap // by reader: the last card
	times map[string]int      // what was measured
	snaps []counter.Transaction
}

func desk(t *testing.T, test func(w *world), changes ...func(*counter.Options)) {
	t.Helper()
	deskAt(t, now, test, changes...)
}

func deskAt(t *testing.T, at time.Time, test func(w *world), changes ...func(*counter.Options)) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, specimen.Default().WriteTrust(dir, at))
	store, err := trust.LoadDir(dir)
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(at))
		w := &world{T: t, system: simulator.NewSystem("Desk", nil, nil), book: &book{}, chips: map[string]*wiretap{}, times: map[string]int{}}
		o := counter.Options{
			System: w.system, Site: site.Specimen(), Ledger: w.book,
			Verifier: func(at time.Time) (*pki.Verifier, error) {
				policy := w.policy
				policy.At = at
				return pki.NewVerifier(store, policy)
			},
			Photo: func(_ context.Context, face lds.Face) (photo.Picture, error) { return photo.Render(face) },
			Measure: func(step string, _ time.Duration) {
				w.mu.Lock()
				defer w.mu.Unlock()
				w.times[step]++
			},
		}
		for _, change := range changes {
			change(&o)
		}
		var err error
		w.Desk, err = counter.New(o)
		require.NoError(t, err)
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- w.Desk.Run(ctx) }()
		defer func() {
			stop()
			assert.NoError(t, <-done)
			w.neverTooMuch()
		}()
		synctest.Wait()
		test(w)
	})
}

// now is a Friday morning, when the specimen cards are in force.
var now = time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)

const (
	left  = "Desk 00"
	right = "Desk 01"
)

// book is a ledger in memory.
type book struct {
	mu      sync.Mutex
	records []ledger.Record
	broken  error
	before  func(ledger.Record)
}

func (b *book) Add(_ context.Context, r ledger.Record) (ledger.Place, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.before != nil {
		b.before(r)
	}
	if b.broken != nil {
		return ledger.Place{}, b.broken
	}
	b.records = append(b.records, r)
	return ledger.Place{Index: uint64(len(b.records) - 1)}, nil
}

func (b *book) entries() []ledger.Record {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.records)
}

// wiretap writes down which data groups were asked for. Their short identifiers
// are in P1 of READ BINARY, which secure messaging does not hide.
type wiretap struct {
	mu    sync.Mutex
	sent  int
	files []lds.File
	at    map[lds.File]func() // happens when the file is asked for
}

func (tap *wiretap) wire(next func([]byte) []byte) func([]byte) []byte {
	return func(command []byte) []byte {
		tap.mu.Lock()
		tap.sent++
		tap.mu.Unlock()
		if f := lds.File(command[2] & 0x1F); command[1] == 0xB0 && command[0]&0x0C != 0 && command[2]&0x80 != 0 {
			tap.mu.Lock()
			tap.files = append(tap.files, f)
			act := tap.at[f]
			delete(tap.at, f)
			tap.mu.Unlock()
			if act != nil {
				act()
			}
		}
		return next(command)
	}
}

func (tap *wiretap) commands() int {
	tap.mu.Lock()
	defer tap.mu.Unlock()
	return tap.sent
}

// holders are the data groups of the holder that were asked for.
func (tap *wiretap) holders() []lds.File {
	tap.mu.Lock()
	defer tap.mu.Unlock()
	var files []lds.File
	for _, f := range tap.files {
		if lds.DG1 <= f && f <= lds.DG13 && !slices.Contains(files, f) {
			files = append(files, f)
		}
	}
	return files
}

func person(t *testing.T, name string, faults ...string) *persona.Card {
	t.Helper()
	p, err := persona.Load(name)
	require.NoError(t, err)
	var made []fault.Fault
	for _, spec := range faults {
		f, err := fault.Parse(spec)
		require.NoError(t, err)
		made = append(made, f)
	}
	card, err := fault.Card(p, made...)
	require.NoError(t, err)
	return card
}

// insert puts a card into a reader and listens on its wire.
func (w *world) insert(reader string, card *persona.Card) *wiretap {
	tap := &wiretap{at: map[lds.File]func(){}}
	w.again(reader, tap, card)
	return tap
}

func (w *world) again(reader string, tap *wiretap, card *persona.Card) {
	require.NoError(w, w.system.Insert(reader, simulator.New(card, simulator.WithWire(tap.wire))))
	synctest.Wait()
}

// start begins a transaction and keeps every snapshot that a watcher sees.
func (w *world) start(q counter.Request) string {
	w.Helper()
	if q.Operator == "" {
		q.Operator = "clerk-1"
	}
	if q.Ticket == "" {
		q.Ticket = "A-17"
	}
	id, err := w.Start(context.Background(), q)
	require.NoError(w, err)
	w.watch(id)
	synctest.Wait()
	return id
}

func (w *world) watch(id string) {
	ctx, stop := context.WithCancel(context.Background())
	w.Cleanup(stop)
	go func() {
		for t := range w.Watch(ctx, id) {
			w.mu.Lock()
			w.snaps = append(w.snaps, t)
			w.mu.Unlock()
		}
	}()
}

// residence begins the usual transaction at the left reader.
func (w *world) residence() string {
	return w.start(counter.Request{Purpose: "residence", Reader: left})
}

func (w *world) can(id, number string) {
	w.Helper()
	p, err := access.CAN(number)
	require.NoError(w, err)
	require.NoError(w, w.Password(id, p))
	synctest.Wait()
}

func (w *world) consent(id string, agreed bool) {
	w.Helper()
	require.NoError(w, w.Consent(id, agreed))
	synctest.Wait()
}

func (w *world) match(id string, m counter.Match) {
	w.Helper()
	require.NoError(w, w.Match(id, m))
	synctest.Wait()
}

// in requires a transaction to be in a state, and gives it.
func (w *world) in(id string, state counter.State) counter.Transaction {
	w.Helper()
	synctest.Wait()
	t, err := w.Get(id)
	require.NoError(w, err)
	require.Equal(w, state, t.State, "next %s, failure %s", t.Next, t.Failure)
	return t
}

// neverTooMuch holds for every snapshot of every test.
func (w *world) neverTooMuch() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.snaps {
		shown := t.State == counter.Deciding || t.State == counter.Done
		if !shown || t.Report == nil || t.Report.Verdict != pki.Accepted {
			assert.Nil(w, t.Holder, "%s", t.State)
			assert.Nil(w, t.Photo, "%s", t.State)
			assert.Empty(w, t.Answers, "%s", t.State)
			assert.Empty(w, t.Pseudonym, "%s", t.State)
		}
		if t.Holder != nil {
			assert.True(w, t.Agreed)
			assert.Nil(w, t.Holder.Photo, "raw bytes of a photo")
		}
		if t.Verdict != "" || t.Report != nil {
			assert.True(w, t.Place != nil || t.Unrecorded, "a verdict without an entry")
		}
		for _, key := range []string{t.Next, t.Failure, t.NoPhoto} {
			assert.True(w, key == "" || slices.Contains(counter.Messages(), key), key)
		}
	}
}

// noPhotoEver reports that no snapshot of a transaction ever had a photo.
func (w *world) noPhotoEver() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.snaps {
		assert.Nil(w, t.Photo)
		assert.Nil(w, t.Holder)
	}
}

func (w *world) states() (passed []counter.State) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.snaps {
		if len(passed) == 0 || passed[len(passed)-1] != t.State {
			passed = append(passed, t.State)
		}
	}
	return passed
}
