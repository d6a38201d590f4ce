package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
)

// Unpack decodes a stream's bytes, which come to no more than a limit. Filters
// other than FlateDecode are not known here: structure uses none.
func (f *File) Unpack(s *Stream, limit int64) ([]byte, error) {
	filters, err := f.list(s.Dict["Filter"])
	if err != nil {
		return nil, err
	}
	parameters, err := f.list(s.Dict["DecodeParms"])
	if err != nil {
		return nil, err
	}
	var in io.Reader = s.raw()
	var predict Dict
	switch {
	case len(filters) == 0:
	case len(filters) == 1 && filters[0] == Name("FlateDecode"):
		if in, err = zlib.NewReader(in); err != nil {
			return nil, malformed("a packed stream: %v", err)
		}
		if len(parameters) == 1 && parameters[0] != nil {
			if predict, err = f.Dict(parameters[0]); err != nil {
				return nil, err
			}
		}
	default:
		return nil, malformed("a stream packed by %v", filters)
	}
	content, err := f.readAll(in, limit)
	if err != nil || predict == nil {
		return content, err
	}
	return unpredict(content, predict)
}

func (f *File) readAll(in io.Reader, limit int64) ([]byte, error) {
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(in, limit+1))
	if err != nil {
		return nil, malformed("a packed stream: %v", err)
	}
	if f.work += n; n > limit || f.work > maxWork {
		return nil, fmt.Errorf("%w: unpacked structure", ErrLimit)
	}
	return out.Bytes(), nil
}

// list gives the elements of an array, or the one value in its place.
func (f *File) list(v any) (Array, error) {
	v, err := f.Resolve(v)
	if err != nil || v == nil {
		return nil, err
	}
	if a, ok := v.(Array); ok {
		return a, nil
	}
	return Array{v}, nil
}

// unpredict undoes the PNG predictors (ISO 32000-2 §7.4.4.4).
func unpredict(content []byte, d Dict) ([]byte, error) {
	number := func(key Name, otherwise int64) int64 {
		if n, ok := d[key].(int64); ok {
			return n
		}
		return otherwise
	}
	switch predictor := number("Predictor", 1); {
	case predictor == 1:
		return content, nil
	case predictor < 10 || predictor > 15:
		return nil, malformed("predictor %d", predictor)
	}
	colours, bits, columns := number("Colors", 1), number("BitsPerComponent", 8), number("Columns", 1)
	if colours < 1 || colours > 32 || bits < 1 || bits > 16 || columns < 1 || columns > 1<<20 {
		return nil, malformed("the parameters of a predictor")
	}
	step, width := int((colours*bits+7)/8), int((colours*bits*columns+7)/8)
	if len(content)%(width+1) != 0 {
		return nil, malformed("a predicted stream that ends within a row")
	}
	out := content[:0]
	above := make([]byte, width)
	for len(content) > 0 {
		kind, line := content[0], content[1:width+1]
		if kind > 4 {
			return nil, malformed("kind %d of prediction", kind)
		}
		restore(kind, line, above, step)
		out = append(out, line...)
		above, content = out[len(out)-width:], content[width+1:]
	}
	return out, nil
}

// restore turns differences into values, in place.
func restore(kind byte, line, above []byte, step int) {
	for i := range line {
		var left, corner byte
		if i >= step {
			left, corner = line[i-step], above[i-step]
		}
		switch kind {
		case 1:
			line[i] += left
		case 2:
			line[i] += above[i]
		case 3:
			line[i] += byte((int(left) + int(above[i])) / 2)
		case 4:
			line[i] += paeth(left, above[i], corner)
		}
	}
}

// paeth is the predictor of that name (RFC 2083 §6.6).
func paeth(left, above, corner byte) byte {
	a, b, c := int(left), int(above), int(corner)
	p := a + b - c
	da, db, dc := max(p-a, a-p), max(p-b, b-p), max(p-c, c-p)
	switch {
	case da <= db && da <= dc:
		return left
	case db <= dc:
		return above
	}
	return corner
}

const maxHeld = 32 << 20 // bytes of object streams kept unpacked

// container is an object stream, unpacked (ISO 32000-2 §7.5.7).
type container struct {
	content []byte
	members []place
}

type place struct{ number, at int }

// member reads an object out of an object stream.
func (f *File) member(number int, e entry) (any, error) {
	c, err := f.container(int(e.at))
	if err != nil {
		return nil, err
	}
	if e.rank >= len(c.members) || c.members[e.rank].number != number {
		return nil, malformed("object %d is not in the stream where it belongs", number)
	}
	l := &lexer{data: c.content[c.members[e.rank].at:]}
	return l.value()
}

func (f *File) container(number int) (*container, error) {
	if c, held := f.held[number]; held {
		return c, nil
	}
	// Streams do not stand in streams: that also ends a chain of them.
	e := f.entries.at(number)
	if e.kind != 1 {
		return nil, malformed("an object stream that does not stand in the file")
	}
	found, v, err := f.objectAt(e.at, nil)
	if err != nil {
		return nil, err
	}
	s, ok := v.(*Stream)
	if !ok || s.Dict["Type"] != Name("ObjStm") || found.Number != number {
		return nil, malformed("object %d is not a stream of objects", number)
	}
	content, err := f.Unpack(s, maxUnpacked)
	if err != nil {
		return nil, err
	}
	c, err := newContainer(s.Dict, content)
	if err != nil {
		return nil, err
	}
	if f.holding += len(content); f.holding > maxHeld {
		clear(f.held)
		f.holding = len(content)
	}
	f.held[number] = c
	return c, nil
}

func newContainer(d Dict, content []byte) (*container, error) {
	count, ok1 := d["N"].(int64)
	first, ok2 := d["First"].(int64)
	if !ok1 || !ok2 || count < 0 || first < 0 || first > int64(len(content)) || count > first {
		return nil, malformed("the extent of an object stream")
	}
	c := &container{content: content}
	l := &lexer{data: content[:first]}
	for range count {
		number, err1 := l.integer()
		at, err2 := l.integer()
		if err1 != nil || err2 != nil || number > maxNumber || at > int64(len(content))-first {
			return nil, malformed("the index of an object stream")
		}
		c.members = append(c.members, place{int(number), int(first + at)})
	}
	return c, nil
}
