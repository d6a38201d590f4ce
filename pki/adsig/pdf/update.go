package pdf

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
)

// Update is a revision in the making (ISO 32000-2 §7.5.6). Nothing is written
// before Bytes.
type Update struct {
	file    *File
	next    int
	changed map[Ref]any
}

// Update begins a new revision.
func (f *File) Update() *Update {
	u := &Update{file: f, next: 1, changed: map[Ref]any{}}
	if size, ok := f.trailer["Size"].(int64); ok && size > 0 && size <= maxNumber {
		u.next = int(size)
	}
	for n := range f.entries.numbers() {
		u.next = max(u.next, n+1)
	}
	return u
}

// Add gives a value a number of its own.
func (u *Update) Add(v any) Ref {
	r := Ref{Number: u.next}
	u.next++
	u.changed[r] = v
	return r
}

// Put replaces an object.
func (u *Update) Put(r Ref, v any) { u.changed[r] = v }

// Dict resolves a value to a copy of the dictionary that it is now, this
// revision's changes included, and its place; the place is zero for a value that
// is written where it is used.
func (u *Update) Dict(v any) (Ref, Dict, error) {
	r, indirect := v.(Ref)
	if indirect {
		if pending, ok := u.changed[r]; ok {
			v = pending
		}
	}
	d, err := u.file.Dict(v)
	return r, maps.Clone(d), err
}

// Bytes is what has to be appended to the file: objects, a cross-reference
// section of the kind that the file has, and a trailer that leads to what was
// there.
func (u *Update) Bytes() ([]byte, error) {
	if u.next > maxNumber {
		return nil, fmt.Errorf("%w: no object number is left", ErrLimit)
	}
	w := &writer{base: u.file.size}
	w.buf.WriteByte('\n') // the file may end within a line
	at := map[int]entry{}
	for _, r := range slices.SortedFunc(maps.Keys(u.changed), func(a, b Ref) int { return a.Number - b.Number }) {
		at[r.Number] = entry{1, w.offset(), r.Generation}
		fmt.Fprintf(&w.buf, "%d %d obj\n", r.Number, r.Generation)
		if err := w.value(u.changed[r]); err != nil {
			return nil, err
		}
		w.buf.WriteString("\nendobj\n")
	}
	if err := u.section(w, at); err != nil {
		return nil, err
	}
	return w.buf.Bytes(), nil
}

// newTrailer carries over what every trailer has. The second part of the file's
// identifier changes with its content (ISO 32000-2 §14.4).
func (u *Update) newTrailer(body []byte) Dict {
	t := Dict{"Size": int64(u.next), "Root": u.file.trailer["Root"], "Prev": u.file.start}
	if info := u.file.trailer["Info"]; info != nil {
		t["Info"] = info
	}
	if id, err := u.file.Array(u.file.trailer["ID"]); err == nil && len(id) == 2 {
		sum := sha256.Sum256(body)
		t["ID"] = Array{id[0], String(sum[:16])}
	}
	return t
}

func (u *Update) section(w *writer, at map[int]entry) error {
	trailer := u.newTrailer(w.buf.Bytes())
	start := w.offset()
	if u.file.streams {
		if err := u.streamSection(w, at, trailer); err != nil {
			return err
		}
	} else if err := tableSection(w, at, trailer); err != nil {
		return err
	}
	fmt.Fprintf(&w.buf, "startxref\n%d\n%%%%EOF\n", start)
	return nil
}

// runs groups numbers that follow each other.
func runs(at map[int]entry) (all [][]int) {
	for _, n := range slices.Sorted(maps.Keys(at)) {
		if last := len(all) - 1; last >= 0 && all[last][len(all[last])-1] == n-1 {
			all[last] = append(all[last], n)
			continue
		}
		all = append(all, []int{n})
	}
	return all
}

const maxTableOffset = 9_999_999_999 // ten digits

func tableSection(w *writer, at map[int]entry, trailer Dict) error {
	if w.offset() > maxTableOffset {
		return fmt.Errorf("%w: the file is too long for its kind of cross-reference table", ErrLimit)
	}
	w.buf.WriteString("xref\n")
	for _, run := range runs(at) {
		fmt.Fprintf(&w.buf, "%d %d\n", run[0], len(run))
		for _, n := range run {
			fmt.Fprintf(&w.buf, "%010d %05d n \n", at[n].at, at[n].rank)
		}
	}
	w.buf.WriteString("trailer\n")
	if err := w.value(trailer); err != nil {
		return err
	}
	w.buf.WriteByte('\n')
	return nil
}

// streamSection writes a cross-reference stream, which lists itself too.
func (u *Update) streamSection(w *writer, at map[int]entry, trailer Dict) error {
	self := u.next
	at[self] = entry{1, w.offset(), 0}
	trailer["Size"] = int64(self + 1)
	index := Array{}
	var rows bytes.Buffer
	for _, run := range runs(at) {
		index = append(index, int64(run[0]), int64(len(run)))
		for _, n := range run {
			e := at[n]
			rows.WriteByte(1)
			for shift := 56; shift >= 0; shift -= 8 {
				rows.WriteByte(byte(e.at >> shift))
			}
			rows.Write([]byte{byte(e.rank >> 8), byte(e.rank)})
		}
	}
	trailer["Type"], trailer["W"], trailer["Index"] = Name("XRef"), Array{int64(1), int64(8), int64(2)}, index
	fmt.Fprintf(&w.buf, "%d 0 obj\n", self)
	if err := w.value(NewStream(trailer, rows.Bytes())); err != nil {
		return err
	}
	w.buf.WriteString("\nendobj\n")
	return nil
}
