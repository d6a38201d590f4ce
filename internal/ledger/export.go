package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Entry is an entry as it is given out: with its salt, so that whoever gets it can
// compute the leaf.
type Entry struct {
	Index  uint64 `json:"index"`
	Leaf   []byte `json:"leaf"`
	Salt   []byte `json:"salt"`
	Record Record `json:"record"`
}

// Export hands out the entries that answer to a selection, in their order. Erased ones
// answer to none.
func (r *Reader) Export(ctx context.Context, which Selection, take func(Entry) error) error {
	rest, args := "", []any(nil)
	if which.Index != nil {
		rest, args = `AND idx = ? `, []any{int64(*which.Index)}
	}
	return r.store.each(ctx, `WHERE idx IS NOT NULL AND sealed IS NOT NULL `+rest+`ORDER BY idx`, args, func(w row) error {
		record, salt, err := reveal(r.slots, w)
		if errors.Is(err, errErased) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("entry %d: %w", w.index.Int64, err)
		}
		if !which.takes(uint64(w.index.Int64), record) {
			return nil
		}
		return take(Entry{uint64(w.index.Int64), w.leaf, salt, record})
	})
}

// Export hands out what Add has returned, all of it.
func (l *Ledger) Export(ctx context.Context, which Selection, take func(Entry) error) error {
	if err := l.settled(ctx); err != nil {
		return err
	}
	return l.Reader.Export(ctx, which, take)
}

// Prove proves what Add has returned.
func (l *Ledger) Prove(ctx context.Context, index uint64) ([]byte, error) {
	if err := l.settled(ctx); err != nil {
		return nil, err
	}
	return l.Reader.Prove(ctx, index)
}

// State is what Status tells.
type State struct {
	Origin    string     `json:"origin"`
	Key       string     `json:"key"`
	Size      uint64     `json:"size"`
	Root      []byte     `json:"root"`
	Pending   int64      `json:"pending"`
	Erased    int64      `json:"erased"`
	Expired   int64      `json:"expired"` // kept beyond their day
	Witnessed uint64     `json:"witnessed"`
	At        *time.Time `json:"witnessed_at,omitempty"`
	Age       int64      `json:"witnessed_seconds_ago,omitempty"`
}

// Status tells how the ledger stands, by its newest checkpoint and without verifying.
func (r *Reader) Status(ctx context.Context, now time.Time) (s State, err error) {
	c, _, err := r.id.newest(ctx, r.files)
	if err != nil {
		return s, err
	}
	s = State{Origin: c.Origin, Key: r.id.vkey, Size: c.Size, Root: c.Hash}
	for _, q := range []struct {
		to   *int64
		what string
	}{
		{&s.Pending, `idx IS NULL`}, {&s.Erased, `sealed IS NULL`}, {&s.Expired, fmt.Sprintf(`keep > 0 AND keep < %d`, day(now))},
	} {
		n, err := r.store.number(ctx, `SELECT COUNT(*) FROM entry WHERE `+q.what)
		if err != nil {
			return s, err
		}
		*q.to = n.Int64
	}
	if r.o.Vouch == "" {
		return s, nil
	}
	witness, err := witnessKey(r.o.Vouch)
	if err != nil {
		return s, err
	}
	kept, err := r.kept(witness)
	if kept != nil && err == nil {
		s.Witnessed, s.At, s.Age = kept.Size, &kept.at, int64(now.Sub(kept.at).Seconds())
	}
	return s, err
}
