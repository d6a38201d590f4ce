package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
)

var (
	// ErrMalformed reports a file that is not as ISO 32000 wants it, or that can
	// be read in more than one way.
	ErrMalformed = errors.New("malformed PDF")
	// ErrEncrypted reports a file that needs a key to be read.
	ErrEncrypted = errors.New("the PDF is encrypted: remove the encryption before signing")
	// ErrLimit reports a file that asks for more than its reader is ready to do.
	ErrLimit = errors.New("the PDF exceeds a limit")
)

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// Name is a name without its slash, its escapes resolved.
type Name string

// String is a string of bytes, however it was written.
type String []byte

// Real is a number with a fraction, as it was written: copied into a new
// revision it stays the same.
type Real string

// Array is a sequence of values.
type Array []any

// Dict is a dictionary. A key with the value null is as good as absent.
type Dict map[Name]any

// Ref names an indirect object.
type Ref struct{ Number, Generation int }

func (r Ref) String() string { return fmt.Sprintf("%d %d R", r.Number, r.Generation) }

// Stream is a dictionary with bytes.
type Stream struct {
	Dict Dict

	r        io.ReaderAt
	at, size int64
}

// raw reads the bytes as they are encoded, from the first.
func (s *Stream) raw() *io.SectionReader { return io.NewSectionReader(s.r, s.at, s.size) }

// NewStream makes a stream of bytes that are encoded as its dictionary says.
func NewStream(d Dict, raw []byte) *Stream {
	return &Stream{Dict: d, r: bytes.NewReader(raw), size: int64(len(raw))}
}

// Raw is bytes that are written as they are, in place of a value, and remembers
// where in the file they came to stand.
type Raw struct {
	Text []byte
	At   int64
}

// Number gives a number's value.
func Number(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case Real:
		f, err := strconv.ParseFloat(string(n), 64)
		return f, err == nil
	}
	return 0, false
}

// Text decodes a text string (ISO 32000-2 §7.9.2.2) for people: UTF-16 or UTF-8
// with a mark, else PDFDocEncoding, of which bytes beyond ASCII become marks of
// their own.
func (s String) Text() string {
	switch {
	case bytes.HasPrefix(s, []byte{0xfe, 0xff}):
		var units []uint16
		for i := 2; i+1 < len(s); i += 2 {
			units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
		}
		return string(utf16.Decode(units))
	case bytes.HasPrefix(s, []byte{0xef, 0xbb, 0xbf}):
		return string(bytes.ToValidUTF8(s[3:], []byte("\ufffd")))
	}
	var out []rune
	for _, b := range s {
		if b >= 0x80 {
			out = append(out, '\ufffd')
			continue
		}
		out = append(out, rune(b))
	}
	return string(out)
}

// TextString encodes text for people: ASCII as it is, else UTF-16.
func TextString(text string) String {
	ascii := true
	for _, r := range text {
		ascii = ascii && r >= 0x20 && r < 0x7f
	}
	if ascii {
		return String(text)
	}
	out := String{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u>>8), byte(u))
	}
	return out
}

// Equal reports whether two values are the same as far as they are written in
// one place: references are equal when they name the same object, streams when
// their bytes are.
func Equal(a, b any) bool {
	switch x := a.(type) {
	case String:
		y, ok := b.(String)
		return ok && bytes.Equal(x, y)
	case Array:
		y, ok := b.(Array)
		return ok && equalArrays(x, y)
	case Dict:
		y, ok := b.(Dict)
		return ok && equalDicts(x, y)
	case *Stream:
		y, ok := b.(*Stream)
		return ok && equalDicts(x.Dict, y.Dict) && equalBytes(x.raw(), y.raw())
	}
	switch b.(type) {
	case String, Array, Dict:
		return false
	}
	return a == b
}

func equalArrays(x, y Array) bool {
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if !Equal(x[i], y[i]) {
			return false
		}
	}
	return true
}

func equalDicts(x, y Dict) bool {
	for k, v := range x {
		if !Equal(v, y[k]) {
			return false
		}
	}
	for k, v := range y {
		if _, both := x[k]; !both && v != nil {
			return false
		}
	}
	return true
}

func equalBytes(x, y *io.SectionReader) bool {
	if x.Size() != y.Size() {
		return false
	}
	var a, b [4096]byte
	for at := int64(0); at < x.Size(); {
		n, _ := x.ReadAt(a[:], at)
		m, _ := y.ReadAt(b[:], at)
		if n == 0 || !bytes.Equal(a[:n], b[:m]) {
			return false
		}
		at += int64(n)
	}
	return true
}
