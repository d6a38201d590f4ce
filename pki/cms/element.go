package cms

// readElement splits off one element. The content of an indefinite length is
// everything that follows; convert finds its end.
func readElement(in []byte) (e element, err error) {
	n := 1
	if len(in) > 0 && in[0]&0x1f == 0x1f { // identifier of several octets
		for n < len(in) && n < 4 && in[n]&0x80 != 0 {
			n++
		}
		n++
	}
	if len(in) <= n {
		return e, malformed("element cut short")
	}
	e.identifier = in[:n]
	length, in := in[n], in[n+1:]
	switch {
	case length == 0x80:
		e.indefinite, e.content = true, in
		if !e.constructed() {
			return e, malformed("primitive element of indefinite length")
		}
		return e, nil
	case length < 0x80:
		return e.take(in, int(length))
	case length > 0x84 || len(in) < int(length&0x7f):
		return e, malformed("length of an element")
	}
	size, octets := 0, in[:length&0x7f]
	for _, b := range octets {
		size = size<<8 | int(b)
	}
	e.padded = octets[0] == 0 || size < 0x80
	return e.take(in[len(octets):], size)
}

func (e element) take(in []byte, size int) (element, error) {
	if size < 0 || size > len(in) {
		return e, malformed("element cut short")
	}
	e.content, e.rest = in[:size], in[size:]
	return e, nil
}

// headerSize is the length of what appendHeader appends.
func headerSize(identifier []byte, size int) int {
	n := len(identifier) + 1
	for s := size; size >= 0x80 && s > 0; s >>= 8 {
		n++
	}
	return n
}

// appendHeader appends identifier and DER length.
func appendHeader(out, identifier []byte, size int) []byte {
	out = append(out, identifier...)
	if size < 0x80 {
		return append(out, byte(size))
	}
	octets := 1
	for s := size >> 8; s > 0; s >>= 8 {
		octets++
	}
	out = append(out, 0x80|byte(octets))
	for i := octets - 1; i >= 0; i-- {
		out = append(out, byte(size>>(8*i)))
	}
	return out
}
