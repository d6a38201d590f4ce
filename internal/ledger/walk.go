package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
)

// walk goes through the entries in their order, once.
type walk struct {
	r       *Reader
	v       *Audit
	c       *log.Checkpoint
	history []vouched // by size

	tree  *compact.Range
	rows  map[uint64]row // of the part of the log that is looked at
	part  uint64
	last  time.Time
	ids   map[string]uint64
	late  map[string]bool // leaves whose records do not know their place yet
	gone  map[uint64]bool // erased
	named map[uint64]bool // said to be erased
}

const perPart = 256

func newWalk(r *Reader, v *Audit, c *log.Checkpoint, history []vouched) *walk {
	slices.SortStableFunc(history, func(a, b vouched) int { return int(int64(a.Size) - int64(b.Size)) })
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	return &walk{
		r: r, v: v, c: c, history: history, tree: factory.NewEmptyRange(0), part: ^uint64(0),
		ids: map[string]uint64{}, late: map[string]bool{}, gone: map[uint64]bool{}, named: map[uint64]bool{},
	}
}

func (w *walk) all(ctx context.Context) error {
	err := eachLeaf(ctx, w.r.files, 0, w.c.Size, w.c.Size, func(index uint64, leaf []byte) error {
		if err := w.roots(index); err != nil {
			return err
		}
		if err := w.tree.Append(rfc6962.DefaultHasher.HashLeaf(leaf), nil); err != nil {
			return err
		}
		return w.entry(ctx, index, leaf)
	})
	if errors.Is(err, errRecords) || ctx.Err() != nil {
		return err
	}
	if err != nil {
		w.v.find("log", nil, "the entries cannot be read to their end: %v", err)
		return nil
	}
	if err := w.roots(w.c.Size); err != nil {
		return err
	}
	pending, err := w.r.store.list(ctx, `WHERE idx IS NULL`)
	if err != nil {
		return fmt.Errorf("%w: %w", errRecords, err)
	}
	for _, p := range pending {
		if !w.late[string(p.leaf)] {
			w.v.Pending++
		}
	}
	return w.erasures(ctx)
}

var errRecords = errors.New("read the records")

// roots compares the tree of the first size leaves with what the witness signed.
func (w *walk) roots(size uint64) error {
	for _, h := range w.history {
		if h.Size != size {
			continue
		}
		root, err := rfc6962.DefaultHasher.EmptyRoot(), error(nil)
		if size > 0 {
			root, err = w.tree.GetRootHash(nil)
		}
		if err != nil {
			return err
		}
		if !bytes.Equal(root, h.Hash) {
			w.v.find("forked", nil, "the witness signed other first %d entries on %s", size, h.at.UTC().Format(time.RFC3339))
		}
	}
	return nil
}

// entry compares one leaf with its record.
func (w *walk) entry(ctx context.Context, index uint64, leaf []byte) error {
	r, found, err := w.row(ctx, index, leaf)
	if err != nil {
		return err
	}
	if !found {
		w.v.find("missing", &index, "entry %d has no record, and no entry says that it was erased", index)
		return nil
	}
	if !bytes.Equal(r.leaf, leaf) {
		w.v.find("altered", &index, "the record at entry %d belongs to another leaf", index)
		return nil
	}
	if !r.index.Valid {
		w.late[string(leaf)] = true
	}
	record, _, err := reveal(w.r.slots, r)
	switch {
	case errors.Is(err, errErased):
		w.gone[index] = true
	case errors.Is(err, errSealed), errors.Is(err, ErrRecord):
		w.v.find("altered", &index, "the record of entry %d was changed, or its key: %v", index, err)
	case err != nil:
		return fmt.Errorf("%w: %w", errRecords, err)
	default:
		w.v.Records++
		w.record(index, record)
	}
	return nil
}

// row finds the record of an entry: by its place, or, while that is not written down
// yet, by its leaf.
func (w *walk) row(ctx context.Context, index uint64, leaf []byte) (row, bool, error) {
	if part := index / perPart; part != w.part {
		w.part, w.rows = part, map[uint64]row{}
		err := w.r.store.each(ctx, `WHERE idx >= ? AND idx < ?`, []any{int64(part * perPart), int64((part + 1) * perPart)}, func(r row) error {
			w.rows[uint64(r.index.Int64)] = r
			return nil
		})
		if err != nil {
			return row{}, false, fmt.Errorf("%w: %w", errRecords, err)
		}
	}
	if r, found := w.rows[index]; found {
		return r, true, nil
	}
	found, err := w.r.store.list(ctx, `WHERE leaf = ?`, leaf)
	if err != nil {
		return row{}, false, fmt.Errorf("%w: %w", errRecords, err)
	}
	if len(found) == 0 || found[0].index.Valid && uint64(found[0].index.Int64) != index {
		return row{}, false, nil
	}
	return found[0], true, nil
}

// slack is what the clocks of ledger and witness may differ by.
const slack = 5 * time.Minute

// record looks at what an entry says.
func (w *walk) record(index uint64, r Record) {
	if first, again := w.ids[r.ID]; again {
		w.v.find("repeated", &index, "entry %d records the event of entry %d once more", index, first)
	}
	w.ids[r.ID] = index
	if r.Clock != "" {
		w.v.Doubts = append(w.v.Doubts, index)
	}
	if r.Recorded.Before(w.last) {
		w.v.find("clock", &index, "entry %d was made before the one ahead of it", index)
	}
	w.last = r.Recorded
	for _, h := range w.history {
		if index < h.Size && r.Recorded.After(h.at.Add(slack)) {
			w.v.find("clock", &index, "entry %d says %s, and the witness saw it on %s", index, r.Recorded.Format(time.RFC3339), h.at.UTC().Format(time.RFC3339))
			break
		}
		if index >= h.Size && r.Recorded.Before(h.at.Add(-slack)) {
			w.v.find("clock", &index, "entry %d says %s, and the witness had not seen it on %s", index, r.Recorded.Format(time.RFC3339), h.at.UTC().Format(time.RFC3339))
			break
		}
	}
	if r.Kind != Erasure {
		return
	}
	erased, err := parseRanges(r.Detail["erased"], index)
	if err != nil {
		w.v.find("altered", &index, "entry %d: %v", index, err)
	}
	for _, n := range erased {
		w.named[n] = true
	}
}

// erasures compares what is gone with what is said to be.
func (w *walk) erasures(ctx context.Context) error {
	for _, index := range sorted(w.gone) {
		if !w.named[index] {
			w.v.find("unlogged", &index, "the record of entry %d was destroyed, and no entry says so", index)
			continue
		}
		w.v.Erased++
	}
	for _, index := range sorted(w.named) {
		if w.gone[index] {
			continue
		}
		// It may just have been destroyed: look again.
		again, err := w.r.store.list(ctx, `WHERE idx = ?`, int64(index))
		if err != nil {
			return fmt.Errorf("%w: %w", errRecords, err)
		}
		if len(again) == 1 {
			if _, _, err := reveal(w.r.slots, again[0]); !errors.Is(err, errErased) {
				w.v.find("undone", &index, "an entry says that the record of entry %d is erased, and it is there", index)
			}
		}
	}
	return nil
}

func sorted(set map[uint64]bool) []uint64 {
	all := make([]uint64, 0, len(set))
	for n := range set {
		all = append(all, n)
	}
	slices.Sort(all)
	return all
}
