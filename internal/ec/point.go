package ec

import (
	"bytes"
	"crypto/subtle"
	"fmt"
)

// PointError says why bytes were refused as a point.
type PointError string

func (e PointError) Error() string { return "ec: invalid point: " + string(e) }

// element is a point in whichever arithmetic the curve uses; both arguments of add belong to the same curve.
type element interface {
	add(element) element
	mul(k []byte) element // k below the order, ScalarBytes long
	bytes() []byte        // 04‖x‖y, or one zero byte
}

// group makes elements.
type group interface {
	generator() element
	parse([]byte) (element, error)
}

// Point is a point on a curve, infinity included; it does not change.
type Point struct {
	curve   *Curve
	element element
	encoded []byte // of the element
}

func newPoint(c *Curve, e element) *Point { return &Point{c, e, e.bytes()} }

// Generator returns the curve's base point.
func (c *Curve) Generator() *Point { return c.arithmetic().generator }

// ParsePoint reads a point of SEC 1 §2.3.4, uncompressed 04‖x‖y or compressed 02/03‖x, every coordinate FieldBytes long.
// Infinity, hybrid forms, wrong lengths, unreduced coordinates and points off the curve give a PointError.
func (c *Curve) ParsePoint(b []byte) (*Point, error) {
	if len(b) == 0 {
		return nil, PointError("empty")
	}
	want := 1 + c.FieldBytes()
	switch b[0] {
	case 2, 3:
	case 4:
		want += c.FieldBytes()
	default:
		return nil, PointError("neither compressed nor uncompressed")
	}
	if len(b) != want {
		return nil, PointError(fmt.Sprintf("%d bytes, want %d", len(b), want))
	}
	e, err := c.arithmetic().group.parse(b)
	if err != nil {
		return nil, err
	}
	if b[0] == 4 {
		return &Point{c, e, bytes.Clone(b)}, nil
	}
	return newPoint(c, e), nil
}

// Curve returns the curve that p is on.
func (p *Point) Curve() *Curve { return p.curve }

// IsInfinity reports whether p is the neutral element, which has no coordinates.
func (p *Point) IsInfinity() bool { return len(p.encoded) == 1 }

// Bytes returns 04‖x‖y, always 1 + 2·FieldBytes long, or a single zero byte for infinity.
func (p *Point) Bytes() []byte { return bytes.Clone(p.encoded) }

// X returns the x coordinate, FieldBytes long with its leading zeros; nil for infinity.
func (p *Point) X() []byte {
	if p.IsInfinity() {
		return nil
	}
	return bytes.Clone(p.encoded[1 : 1+p.curve.FieldBytes()])
}

// Equal reports whether p and q are the same point of the same curve.
func (p *Point) Equal(q *Point) bool {
	return p.curve == q.curve && subtle.ConstantTimeCompare(p.encoded, q.encoded) == 1
}

// Add returns p + q; an error if they are on different curves.
func (p *Point) Add(q *Point) (*Point, error) {
	if p.curve != q.curve {
		return nil, fmt.Errorf("ec: add points of %s and %s", p.curve.name, q.curve.name)
	}
	return newPoint(p.curve, p.element.add(q.element)), nil
}

// Mul returns k·p in time that depends on neither. k is big-endian, at most ScalarBytes long, and taken modulo the order:
// the result is infinity for k = 0 and k = n. A longer k is an error.
func (p *Point) Mul(k []byte) (*Point, error) {
	reduced, err := p.curve.reduce(k)
	if err != nil {
		return nil, err
	}
	defer clear(reduced)
	return newPoint(p.curve, p.element.mul(reduced)), nil
}
