package pdf

import (
	"bytes"
	"io"
)

// Span is where in the file a value of an object's dictionary stands.
type Span struct {
	From, To int64
	// Digits: it is a hexadecimal string with nothing in it but digits, two for
	// each byte.
	Digits bool
}

// kept is a dictionary that was located, for whoever asks for its object again. It
// ends before an offset.
type kept struct {
	ref  Ref
	dict Dict
	end  int64
}

// Locate reads an object that stands in the file by itself, and says where each
// value of its dictionary does. What is long to read, as a signature is, is read
// once: the file keeps the dictionary, which is nobody's to change.
func (f *File) Locate(r Ref) (Dict, map[Name]Span, error) {
	at, ok := f.Whereabouts(r)
	if !ok {
		return nil, nil, malformed("object %v does not stand in the file by itself", r)
	}
	n := &notes{}
	found, v, err := f.objectAt(at, n)
	if err == nil && found != r {
		err = malformed("object %v stands where %v belongs", found, r)
	}
	if err != nil {
		return nil, nil, err
	}
	d, err := f.Dict(v)
	if plain, is := v.(Dict); is && err == nil {
		if f.kept == nil {
			f.kept = map[int64]kept{}
		}
		f.kept[at] = kept{r, plain, n.end}
	}
	return d, n.spans, err
}

// Earlier opens what the file was when it ended at an offset. Of the same bytes, it
// has what was kept.
func (f *File) Earlier(end int64) (*File, error) {
	old, err := Open(io.NewSectionReader(f.r, 0, end), end)
	if err != nil {
		return nil, err
	}
	old.kept = map[int64]kept{}
	for at, k := range f.kept {
		if k.end < end { // and a byte behind, which ends the last word
			old.kept[at] = k
		}
	}
	return old, nil
}

// notes are what Locate wants to know of an object beside its value.
type notes struct {
	spans map[Name]Span
	end   int64
}

// begin begins anew: an object of which only a part was at hand is read again.
func (n *notes) begin(l *lexer, at int64) {
	if n == nil {
		return
	}
	n.spans = map[Name]Span{}
	l.span = func(key Name, from, to int) {
		n.spans[key] = Span{at + int64(from), at + int64(to), onlyDigits(l.data[from:to])}
	}
}

func (n *notes) finish(l *lexer, at int64) {
	if n != nil {
		n.end = at + int64(l.pos)
	}
}

// onlyDigits is about a value that was read: in a hexadecimal string it can only be
// white space that is not a digit.
func onlyDigits(text []byte) bool {
	if len(text) < 2 || len(text)%2 != 0 || text[0] != '<' || text[1] == '<' {
		return false
	}
	for c := range byte(' ' + 1) {
		if isSpace(c) && bytes.IndexByte(text, c) >= 0 {
			return false
		}
	}
	return true
}
