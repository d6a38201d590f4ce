package pdf

import (
	"bytes"
	"iter"
)

// Get reads an indirect object; one that is not there is null (ISO 32000-2
// §7.3.10).
func (f *File) Get(r Ref) (any, error) {
	// Reading an object can take others: its stream's length, the stream it is in.
	if f.deep++; f.deep > maxDeep {
		return nil, malformed("object %v takes itself to read", r)
	}
	defer func() { f.deep-- }()
	e := f.entries.at(r.Number)
	switch {
	case e.kind == 1 && e.rank == r.Generation:
		if k, here := f.kept[e.at]; here && k.ref == r {
			return k.dict, nil
		}
		found, v, err := f.objectAt(e.at, nil)
		if err == nil && found != r {
			return nil, malformed("object %v stands where %v belongs", found, r)
		}
		return v, err
	case e.kind == 2 && r.Generation == 0:
		return f.member(r.Number, e)
	}
	return nil, nil
}

// Resolve follows a reference to what is not one.
func (f *File) Resolve(v any) (any, error) {
	for range 32 {
		r, ok := v.(Ref)
		if !ok {
			return v, nil
		}
		var err error
		if v, err = f.Get(r); err != nil {
			return nil, err
		}
	}
	return nil, malformed("references that lead to references without end")
}

// Dict resolves a value that has to be a dictionary, or a stream with one.
func (f *File) Dict(v any) (Dict, error) {
	v, err := f.Resolve(v)
	if err != nil {
		return nil, err
	}
	switch d := v.(type) {
	case Dict:
		return d, nil
	case *Stream:
		return d.Dict, nil
	}
	return nil, malformed("no dictionary where one belongs")
}

// Array resolves a value that has to be an array; null is an empty one.
func (f *File) Array(v any) (Array, error) {
	v, err := f.Resolve(v)
	if err != nil {
		return nil, err
	}
	a, ok := v.(Array)
	if !ok && v != nil {
		return nil, malformed("no array where one belongs")
	}
	return a, nil
}

// Refs lists the objects that are in use, by number.
func (f *File) Refs() iter.Seq[Ref] {
	return func(yield func(Ref) bool) {
		for n := range f.entries.numbers() {
			if r, used := f.Find(n); used && !yield(r) {
				return
			}
		}
	}
}

// Find names the object in use that has a number.
func (f *File) Find(number int) (Ref, bool) {
	switch e := f.entries.at(number); e.kind {
	case 1:
		return Ref{number, e.rank}, true
	case 2:
		return Ref{number, 0}, true
	}
	return Ref{}, false
}

// Same reports whether two files have an object in the same place, so that it
// need not be compared. Both have to be the same bytes up to there.
func (f *File) Same(other *File, number int) bool {
	a, b := f.entries.at(number), other.entries.at(number)
	return a == b && (a.kind != 2 || f.entries.at(int(a.at)) == other.entries.at(int(b.at)))
}

// Whereabouts gives the offset of an object that stands in the file itself.
func (f *File) Whereabouts(r Ref) (int64, bool) {
	e := f.entries.at(r.Number)
	return e.at, e.kind == 1 && e.rank == r.Generation
}

func header(l *lexer) (Ref, error) {
	number, err1 := l.integer()
	generation, err2 := l.integer()
	if err1 != nil || err2 != nil || number > maxNumber || generation > maxGeneration {
		return Ref{}, malformed("no object where one belongs")
	}
	return Ref{int(number), int(generation)}, l.keyword("obj")
}

// objectAt reads the indirect object that stands at an offset, and notes where its
// parts do for whoever wants to know.
func (f *File) objectAt(at int64, notes *notes) (r Ref, v any, err error) {
	streamAt := -1
	err = f.parse(at, minBlock, maxObject, func(l *lexer) (err error) {
		streamAt = -1
		notes.begin(l, at)
		if r, err = header(l); err != nil {
			return err
		}
		if v, err = l.value(); err != nil {
			return err
		}
		l.skip()
		switch l.word() {
		case "endobj":
			notes.finish(l, at)
			return nil
		case "stream":
			// An end of line, by either of its longer forms, belongs to the keyword.
			if l.peek(0) == '\r' {
				l.pos++
			}
			if l.peek(0) != '\n' {
				return malformed("stream of object %v does not begin on a line of its own", r)
			}
			streamAt = l.pos + 1
			return nil
		}
		return malformed("object %v has no end", r)
	})
	if err != nil || streamAt < 0 {
		return r, v, err
	}
	d, ok := v.(Dict)
	if !ok {
		return r, nil, malformed("stream of object %v has no dictionary", r)
	}
	s, err := f.stream(d, at+int64(streamAt))
	if err != nil {
		return r, nil, err
	}
	return r, s, nil
}

// stream finds the end of a stream by its length, and checks that it is there.
func (f *File) stream(d Dict, at int64) (*Stream, error) {
	length, err := f.Resolve(d["Length"])
	if err != nil {
		return nil, err
	}
	n, ok := length.(int64)
	if !ok || n < 0 || n > f.size-at {
		return nil, malformed("the length of a stream")
	}
	ends, err := f.endsStream(at + n)
	if err != nil {
		return nil, err
	}
	if !ends {
		return nil, malformed("a stream is not as long as it says")
	}
	return &Stream{Dict: d, r: f.r, at: at, size: n}, nil
}

// endsStream reports whether a stream can end at an offset.
func (f *File) endsStream(at int64) (bool, error) {
	behind, err := f.window(at, 16)
	return bytes.HasPrefix(bytes.TrimLeft(behind, "\r\n \t\x00"), []byte("endstream")), err
}
