package cms

import "fmt"

// Bounds on BER input.
const (
	MaxSize  = 64 << 20 // bytes of a message
	maxDepth = 32       // nested elements
)

const (
	tagOctets            = 0x04
	tagConstructedOctets = 0x24
	constructedBit       = 0x20
)

// element is one BER element: identifier octets, content, and what of the
// encoding is not DER.
type element struct {
	identifier []byte
	content    []byte // of indefinite length: up to, not with, the end marker
	rest       []byte
	indefinite bool
	padded     bool // length not in the fewest bytes
}

func (e element) constructed() bool { return e.identifier[0]&constructedBit != 0 }

// normalise returns DER. Input that already is DER is returned itself, with
// changed false. Only lengths and the pieces of octet strings are put right;
// the order of sets is left alone, since signatures depend on it.
func normalise(in []byte) (der []byte, changed bool, err error) {
	if len(in) > MaxSize {
		return nil, false, fmt.Errorf("%w: message of %d bytes", ErrMalformed, len(in))
	}
	strict, err := isDER(in, 0)
	if err != nil || strict {
		return in, false, err
	}
	der, rest, err := convert(make([]byte, 0, len(in)), in, 0)
	if err == nil && len(rest) != 0 {
		err = malformed("bytes after the message")
	}
	return der, true, err
}

// isDER walks the elements; an indefinite length ends the walk at once, so the
// walk is linear.
func isDER(in []byte, depth int) (bool, error) {
	if depth > maxDepth {
		return false, malformed("nested too deep")
	}
	for len(in) > 0 {
		e, err := readElement(in)
		if err != nil {
			return false, err
		}
		if e.indefinite || e.padded || e.identifier[0] == tagConstructedOctets {
			return false, nil
		}
		if e.constructed() {
			if strict, err := isDER(e.content, depth+1); err != nil || !strict {
				return false, err
			}
		}
		in = e.rest
	}
	return true, nil
}

// convert appends the first element of in as DER and returns what follows it.
func convert(out, in []byte, depth int) (der, rest []byte, err error) {
	if depth > maxDepth {
		return nil, nil, malformed("nested too deep")
	}
	e, err := readElement(in)
	if err != nil {
		return nil, nil, err
	}
	if !e.constructed() {
		return append(appendHeader(out, e.identifier, len(e.content)), e.content...), e.rest, nil
	}
	var content []byte
	body := e.content
	for !e.ended(body) {
		if content, body, err = convert(content, body, depth+1); err != nil {
			return nil, nil, err
		}
	}
	if e.indefinite {
		e.rest = body[2:]
	}
	if e.identifier[0] == tagConstructedOctets {
		if content, err = joinOctets(content); err != nil {
			return nil, nil, err
		}
		e.identifier = []byte{tagOctets}
	}
	return append(appendHeader(out, e.identifier, len(content)), content...), e.rest, nil
}

// ended reports whether body, the unread content of e, is used up: empty, or
// at the end marker where the length is indefinite.
func (e element) ended(body []byte) bool {
	if e.indefinite {
		return len(body) >= 2 && body[0] == 0 && body[1] == 0
	}
	return len(body) == 0
}

// joinOctets concatenates the pieces of a constructed OCTET STRING, each
// already DER (X.690 §8.7.3).
func joinOctets(pieces []byte) ([]byte, error) {
	var joined []byte
	for len(pieces) > 0 {
		e, err := readElement(pieces)
		if err != nil {
			return nil, err
		}
		if e.identifier[0] != tagOctets {
			return nil, malformed("octet string made of something else")
		}
		joined = append(joined, e.content...)
		pieces = e.rest
	}
	return joined, nil
}

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
