package simulator

// The data objects of this card's protocols have one-byte tags, those of
// certificates one or two, and definite lengths (ISO 7816-4 §6.3); anything else is
// malformed to it.

// object cuts the first data object from b.
func object(b []byte) (tag byte, value, rest []byte, ok bool) {
	if len(b) == 0 || b[0]&0x1F == 0x1F {
		return 0, nil, nil, false
	}
	value, rest, ok = content(b[1:])
	return b[0], value, rest, ok
}

// content cuts what follows a tag: a length, and as many bytes.
func content(b []byte) (value, rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	n, head := int(b[0]), 1
	switch {
	case n == 0x81 && len(b) >= 2:
		n, head = int(b[1]), 2
	case n == 0x82 && len(b) >= 3:
		n, head = int(b[1])<<8|int(b[2]), 3
	case n >= 0x80:
		return nil, nil, false
	}
	if len(b)-head < n {
		return nil, nil, false
	}
	return b[head : head+n], b[head+n:], true
}

// only returns the value of b when b is exactly one object with this tag.
func only(b []byte, tag byte) ([]byte, bool) {
	got, value, rest, ok := object(b)
	return value, ok && got == tag && len(rest) == 0
}

// appendHeader appends tag and length of an object of n bytes, n < 65,536.
func appendHeader(dst []byte, tag byte, n int) []byte {
	switch {
	case n < 0x80:
		return append(dst, tag, byte(n))
	case n < 0x100:
		return append(dst, tag, 0x81, byte(n))
	}
	return append(dst, tag, 0x82, byte(n>>8), byte(n))
}

func appendObject(dst []byte, tag byte, value []byte) []byte {
	return append(appendHeader(dst, tag, len(value)), value...)
}

// headerSize is the number of tag and length bytes before a value of n bytes.
func headerSize(n int) int {
	switch {
	case n < 0x80:
		return 2
	case n < 0x100:
		return 3
	}
	return 4
}
