package cms

import "fmt"

// Bounds on what is read.
const (
	MaxSize     = 64 << 20 // bytes of a message in DER, which is read in place
	MaxBER      = 32 << 20 // bytes of one in BER, which is copied
	maxDepth    = 32       // nested elements
	maxElements = 1 << 22  // a revocation list of a million entries, and no more
	maxNesting  = 1 << 16  // constructed elements of a message in BER
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

func (e element) octets() bool { return e.identifier[0]&^constructedBit == tagOctets }

// normalise returns DER. Input that already is DER is returned itself, with
// changed false. Only lengths and the pieces of octet strings are put right;
// the order of sets is left alone, since signatures depend on it.
func normalise(in []byte) (der []byte, changed bool, err error) {
	if len(in) > MaxSize {
		return nil, false, fmt.Errorf("%w: message of %d bytes", ErrMalformed, len(in))
	}
	if e, err := readElement(in); err != nil {
		return nil, false, err
	} else if !e.indefinite && len(e.rest) != 0 {
		return nil, false, malformed("bytes after the message")
	}
	var c conversion
	strict, err := c.isDER(in, 0)
	if err != nil || strict {
		return in, false, err
	}
	if len(in) > MaxBER {
		return nil, false, fmt.Errorf("%w: message of %d bytes in BER", ErrMalformed, len(in))
	}
	size, rest, err := c.measure(in, 0, false)
	if err == nil && len(rest) != 0 {
		err = malformed("bytes after the message")
	}
	if err != nil {
		return nil, false, err
	}
	c.out = make([]byte, 0, size)
	c.write(in, false)
	return c.out, true, nil
}

// A conversion goes over BER twice: measure finds every fault and how long each
// element will be, and then write copies each byte once. A hostile message
// costs no memory before it is known to be well-formed.
type conversion struct {
	elements int   // read so far
	sizes    []int // content of each constructed element in DER, outermost first
	out      []byte
}

// read splits off one element, as long as there are not too many.
func (c *conversion) read(in []byte) (element, error) {
	if c.elements++; c.elements > maxElements {
		return element{}, malformed("too many elements")
	}
	return readElement(in)
}

// isDER walks the elements; an indefinite length ends the walk at once, so the
// walk is linear.
func (c *conversion) isDER(in []byte, depth int) (bool, error) {
	if depth > maxDepth {
		return false, malformed("nested too deep")
	}
	for len(in) > 0 {
		e, err := c.read(in)
		if err != nil {
			return false, err
		}
		if e.indefinite || e.padded || e.identifier[0] == tagConstructedOctets {
			return false, nil
		}
		if e.constructed() {
			if strict, err := c.isDER(e.content, depth+1); err != nil || !strict {
				return false, err
			}
		}
		in = e.rest
	}
	return true, nil
}

// measure returns the DER length of the first element of in, and what follows
// it. Inside a constructed OCTET STRING (X.690 §8.7.3) the pieces' headers are
// not counted, and pieces must be octet strings too.
func (c *conversion) measure(in []byte, depth int, piece bool) (size int, rest []byte, err error) {
	if depth > maxDepth {
		return 0, nil, malformed("nested too deep")
	}
	e, err := c.read(in)
	switch {
	case err != nil:
		return 0, nil, err
	case piece && !e.octets():
		return 0, nil, malformed("octet string made of something else")
	case !e.constructed():
		size, rest = len(e.content), e.rest
	default:
		if size, rest, err = c.measureContent(e, depth); err != nil {
			return 0, nil, err
		}
	}
	if !piece {
		size += headerSize(e.identifier, size)
	}
	return size, rest, nil
}

func (c *conversion) measureContent(e element, depth int) (size int, rest []byte, err error) {
	slot := len(c.sizes)
	if slot == maxNesting {
		return 0, nil, malformed("too many nested elements")
	}
	c.sizes = append(c.sizes, 0)
	body := e.content
	for !e.ended(body) {
		var n int
		if n, body, err = c.measure(body, depth+1, e.octets()); err != nil {
			return 0, nil, err
		}
		size += n
	}
	c.sizes[slot] = size
	return size, e.after(body), nil
}

// write appends the first element of in, which was measured, and returns what
// follows it.
func (c *conversion) write(in []byte, piece bool) (rest []byte) {
	e, _ := readElement(in) // measure read the same
	size := len(e.content)
	if e.constructed() {
		size, c.sizes = c.sizes[0], c.sizes[1:]
	}
	switch {
	case piece:
	case e.octets():
		c.out = appendHeader(c.out, []byte{tagOctets}, size)
	default:
		c.out = appendHeader(c.out, e.identifier, size)
	}
	if !e.constructed() {
		c.out = append(c.out, e.content...)
		return e.rest
	}
	body := e.content
	for !e.ended(body) {
		body = c.write(body, e.octets())
	}
	return e.after(body)
}

// ended reports whether body, the unread content of e, is used up: empty, or
// at the end marker where the length is indefinite.
func (e element) ended(body []byte) bool {
	if e.indefinite {
		return len(body) >= 2 && body[0] == 0 && body[1] == 0
	}
	return len(body) == 0
}

// after is what follows e, given what is left of its content at its end.
func (e element) after(body []byte) []byte {
	if e.indefinite {
		return body[2:]
	}
	return e.rest
}
