package pdf

import (
	"iter"
	"maps"
	"slices"
)

// table says where objects are, by number. Numbers that come in order stand in a
// slice, which grows as far as a file of this size can have used them up; a file
// can name others, and each of those costs a map's entry.
type table struct {
	room  int
	low   []slot
	high  map[int]entry
	count int
}

// slot is an entry in little space.
type slot struct {
	at    int64
	rank  uint32
	kind  uint8
	known bool
}

func newTable(size int64) table {
	const least = 32 // bytes that an object takes with its entry, unless it is packed
	return table{room: int(min(size/least+least, maxNumber+1)), high: map[int]entry{}}
}

// get is what is known of a number; the entry of a free object when nothing is.
func (t *table) get(number int) (entry, bool) {
	if number >= 0 && number < len(t.low) && t.low[number].known {
		s := t.low[number]
		return entry{s.kind, s.at, int(s.rank)}, true
	}
	if len(t.high) == 0 {
		return entry{}, false
	}
	e, known := t.high[number]
	return e, known
}

// at is get for whom a number that is not known is as good as a free one.
func (t *table) at(number int) entry {
	e, _ := t.get(number)
	return e
}

// add takes an entry, unless there is one already.
func (t *table) add(number int, e entry) {
	if _, known := t.get(number); known {
		return
	}
	t.count++
	if number < 0 || number >= t.room || number > 2*len(t.low)+64 {
		t.high[number] = e
		return
	}
	if more := number + 1 - len(t.low); more > 0 {
		t.low = append(t.low, make([]slot, more)...)
	}
	t.low[number] = slot{e.at, uint32(e.rank), e.kind, true}
}

// expect makes room for rows at once, if most of their numbers are among them.
func (t *table) expect(rows []row) {
	if len(rows) == 0 {
		return
	}
	if n := rows[len(rows)-1].number + 1; n > len(t.low) && n <= min(t.room, 2*len(rows)+64) {
		t.low = slices.Grow(t.low, n-len(t.low))
	}
}

// numbers goes through the known ones, in order.
func (t *table) numbers() iter.Seq[int] {
	return func(yield func(int) bool) {
		high := slices.Sorted(maps.Keys(t.high))
		for n, s := range t.low {
			for ; len(high) > 0 && high[0] < n; high = high[1:] {
				if !yield(high[0]) {
					return
				}
			}
			if s.known && !yield(n) {
				return
			}
		}
		for _, n := range high {
			if !yield(n) {
				return
			}
		}
	}
}
