package ledger

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// commit makes entries of a group of jobs. Keys go first, then the records, both
// durable before the log hears of them: a leaf is never without its record.
func (e *engine) commit(jobs []*job) {
	if err := e.failure(); err != nil {
		for _, j := range jobs {
			e.finish(j, fmt.Errorf("not recorded: %w", err))
		}
		return
	}
	places := e.takePlaced()
	e.taken = places
	var fresh, flushes []*job
	var rows []row
	var keys, leaves [][]byte
	held, err := e.held(jobs)
	for _, j := range jobs {
		if j.record == nil {
			flushes = append(flushes, j)
			continue
		}
		if err == nil && e.known(j, held) {
			continue
		}
		var r row
		var key []byte
		err := err
		if err == nil {
			r, key, err = e.prepare(j, e.next+int64(len(fresh)))
		}
		if err != nil {
			e.finish(j, err)
			continue
		}
		fresh, rows = append(fresh, j), append(rows, r)
		keys, leaves = append(keys, key), append(leaves, r.leaf)
	}
	err = e.durable(rows, keys, places)
	for _, j := range flushes {
		e.finish(j, err)
	}
	if err != nil || len(fresh) == 0 {
		for _, j := range fresh {
			e.finish(j, err)
		}
		return
	}
	e.next += int64(len(fresh))
	e.placing <- batch{fresh, leaves}
}

// batch is on its way from the records to the log.
type batch struct {
	jobs   []*job
	leaves [][]byte
}

// placer takes batches to the log one by one, so that entries are there in the order
// of their times, while the writer prepares the next.
func (e *engine) placer() {
	defer close(e.placedAll)
	for b := range e.placing {
		e.place(b.jobs, b.leaves)
	}
}

func (e *engine) takePlaced() []placement {
	e.mu.Lock()
	defer e.mu.Unlock()
	places := e.placed
	e.placed = nil
	return places
}

func (e *engine) durable(rows []row, keys [][]byte, places []placement) error {
	if len(keys) > 0 {
		if err := e.slots.write(e.next, keys); err != nil {
			return e.fail(err)
		}
	}
	if err := e.store.commit(context.Background(), rows, places); err != nil {
		return e.fail(fmt.Errorf("write the records: %w", err))
	}
	return nil
}

// place puts leaves into the log and tells those who wait.
func (e *engine) place(jobs []*job, leaves [][]byte) {
	places, err := make([]uint64, len(jobs)), e.failure()
	if err == nil {
		places, err = e.tree.add(leaves)
	}
	if err != nil {
		err = e.fail(err)
	} else {
		e.mu.Lock()
		for i, j := range jobs {
			e.placed = append(e.placed, placement{j.slot, places[i]})
		}
		e.mu.Unlock()
	}
	for i, j := range jobs {
		j.place = Place{Index: places[i], Leaf: leaves[i]}
		e.finish(j, err)
	}
}

// prepare stamps, hashes and encrypts.
func (e *engine) prepare(j *job, slot int64) (row, []byte, error) {
	r := j.record
	now := e.now().UTC().Truncate(time.Millisecond)
	r.Recorded, r.Clock = now, ""
	if now.Before(e.last) {
		r.Recorded, r.Clock = e.last, "-"+e.last.Sub(now).String()
	}
	if r.Time.IsZero() {
		r.Time = now
	}
	r.Time = r.Time.UTC().Truncate(time.Millisecond)
	canonical, err := r.Canonical()
	if err != nil {
		return row{}, nil, err
	}
	key, salt := random(keySize), random(saltSize)
	leaf := Leaf(salt, canonical)
	sealed, err := seal(key, slot, leaf, salt, canonical)
	if err != nil {
		return row{}, nil, err
	}
	e.last, j.slot = r.Recorded, slot
	e.mu.Lock()
	e.waiting[string(j.tag)] = j
	e.mu.Unlock()
	return row{slot: slot, leaf: leaf, tag: j.tag, keep: day(r.Keep), sealed: sealed, erases: j.erases}, key, nil
}

// day counts from 1970; 0 is never.
func day(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UTC().Unix() / (24 * 60 * 60)
}

// held are the rows that have the ids of these jobs, by tag, in one question for all.
// (An id that was made here is random, and there is none.)
func (e *engine) held(jobs []*job) (map[string]row, error) {
	var tags []any
	for _, j := range jobs {
		if j.record == nil {
			continue
		}
		j.tag = e.slots.tag(j.record.ID)
		if j.given {
			tags = append(tags, j.tag)
		}
	}
	held := map[string]row{}
	for part := range slices.Chunk(tags, perStatement) {
		found, err := e.store.list(context.Background(), `WHERE tag IN (`+strings.Repeat(", ?", len(part))[2:]+`)`, part...)
		if err != nil {
			return nil, e.fail(fmt.Errorf("read the records: %w", err))
		}
		for _, r := range found {
			held[string(r.tag)] = r
		}
	}
	return held, nil
}

// known settles a job whose event is recorded, or just being recorded.
func (e *engine) known(j *job, held map[string]row) bool {
	e.mu.Lock()
	other, flies := e.waiting[string(j.tag)]
	e.mu.Unlock()
	if flies {
		j.tag = nil
		go func() {
			<-other.done
			j.place = other.place
			e.finish(j, agree(other.err, *other.record, *j.record))
		}()
		return true
	}
	r, found := held[string(j.tag)]
	if !found {
		return false
	}
	index := uint64(r.index.Int64)
	if !r.index.Valid {
		index = e.justPlaced(r.slot)
	}
	record, _, err := reveal(e.slots, r)
	j.place, j.tag = Place{Index: index, Leaf: r.leaf}, nil
	e.finish(j, agree(err, record, *j.record))
	return true
}

// justPlaced is the place of a row that is in the log and not yet said to be: its job
// is done, or it would be waiting, and its place is in the next commit.
func (e *engine) justPlaced(slot int64) uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range append(slices.Clone(e.taken), e.placed...) {
		if p.slot == slot {
			return p.index
		}
	}
	return 0
}

// agree compares what is recorded with what was to be, but for the ledger's stamps.
func agree(err error, held, asked Record) error {
	if err != nil {
		return err
	}
	asked.Recorded, asked.Clock = held.Recorded, held.Clock
	if asked.Time.IsZero() {
		asked.Time = held.Time
	}
	a, _ := held.Canonical()
	if b, _ := asked.Canonical(); !bytes.Equal(a, b) {
		return ErrConflict
	}
	return nil
}

// reveal decrypts a row and compares it with its leaf.
func reveal(keys *slots, r row) (record Record, salt []byte, err error) {
	key, err := keys.key(r.slot)
	if err != nil {
		return Record{}, nil, err
	}
	if key == nil || r.sealed == nil {
		return Record{}, nil, errErased
	}
	salt, canonical, err := unseal(key, r.slot, r.leaf, r.sealed)
	if err != nil {
		return Record{}, nil, err
	}
	if !bytes.Equal(Leaf(salt, canonical), r.leaf) {
		return Record{}, nil, errSealed
	}
	record, err = ParseRecord(canonical)
	return record, salt, err
}
