package ec

import (
	"errors"
	"math/big"
)

// ErrNoMapping means that a curve, or one of three numbers modulo p, cannot be mapped to a point.
var ErrNoMapping = errors.New("ec: integrated mapping is not defined")

// CanMap reports whether MapToPoint is defined on the curve. It needs a prime p ≡ 3 mod 4, which P-224 does not have (ICAO
// 9303-11 §9.5.1, note to table 12, and §B.1).
func (c *Curve) CanMap() bool { return c.arithmetic().encode != nil }

// MapToPoint is the point encoding f_G of PACE's integrated mapping (ICAO 9303-11 §4.4.3.3.2 and Appendix B). r is the
// pseudo-random octet string R(s, t), a big-endian number of any length, and taken modulo p here. The time does not depend
// on r, and the result is a point other than infinity. It gives ErrNoMapping on P-224, and for r ≡ 0, 1 and −1, which
// §B.2 leaves undefined and nobody will meet.
func (c *Curve) MapToPoint(r []byte) (*Point, error) {
	if !c.CanMap() {
		return nil, ErrNoMapping
	}
	encoded, ok := c.arithmetic().encode(r)
	if !ok {
		return nil, ErrNoMapping
	}
	defer clear(encoded)
	return c.ParsePoint(encoded)
}

// encoding is the simplified map of Brier and others (CRYPTO 2010) onto the curve as it was published.
type encoding[L limbs] struct {
	fp    *field[L]
	a, b  L
	ratio L        // −b/a
	root  *big.Int // p − 1 − (p + 1)/4: x to this power is 1/√x, if x has a root
}

func newEncoding[L limbs](c *Curve) func(r []byte) ([]byte, bool) {
	if c.p.Bit(1) == 0 { // p ≡ 1 mod 4
		return nil
	}
	f := newField[L](c.p)
	ratio := new(big.Int).ModInverse(c.a, c.p)
	ratio.Mul(ratio, c.b).Neg(ratio)
	quarter := new(big.Int).Add(c.p, big.NewInt(1))
	root := new(big.Int).Sub(c.p, big.NewInt(1))
	root.Sub(root, quarter.Rsh(quarter, 2))
	return (&encoding[L]{f, f.element(c.a), f.element(c.b), f.element(ratio), root}).encode
}

// encode follows the steps of §B.2, names included, up to the choice between both candidates, which is a mask.
func (m *encoding[L]) encode(r []byte) (encoded []byte, ok bool) {
	f := m.fp
	var zero, alpha, sum, x2, x3, u, y, check L
	t := f.fold(r)
	f.mul(&alpha, &t, &t)
	f.mul(&u, &alpha, &t) // t³
	f.sub(&alpha, &zero, &alpha)
	f.mul(&sum, &alpha, &alpha)
	f.add(&sum, &sum, &alpha)
	if f.equal(&sum, &zero) == 1 {
		return nil, false
	}
	inverse := f.invert(&sum)
	f.add(&x2, &inverse, &f.one)
	f.mul(&x2, &x2, &m.ratio)
	f.mul(&x3, &x2, &alpha)
	h2 := m.polynomial(&x2)
	f.mul(&u, &u, &h2)
	root := f.power(&h2, m.root)
	f.mul(&check, &root, &root)
	f.mul(&check, &check, &h2)
	square := f.equal(&check, &f.one)
	f.assignIf(&x3, &x2, square)
	f.assignIf(&u, &h2, square)
	f.mul(&y, &root, &u)
	return append(append([]byte{4}, f.encode(&x3)...), f.encode(&y)...), true
}

// polynomial returns x³ + ax + b.
func (m *encoding[L]) polynomial(x *L) (y L) {
	m.fp.mul(&y, x, x)
	m.fp.add(&y, &y, &m.a)
	m.fp.mul(&y, &y, x)
	m.fp.add(&y, &y, &m.b)
	return y
}
