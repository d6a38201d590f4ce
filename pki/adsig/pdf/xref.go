package pdf

import (
	"bytes"
	"fmt"
	"slices"
)

// readSections follows the chain of cross-reference sections from the newest to
// the oldest. What a newer one says of an object goes before what an older says.
func (f *File) readSections() error {
	seen := map[int64]bool{}
	for at, more := f.start, true; more; {
		if seen[at] {
			return malformed("the cross-reference sections go round in circles")
		}
		if seen[at] = true; len(seen) > maxSections {
			return fmt.Errorf("%w: more than %d revisions", ErrLimit, maxSections)
		}
		trailer, err := f.readSection(at)
		if err != nil {
			return err
		}
		if f.trailer == nil {
			f.trailer = trailer
		}
		at, more = 0, false
		switch prev := trailer["Prev"].(type) {
		case nil:
		case int64:
			at, more = prev, true
		default:
			return malformed("Prev is not a number")
		}
	}
	return nil
}

func (f *File) readSection(at int64) (Dict, error) {
	head, err := f.window(at, 4)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(head, []byte("xref")) {
		if at == f.start {
			f.streams = true
		}
		return f.readStreamSection(at)
	}
	var found []row
	var trailer Dict
	err = f.parse(at, maxBlock, 20*maxNumber, func(l *lexer) (err error) {
		found, trailer, err = readTable(l, f.rows[:0], f.maxEntries())
		return err
	})
	if err != nil {
		return nil, err
	}
	f.rows = found
	// A hybrid file hides objects from old readers: free in the table, they are
	// in the stream that the trailer names (ISO 32000-2 §7.5.8.4).
	f.enter(found, func(e entry) bool { return e.kind != 0 })
	switch hidden := trailer["XRefStm"].(type) {
	case nil:
	case int64:
		if _, err := f.readStreamSection(hidden); err != nil {
			return nil, err
		}
	default: // which some readers would follow
		return nil, malformed("XRefStm is not a number")
	}
	f.enter(found, func(e entry) bool { return e.kind == 0 })
	return trailer, f.full()
}

type row struct {
	number int
	entry
}

func (f *File) enter(rows []row, wanted func(entry) bool) {
	f.entries.expect(rows)
	for _, r := range rows {
		if wanted(r.entry) {
			f.entries.add(r.number, r.entry)
		}
	}
}

// maxEntries is how many objects a file of this size may list: an entry takes
// a few bytes, unless it is packed.
func (f *File) maxEntries() int { return int(min(maxNumber+1, 1<<16+f.size)) }

func (f *File) full() error {
	if f.entries.count > f.maxEntries() {
		return fmt.Errorf("%w: more than %d objects", ErrLimit, f.maxEntries())
	}
	return nil
}

// readTable reads a cross-reference table and the trailer behind it (ISO 32000-2
// §7.5.4).
func readTable(l *lexer, found []row, limit int) ([]row, Dict, error) {
	l.pos = len("xref")
	for {
		l.skip()
		if l.peek(0) == 't' {
			break
		}
		first, err1 := l.integer()
		count, err2 := l.integer()
		if err1 != nil || err2 != nil || first+count > maxNumber+1 {
			return nil, nil, malformed("a subsection of the cross-reference table")
		}
		if int64(len(found))+count > int64(limit) {
			return nil, nil, fmt.Errorf("%w: more than %d objects", ErrLimit, limit)
		}
		found = slices.Grow(found, min(int(count), len(l.data)/rowLength))
		for i := range count {
			r, err := readRow(l, int(first+i))
			if err != nil {
				return nil, nil, err
			}
			found = append(found, r)
		}
	}
	if err := l.keyword("trailer"); err != nil {
		return nil, nil, err
	}
	v, err := l.value()
	if err != nil {
		return nil, nil, err
	}
	trailer, ok := v.(Dict)
	if !ok {
		return nil, nil, malformed("the trailer is not a dictionary")
	}
	return found, trailer, nil
}

const rowLength = 20

// readRow reads an entry, which always takes 20 bytes. Files are about that
// what they are, so one that does not is read as well.
func readRow(l *lexer, number int) (row, error) {
	l.skip()
	if e, ok := fixedRow(l.data[l.pos:]); ok {
		l.pos += rowLength - 2
		return row{number, e}, nil
	}
	at, err1 := l.integer()
	generation, err2 := l.integer()
	l.skip()
	kind := l.word()
	if err1 != nil || err2 != nil || generation > maxGeneration || kind != "n" && kind != "f" {
		return row{}, malformed("an entry of the cross-reference table")
	}
	if kind == "f" {
		return row{number, entry{}}, nil
	}
	return row{number, entry{1, at, int(generation)}}, nil
}

// fixedRow reads an entry as the standard wants it written.
func fixedRow(b []byte) (e entry, ok bool) {
	if len(b) < rowLength || b[10] != ' ' || b[16] != ' ' || b[17] != 'n' && b[17] != 'f' || !isSpace(b[18]) {
		return e, false
	}
	at, ok1 := decimal(b[:10])
	generation, ok2 := decimal(b[11:16])
	if !ok1 || !ok2 || generation > maxGeneration {
		return e, false
	}
	if b[17] == 'n' {
		e = entry{1, at, int(generation)}
	}
	return e, true
}

// decimal reads digits, few enough for any file.
func decimal(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}
