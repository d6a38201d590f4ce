package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Selection says which records are meant; what is empty does not restrict. Nothing
// at all means all.
type Selection struct {
	Index       *uint64
	Transaction string
	Pseudonym   string
}

func (s Selection) takes(index uint64, r Record) bool {
	return (s.Index == nil || *s.Index == index) &&
		(s.Transaction == "" || s.Transaction == r.Transaction) &&
		(s.Pseudonym == "" || s.Pseudonym == r.Pseudonym)
}

// ErrNothing reports a selection that no record answers to.
var ErrNothing = errors.New("no record answers to that")

// ErrKept reports a record that is not erased: erasures and configurations say
// nothing of a citizen, and the ledger cannot be checked without them.
var ErrKept = errors.New("erasures and configuration changes are not erased")

// Erased is what one erasure did.
type Erased struct {
	Indexes []uint64 `json:"indexes"`
	Place   Place    `json:"place"` // of the entry that says so
}

const perErasure = 1000 // records that one entry erases

// Erase destroys records: an entry says which and why, then their keys are
// overwritten, and what they opened is forgotten. It returns once that is done: with
// an error, besides, if records do not open, of which nobody knows whose they are.
// The reason is written down, so it names nobody.
func (l *Ledger) Erase(ctx context.Context, which Selection, reason string) ([]Erased, error) {
	if which == (Selection{}) {
		return nil, ErrNothing
	}
	return l.erase(ctx, reason, "", nil, func(index uint64, r Record) bool { return which.takes(index, r) }, which.Index)
}

// Expire erases what was to be kept up to a day before now's.
func (l *Ledger) Expire(ctx context.Context, now time.Time) ([]Erased, error) {
	done, err := l.erase(ctx, "end of retention", `AND keep > 0 AND keep < ?`, []any{day(now)}, func(uint64, Record) bool { return true }, nil)
	if errors.Is(err, ErrNothing) || errors.Is(err, ErrKept) {
		err = nil
	}
	return done, err
}

func (l *Ledger) erase(ctx context.Context, reason, rest string, args []any, takes func(uint64, Record) bool, only *uint64) (done []Erased, err error) {
	l.erasing.Lock()
	defer l.erasing.Unlock()
	if err := l.settled(ctx); err != nil {
		return nil, err
	}
	if err := l.carryOut(ctx); err != nil { // what an earlier call could not finish
		return nil, err
	}
	if only != nil {
		rest, args = `AND idx = ?`, []any{int64(*only)}
	}
	var found []row
	var damaged error // the first record that does not open: it keeps no others
	kept := false
	err = l.store.each(ctx, `WHERE idx IS NOT NULL AND sealed IS NOT NULL `+rest+` ORDER BY idx`, args, func(r row) error {
		record, _, err := reveal(l.slots, r)
		switch {
		case errors.Is(err, errSealed), errors.Is(err, errErased), errors.Is(err, ErrRecord):
			damaged = cmp.Or(damaged, fmt.Errorf("entry %d stays: %w; see `cnie ledger verify`", r.index.Int64, err))
		case err != nil:
			return fmt.Errorf("entry %d: %w", r.index.Int64, err)
		case !takes(uint64(r.index.Int64), record):
		case record.Kind == Erasure || record.Kind == Configuration:
			kept = true
		default:
			r.sealed = nil
			found = append(found, r)
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0 && damaged != nil: // one of them may be what is meant
		return nil, damaged
	case len(found) == 0 && kept:
		return nil, ErrKept
	case len(found) == 0:
		return nil, ErrNothing
	}
	for part := range slices.Chunk(found, perErasure) {
		one, err := l.destroy(ctx, part, reason)
		if err != nil {
			return done, err
		}
		done = append(done, one)
	}
	return done, damaged
}

// destroy writes the entry and carries it out. After a crash in between, the next
// Open carries it out.
func (l *Ledger) destroy(ctx context.Context, rows []row, reason string) (one Erased, err error) {
	var slots []int64
	for _, r := range rows {
		slots = append(slots, r.slot)
		one.Indexes = append(one.Indexes, uint64(r.index.Int64))
	}
	record := Record{Kind: Erasure, Detail: map[string]string{"erased": ranges(one.Indexes), "reason": reason}}
	if one.Place, err = l.add(ctx, record, slots); err != nil {
		return one, err
	}
	if err := l.settled(ctx); err != nil {
		return one, err
	}
	return one, l.carryOut(ctx)
}

// carryOut destroys what entries in the log say is erased.
func (l *Ledger) carryOut(ctx context.Context) error {
	l.mu.RLock() // nobody reopens, or closes, meanwhile
	defer l.mu.RUnlock()
	if l.closed || l.engine == nil {
		return ErrClosed
	}
	return l.engine.finishErasures(ctx)
}

// ranges writes ascending numbers as "3 5-9 12".
func ranges(numbers []uint64) string {
	var parts []string
	for i := 0; i < len(numbers); {
		last := i
		for last+1 < len(numbers) && numbers[last+1] == numbers[last]+1 {
			last++
		}
		part := strconv.FormatUint(numbers[i], 10)
		if last > i {
			part += "-" + strconv.FormatUint(numbers[last], 10)
		}
		parts = append(parts, part)
		i = last + 1
	}
	return strings.Join(parts, " ")
}

// parseRanges reads them back. What goes beyond limit is not a place in the log.
func parseRanges(text string, limit uint64) (numbers []uint64, err error) {
	wrong := errors.New("an erasure does not say what it erased")
	next := uint64(0)
	for part := range strings.SplitSeq(text, " ") {
		from, to, found := strings.Cut(part, "-")
		if !found {
			to = from
		}
		first, err1 := strconv.ParseUint(from, 10, 63)
		last, err2 := strconv.ParseUint(to, 10, 63)
		if err1 != nil || err2 != nil || first < next || last < first || last >= limit {
			return nil, wrong
		}
		for n := first; n <= last; n++ {
			numbers = append(numbers, n)
		}
		next = last + 1
	}
	return numbers, nil
}
