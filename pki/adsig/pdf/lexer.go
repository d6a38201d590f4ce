package pdf

import (
	"strconv"
)

const maxDepth = 100 // of values within values

// lexer reads values from part of a file. Short says that it looked beyond the
// part that it has: what it read may go on, and it wants more.
type lexer struct {
	data  []byte
	pos   int
	short bool
	depth int
	// span is told where each value of the outermost dictionary stands.
	span func(key Name, from, to int)
}

func isSpace(c byte) bool {
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' '
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

// isRegular has the bytes that are neither (ISO 32000-2 §7.2.3).
var isRegular = func() (all [256]bool) {
	for c := range all {
		all[c] = !isSpace(byte(c)) && !isDelimiter(byte(c))
	}
	return all
}()

// peek returns the byte n further on, 0 beyond the end.
func (l *lexer) peek(n int) byte {
	if l.pos+n >= len(l.data) {
		l.short = true
		return 0
	}
	return l.data[l.pos+n]
}

func (l *lexer) done() bool {
	if l.pos >= len(l.data) {
		l.short = true
		return true
	}
	return false
}

// skip passes white space and comments.
func (l *lexer) skip() {
	for !l.done() {
		switch c := l.data[l.pos]; {
		case isSpace(c):
			l.pos++
		case c == '%':
			for !l.done() && l.data[l.pos] != '\n' && l.data[l.pos] != '\r' {
				l.pos++
			}
		default:
			return
		}
	}
}

// word reads regular characters up to the next white space or delimiter.
func (l *lexer) word() string { return string(l.regular()) }

func (l *lexer) regular() []byte {
	from := l.pos
	for ; l.pos < len(l.data); l.pos++ {
		if !isRegular[l.data[l.pos]] {
			return l.data[from:l.pos]
		}
	}
	l.short = true
	return l.data[from:]
}

// keyword passes a word that has to stand here.
func (l *lexer) keyword(want string) error {
	l.skip()
	if got := l.word(); got != want {
		return malformed("%q where %q belongs", got, want)
	}
	return nil
}

// integer reads a number that may not be negative.
func (l *lexer) integer() (int64, error) {
	l.skip()
	w := l.regular()
	if n, ok := decimal(w); ok {
		return n, nil
	}
	n, err := strconv.ParseUint(string(w), 10, 62)
	if err != nil {
		return 0, malformed("%.20q where a number belongs", w)
	}
	return int64(n), nil
}

// value reads one value (ISO 32000-2 §7.3).
func (l *lexer) value() (any, error) {
	if l.depth++; l.depth > maxDepth {
		return nil, malformed("values nested deeper than %d", maxDepth)
	}
	defer func() { l.depth-- }()
	l.skip()
	switch c := l.peek(0); {
	case c == '/':
		return l.name()
	case c == '(':
		return l.literal()
	case c == '<' && l.peek(1) == '<':
		return l.dict()
	case c == '<':
		return l.hex()
	case c == '[':
		return l.array()
	case c == '+' || c == '-' || c == '.' || c >= '0' && c <= '9':
		return l.number()
	}
	switch w := l.word(); w {
	case "true", "false":
		return w == "true", nil
	case "null":
		return nil, nil
	default:
		return nil, malformed("%.20q where a value belongs", w)
	}
}

// number reads an integer, a real, or the three words of a reference.
func (l *lexer) number() (any, error) {
	w := l.regular()
	n, ok := decimal(w)
	if !ok {
		var err error
		if n, err = strconv.ParseInt(string(w), 10, 64); err != nil {
			return real(string(w))
		}
	}
	if n < 0 || w[0] == '+' {
		return n, nil
	}
	if r, ok := l.reference(n); ok {
		return r, nil
	}
	return n, nil
}

func real(w string) (any, error) {
	digits, points := 0, 0
	for i, c := range []byte(w) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			points++
		case i > 0 || c != '-' && c != '+':
			return nil, malformed("%.20q where a number belongs", w)
		}
	}
	if digits == 0 || digits > 100 || points > 1 {
		return nil, malformed("%.20q where a number belongs", w)
	}
	return Real(w), nil
}

// reference tries to read on after a first number.
func (l *lexer) reference(number int64) (Ref, bool) {
	back := l.pos
	l.skip()
	if c := l.peek(0); c >= '0' && c <= '9' && number <= maxNumber {
		if generation, err := strconv.ParseUint(string(l.regular()), 10, 16); err == nil {
			l.skip()
			if l.peek(0) == 'R' && len(l.regular()) == 1 {
				return Ref{int(number), int(generation)}, true
			}
		}
	}
	l.pos = back
	return Ref{}, false
}

func (l *lexer) array() (any, error) {
	l.pos++
	all := Array{}
	for {
		l.skip()
		if l.peek(0) == ']' {
			l.pos++
			return all, nil
		}
		v, err := l.value()
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
}

func (l *lexer) dict() (any, error) {
	l.pos += 2
	all := Dict{}
	for {
		l.skip()
		if l.peek(0) == '>' && l.peek(1) == '>' {
			l.pos += 2
			return all, nil
		}
		if l.peek(0) != '/' {
			return nil, malformed("a dictionary's key is not a name")
		}
		key, err := l.name()
		if err != nil {
			return nil, err
		}
		l.skip()
		from := l.pos
		v, err := l.value()
		if err != nil {
			return nil, err
		}
		if l.span != nil && l.depth == 1 {
			l.span(key, from, l.pos)
		}
		// Readers differ in which of two they take (ISO 32000-2 §7.3.7).
		if _, twice := all[key]; twice {
			return nil, malformed("the key %q stands twice in a dictionary", string(key))
		}
		all[key] = v
	}
}
