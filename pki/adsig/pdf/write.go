package pdf

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
)

// writer writes values behind a file of a given length.
type writer struct {
	buf  bytes.Buffer
	base int64
}

func (w *writer) offset() int64 { return w.base + int64(w.buf.Len()) }

func (w *writer) value(v any) error {
	switch x := v.(type) {
	case nil:
		w.buf.WriteString("null")
	case bool, int64, Real, Ref:
		fmt.Fprintf(&w.buf, "%v", x)
	case Name:
		w.name(x)
	case String:
		w.string(x)
	case Array:
		return w.array(x)
	case Dict:
		return w.dict(x)
	case *Stream:
		return w.stream(x)
	case *Raw:
		x.At = w.offset()
		w.buf.Write(x.Text)
	default:
		return fmt.Errorf("%T is not a PDF value", v)
	}
	return nil
}

func (w *writer) name(n Name) {
	w.buf.WriteByte('/')
	for _, c := range []byte(n) {
		if c <= ' ' || c >= 0x7f || c == '#' || isDelimiter(c) {
			fmt.Fprintf(&w.buf, "#%02X", c)
			continue
		}
		w.buf.WriteByte(c)
	}
}

// string writes ASCII for people to read, all else in hexadecimal.
func (w *writer) string(s String) {
	for _, c := range s {
		if c < ' ' || c >= 0x7f {
			fmt.Fprintf(&w.buf, "<%X>", []byte(s))
			return
		}
	}
	w.buf.WriteByte('(')
	for _, c := range s {
		if c == '(' || c == ')' || c == '\\' {
			w.buf.WriteByte('\\')
		}
		w.buf.WriteByte(c)
	}
	w.buf.WriteByte(')')
}

func (w *writer) array(a Array) error {
	w.buf.WriteByte('[')
	for i, v := range a {
		if i > 0 {
			w.buf.WriteByte(' ')
		}
		if err := w.value(v); err != nil {
			return err
		}
	}
	w.buf.WriteByte(']')
	return nil
}

func (w *writer) dict(d Dict) error {
	w.buf.WriteString("<<")
	for _, key := range slices.Sorted(maps.Keys(d)) {
		if d[key] == nil {
			continue
		}
		w.name(key)
		w.buf.WriteByte(' ')
		if err := w.value(d[key]); err != nil {
			return err
		}
	}
	w.buf.WriteString(">>")
	return nil
}

func (w *writer) stream(s *Stream) error {
	d := maps.Clone(s.Dict)
	d["Length"] = s.size
	if err := w.dict(d); err != nil {
		return err
	}
	w.buf.WriteString("\nstream\n")
	if _, err := io.Copy(&w.buf, s.raw()); err != nil {
		return fmt.Errorf("copy stream: %w", err)
	}
	w.buf.WriteString("\nendstream")
	return nil
}
