package pdf

import (
	"bytes"
	"fmt"
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
	err = f.parse(at, 20*maxNumber, func(l *lexer) (err error) {
		found, trailer, err = readTable(l, f.maxEntries())
		return err
	})
	if err != nil {
		return nil, err
	}
	// A hybrid file hides objects from old readers: free in the table, they are
	// in the stream that the trailer names (ISO 32000-2 §7.5.8.4).
	f.enter(found, func(e entry) bool { return e.kind != 0 })
	if hidden, ok := trailer["XRefStm"].(int64); ok {
		if _, err := f.readStreamSection(hidden); err != nil {
			return nil, err
		}
	}
	f.enter(found, func(e entry) bool { return e.kind == 0 })
	return trailer, f.full()
}

type row struct {
	number int
	entry
}

func (f *File) enter(rows []row, wanted func(entry) bool) {
	for _, r := range rows {
		if _, known := f.entries[r.number]; !known && wanted(r.entry) {
			f.entries[r.number] = r.entry
		}
	}
}

// maxEntries is how many objects a file of this size may list: an entry takes
// a few bytes, unless it is packed.
func (f *File) maxEntries() int { return int(min(maxNumber+1, 1<<16+f.size)) }

func (f *File) full() error {
	if len(f.entries) > f.maxEntries() {
		return fmt.Errorf("%w: more than %d objects", ErrLimit, f.maxEntries())
	}
	return nil
}

// readTable reads a cross-reference table and the trailer behind it (ISO 32000-2
// §7.5.4).
func readTable(l *lexer, limit int) (found []row, trailer Dict, err error) {
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

func readRow(l *lexer, number int) (row, error) {
	at, err1 := l.integer()
	generation, err2 := l.integer()
	l.skip()
	kind := l.word()
	if err1 != nil || err2 != nil || generation > 65535 || kind != "n" && kind != "f" {
		return row{}, malformed("an entry of the cross-reference table")
	}
	if kind == "f" {
		return row{number, entry{}}, nil
	}
	return row{number, entry{1, at, int(generation)}}, nil
}

// readStreamSection reads a cross-reference stream (ISO 32000-2 §7.5.8).
func (f *File) readStreamSection(at int64) (Dict, error) {
	_, v, err := f.objectAt(at)
	if err != nil {
		return nil, err
	}
	s, ok := v.(*Stream)
	if !ok || s.Dict["Type"] != Name("XRef") {
		return nil, malformed("no cross-reference section at %d", at)
	}
	content, err := f.Unpack(s, maxUnpacked)
	if err != nil {
		return nil, err
	}
	widths, index, err := layout(s.Dict)
	if err != nil {
		return nil, err
	}
	for i := 0; i+1 < len(index); i += 2 {
		for n := range index[i+1] {
			if len(content) < widths[0]+widths[1]+widths[2] {
				return nil, malformed("a cross-reference stream that ends too soon")
			}
			var e entry
			if e, content, err = readEntry(content, widths); err != nil {
				return nil, err
			}
			f.enter([]row{{int(index[i] + n), e}}, func(entry) bool { return true })
			if err := f.full(); err != nil {
				return nil, err
			}
		}
	}
	return s.Dict, nil
}

// layout reads how wide the fields of the entries are and which objects they
// are about.
func layout(d Dict) (widths [3]int, index []int64, err error) {
	w, _ := d["W"].(Array)
	if len(w) != 3 {
		return widths, nil, malformed("the widths of a cross-reference stream")
	}
	for i := range w {
		n, ok := w[i].(int64)
		if !ok || n < 0 || n > 8 {
			return widths, nil, malformed("the widths of a cross-reference stream")
		}
		widths[i] = int(n)
	}
	size, ok := d["Size"].(int64)
	list, _ := d["Index"].(Array)
	if d["Index"] == nil {
		list = Array{int64(0), size}
	}
	if !ok || len(list)%2 != 0 || widths[1] == 0 {
		return widths, nil, malformed("the extent of a cross-reference stream")
	}
	for _, v := range list {
		n, ok := v.(int64)
		if !ok || n < 0 || n > maxNumber+1 {
			return widths, nil, malformed("the extent of a cross-reference stream")
		}
		index = append(index, n)
	}
	return widths, index, nil
}

func readEntry(content []byte, widths [3]int) (entry, []byte, error) {
	var fields [3]uint64
	for i, w := range widths {
		for _, b := range content[:w] {
			fields[i] = fields[i]<<8 | uint64(b)
		}
		content = content[w:]
	}
	if widths[0] == 0 {
		fields[0] = 1
	}
	if fields[1] > 1<<62 || fields[2] > 1<<31 {
		return entry{}, nil, malformed("an entry of a cross-reference stream")
	}
	switch fields[0] {
	case 0:
		return entry{}, content, nil
	case 1, 2:
		return entry{uint8(fields[0]), int64(fields[1]), int(fields[2])}, content, nil
	}
	return entry{}, nil, malformed("an entry of a cross-reference stream")
}
