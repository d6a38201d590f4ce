package piv

import "slices"

// Data objects of SP 800-73-5: BER-TLV with tags of one to three bytes and
// definite lengths below 65,536.

// object cuts the first data object from b.
func object(b []byte) (tag Tag, value, rest []byte, ok bool) {
	n := tagSize(b)
	if n == 0 || len(b) <= n {
		return 0, nil, nil, false
	}
	for _, part := range b[:n] {
		tag = tag<<8 | Tag(part)
	}
	b = b[n:]
	length, head := int(b[0]), 1
	switch {
	case length == 0x81 && len(b) >= 2:
		length, head = int(b[1]), 2
	case length == 0x82 && len(b) >= 3:
		length, head = int(b[1])<<8|int(b[2]), 3
	case length >= 0x80:
		return 0, nil, nil, false
	}
	if len(b)-head < length {
		return 0, nil, nil, false
	}
	return tag, b[head : head+length], b[head+length:], true
}

// tagSize is 0 when the tag is cut or too long (ISO 8825-1 §8.1.2).
func tagSize(b []byte) int {
	if len(b) == 0 || b[0]&0x1F != 0x1F {
		return min(len(b), 1)
	}
	for i := 1; i < min(len(b), 3); i++ {
		if b[i]&0x80 == 0 {
			return i + 1
		}
	}
	return 0
}

// fields are the objects in a template, by tag.
type fields map[Tag][]byte

// parse reads a template of these tags, each at most once.
func parse(b []byte, allowed ...Tag) (fields, bool) {
	f := fields{}
	for len(b) > 0 {
		tag, value, rest, ok := object(b)
		if _, twice := f[tag]; !ok || twice || !slices.Contains(allowed, tag) {
			return nil, false
		}
		f[tag], b = value, rest
	}
	return f, true
}

// inside parses the only object in b, which must have this tag.
func inside(b []byte, outer Tag, allowed ...Tag) (fields, bool) {
	tag, value, rest, ok := object(b)
	if !ok || tag != outer || len(rest) != 0 {
		return nil, false
	}
	return parse(value, allowed...)
}

// asked tells that an object is there, and empty: the card shall fill it.
func (f fields) asked(tag Tag) bool {
	value, there := f[tag]
	return there && len(value) == 0
}

// given tells that an object is there with content.
func (f fields) given(tag Tag) bool { return len(f[tag]) > 0 }

// put appends an object.
func put(dst []byte, tag Tag, value ...byte) []byte {
	for shift := 16; shift >= 0; shift -= 8 {
		if part := tag >> shift; part != 0 {
			dst = append(dst, byte(part))
		}
	}
	switch n := len(value); {
	case n < 0x80:
		dst = append(dst, byte(n))
	case n < 0x100:
		dst = append(dst, 0x81, byte(n))
	default:
		dst = append(dst, 0x82, byte(n>>8), byte(n))
	}
	return append(dst, value...)
}
