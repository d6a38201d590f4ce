package ledger

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/client"
)

// reconcile finishes what a crash left half done: pending records are found in the
// log or put there, and erasures that are in the log are carried out.
func (e *engine) reconcile(ctx context.Context, dir string) error {
	newest, err := e.store.number(ctx, `SELECT MAX(slot) FROM entry`)
	if err != nil {
		return err
	}
	highest, err := e.store.number(ctx, `SELECT MAX(idx) FROM entry`)
	if err != nil {
		return err
	}
	size, err := e.tree.size(ctx)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	if newest.Valid {
		e.next = newest.Int64 + 1
	}
	var first uint64 // leaf whose place is not known
	if highest.Valid {
		first = uint64(highest.Int64) + 1
	}
	if first > size {
		return ErrLost
	}
	if err := e.settle(ctx, dir, first, size); err != nil {
		return err
	}
	if err := e.resume(ctx); err != nil {
		return err
	}
	return e.finishErasures(ctx)
}

// settle gives every pending record its place. Leaves differ by their salts, so a
// leaf that is in the log is that record's, and its alone.
func (e *engine) settle(ctx context.Context, dir string, first, size uint64) error {
	pending, err := e.store.list(ctx, `WHERE idx IS NULL ORDER BY slot`)
	if err != nil || len(pending) == 0 {
		return err
	}
	there := map[string]uint64{}
	err = eachLeaf(ctx, client.FileFetcher{Root: filepath.Join(dir, "log")}, first, size, size, func(index uint64, leaf []byte) error {
		there[string(leaf)] = index
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	var places []placement
	var absent [][]byte
	var slots []int64
	for _, r := range pending {
		if index, ok := there[string(r.leaf)]; ok {
			places = append(places, placement{r.slot, index})
		} else {
			absent, slots = append(absent, r.leaf), append(slots, r.slot)
		}
	}
	added, err := e.tree.add(absent)
	if err != nil {
		return err
	}
	for i, index := range added {
		places = append(places, placement{slots[i], index})
	}
	return e.store.commit(ctx, nil, places)
}

// resume finds the time of the last entry, which the next may not be before.
func (e *engine) resume(ctx context.Context) error {
	stop := errors.New("found")
	err := e.store.each(ctx, `WHERE sealed IS NOT NULL ORDER BY idx DESC LIMIT 1000`, nil, func(r row) error {
		record, _, err := reveal(e.slots, r)
		if err != nil {
			return nil // Verify is who complains
		}
		e.last = record.Recorded
		return stop
	})
	if errors.Is(err, stop) {
		return nil
	}
	return err
}

// finishErasures destroys what entries in the log say is erased.
func (e *engine) finishErasures(ctx context.Context) error {
	due, err := e.store.due(ctx)
	if err != nil || len(due) == 0 {
		return err
	}
	if err := e.slots.destroy(due); err != nil {
		return err
	}
	return e.store.blank(ctx, due)
}

// eachLeaf reads entries first to end-1 from the bundles of a log of this size.
func eachLeaf(ctx context.Context, files client.FileFetcher, first, end, size uint64, take func(uint64, []byte) error) error {
	if first >= end {
		return nil
	}
	for part := range layout.Range(first, end-first, size) {
		raw, err := files.ReadEntryBundle(ctx, part.Index, part.Partial)
		if err != nil {
			return err
		}
		var bundle api.EntryBundle
		if err := bundle.UnmarshalText(raw); err != nil {
			return err
		}
		if uint(len(bundle.Entries)) < part.First+part.N {
			return fmt.Errorf("bundle %d is cut off", part.Index)
		}
		for i := part.First; i < part.First+part.N; i++ {
			if err := take(part.Index*layout.EntryBundleWidth+uint64(i), bundle.Entries[i]); err != nil {
				return err
			}
		}
	}
	return nil
}
