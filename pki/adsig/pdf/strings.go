package pdf

import (
	"bytes"
	"encoding/hex"
)

func unhex(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

func (l *lexer) name() (Name, error) {
	l.pos++
	w := l.regular()
	if bytes.IndexByte(w, '#') < 0 {
		return common(w), nil
	}
	out := make([]byte, 0, len(w))
	for i := 0; i < len(w); i++ {
		if w[i] != '#' {
			out = append(out, w[i])
			continue
		}
		if i+2 >= len(w) {
			return "", malformed("unfinished escape in a name")
		}
		high, ok1 := unhex(w[i+1])
		low, ok2 := unhex(w[i+2])
		if !ok1 || !ok2 {
			return "", malformed("escape in a name")
		}
		out = append(out, high<<4|low)
		i += 2
	}
	return Name(out), nil
}

// common is a name; the ones that most objects have are not made anew.
func common(w []byte) Name {
	if n, known := names[string(w)]; known {
		return n
	}
	return Name(w)
}

var names = func() map[string]Name {
	all := map[string]Name{}
	for _, n := range []Name{
		"Type", "Subtype", "Length", "Filter", "FlateDecode", "DecodeParms", "Parent", "Kids", "Count", "First", "Next", "Prev",
		"Page", "Contents", "Resources", "MediaBox", "Font", "XObject", "Image", "Width", "Height", "ColorSpace", "BitsPerComponent",
		"Annot", "Rect", "P", "F", "A", "S", "D", "K", "N", "BBox", "Matrix", "Group", "StructParents", "StructElem", "BaseFont",
	} {
		all[string(n)] = n
	}
	return all
}()

// hex reads a hexadecimal string; a missing last digit is 0.
func (l *lexer) hex() (any, error) {
	l.pos++
	// A signature's contents are long, and digits only.
	end := bytes.IndexByte(l.data[l.pos:], '>')
	if end < 0 {
		l.pos, l.short = len(l.data), true
		return nil, malformed("a hexadecimal string without an end")
	}
	out := make(String, hex.DecodedLen(end))
	if _, err := hex.Decode(out, l.data[l.pos:l.pos+end]); err == nil {
		l.pos += end + 1
		return out, nil
	}
	out = out[:0]
	half, odd := byte(0), false
	for ; !l.done(); l.pos++ {
		c := l.data[l.pos]
		if c == '>' {
			l.pos++
			if odd {
				out = append(out, half)
			}
			return out, nil
		}
		digit, ok := unhex(c)
		switch {
		case isSpace(c):
		case !ok:
			return nil, malformed("%q in a hexadecimal string", c)
		case odd:
			out, odd = append(out, half|digit), false
		default:
			half, odd = digit<<4, true
		}
	}
	return nil, malformed("a hexadecimal string without an end")
}

var escapes = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f'}

// literal reads a string in parentheses (ISO 32000-2 §7.3.4.2).
func (l *lexer) literal() (any, error) {
	l.pos++
	out := String{}
	for open := 1; !l.done(); {
		c := l.data[l.pos]
		l.pos++
		switch c {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return out, nil
			}
		case '\\':
			out = l.escape(out)
			continue
		case '\r': // an end of line is one line feed, however written
			if l.peek(0) == '\n' {
				l.pos++
			}
			c = '\n'
		}
		out = append(out, c)
	}
	return nil, malformed("a string without an end")
}

// escape reads what follows a backslash.
func (l *lexer) escape(out String) String {
	if l.done() {
		return out
	}
	c := l.data[l.pos]
	l.pos++
	if e, known := escapes[c]; known {
		return append(out, e)
	}
	switch {
	case c == '\n':
		return out
	case c == '\r':
		if l.peek(0) == '\n' {
			l.pos++
		}
		return out
	case c < '0' || c > '7':
		return append(out, c)
	}
	n := int(c - '0')
	for range 2 {
		if d := l.peek(0); d >= '0' && d <= '7' {
			n = n<<3 | int(d-'0')
			l.pos++
		}
	}
	return append(out, byte(n))
}
