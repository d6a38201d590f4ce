package pdf

import "bytes"

const maxKeys = 24 // of a dictionary that is skimmed

// Skim lists what an object refers to without making values of it, in less than
// half the time. It does so for plain objects only: short, in the file by
// themselves, without escapes in names or a length that stands elsewhere. Of any
// other object, right or wrong, it says nothing and false: Get has to read it.
func (f *File) Skim(r Ref) (refs []Ref, plain bool) {
	e := f.entries.at(r.Number)
	if _, here := f.kept[e.at]; here || e.kind != 1 || e.rank != r.Generation {
		return nil, false // what is kept need not be read
	}
	b, err := f.piece(e.at, minBlock)
	if err != nil {
		return nil, false
	}
	s := skimmer{lexer: lexer{data: b}, refs: f.skimmed[:0], length: -1}
	found, err := header(&s.lexer)
	plain = err == nil && found == r && s.value(0) && s.end(f, e.at) && !s.short
	f.skimmed = s.refs
	return s.refs, plain
}

// skimmer passes values.
type skimmer struct {
	lexer
	refs   []Ref
	length int64 // what the outermost dictionary says of its stream; -1 nothing
}

func (s *skimmer) value(depth int) bool {
	if depth > maxDepth/2 {
		return false
	}
	s.skip()
	switch c := s.peek(0); {
	case c == '/':
		_, ok := s.plainName()
		return ok
	case c == '<' && s.peek(1) == '<':
		return s.dict(depth)
	case c == '[':
		return s.array(depth)
	case c >= '0' && c <= '9':
		return s.number()
	}
	_, err := s.lexer.value()
	return err == nil
}

func (s *skimmer) plainName() ([]byte, bool) {
	s.pos++
	w := s.regular()
	return w, bytes.IndexByte(w, '#') < 0
}

// number passes digits, or the three words of a reference.
func (s *skimmer) number() bool {
	n, ok := decimal(s.regular())
	if !ok {
		return false
	}
	if r, is := s.reference(n); is {
		s.refs = append(s.refs, r)
	}
	return true
}

func (s *skimmer) array(depth int) bool {
	for s.pos++; ; {
		if s.skip(); s.peek(0) == ']' {
			s.pos++
			return true
		}
		if !s.value(depth + 1) {
			return false
		}
	}
}

func (s *skimmer) dict(depth int) bool {
	var keys [maxKeys][]byte
	s.pos += 2
	for n := 0; ; n++ {
		if s.skip(); s.peek(0) == '>' && s.peek(1) == '>' {
			s.pos += 2
			return true
		}
		if n == maxKeys || s.peek(0) != '/' {
			return false
		}
		key, ok := s.plainName()
		if !ok || twice(keys[:n], key) {
			return false
		}
		keys[n] = key
		s.skip()
		from := s.pos
		if !s.value(depth + 1) {
			return false
		}
		if depth == 0 && string(key) == "Length" {
			if s.length, ok = decimal(s.data[from:s.pos]); !ok {
				return false // by reference
			}
		}
		// What a cross-reference stream says is a trailer's business.
		if string(key) == "Type" && string(s.data[from:s.pos]) == "/XRef" {
			return false
		}
	}
}

func twice(keys [][]byte, key []byte) bool {
	for _, k := range keys {
		if bytes.Equal(k, key) {
			return true
		}
	}
	return false
}

// end passes the end of the object, or of its stream, which is where the length
// says.
func (s *skimmer) end(f *File, at int64) bool {
	s.skip()
	switch string(s.regular()) {
	case "endobj":
		return true
	case "stream":
	default:
		return false
	}
	if s.peek(0) == '\r' {
		s.pos++
	}
	from := at + int64(s.pos) + 1
	if s.peek(0) != '\n' || s.length < 0 || s.length > f.size-from || s.short {
		return false
	}
	ends, err := f.endsStream(from + s.length)
	return ends && err == nil
}
