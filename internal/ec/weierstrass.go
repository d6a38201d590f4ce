package ec

import (
	"math/big"
	"sync"
)

// weierstrass is a curve of prime order in our own arithmetic. It computes on the isomorphic curve y² = x³ − 3x + b′
// (for the r1 curves of brainpool their t1 twin, RFC 5639 §3), where addition is cheaper: (x, y) is kept as (u²x, u³y)
// with u⁴ = −3/a. Only encode and decode know about u.
type weierstrass[L limbs] struct {
	fp         *field[L]
	b          L
	in2, in3   L // u², u³
	out2, out3 L // u⁻², u⁻³
	base       point[L]
	order      []byte                // n
	multiples  func() []multiples[L] // of the base point, made at first use
}

// point is in homogeneous coordinates (x/z, y/z); z = 0 is infinity.
type point[L limbs] struct{ x, y, z L }

func newWeierstrass[L limbs](c *Curve) *weierstrass[L] {
	p := c.p
	w := &weierstrass[L]{fp: newField[L](p), order: c.n.Bytes()}
	u := twist(p, c.a)
	power := func(e int64) *big.Int {
		v := new(big.Int).Exp(u, big.NewInt(max(e, -e)), p)
		if e < 0 {
			v.ModInverse(v, p)
		}
		return v
	}
	w.in2, w.in3 = w.fp.element(power(2)), w.fp.element(power(3))
	w.out2, w.out3 = w.fp.element(power(-2)), w.fp.element(power(-3))
	w.b = w.fp.element(new(big.Int).Mul(c.b, power(6)))
	w.base = w.place(w.fp.element(c.gx), w.fp.element(c.gy))
	w.multiples = sync.OnceValue(w.baseMultiples)
	return w
}

// twist finds u with u⁴·a = −3. All curves here have p ≡ 3 mod 4, where one of the two square roots of a square is a
// square again, so that a second root exists.
func twist(p, a *big.Int) *big.Int {
	u := new(big.Int).ModInverse(a, p)
	u.Mul(u, big.NewInt(-3)).Mod(u, p)
	u.ModSqrt(u, p)
	if big.Jacobi(u, p) < 0 {
		u.Sub(p, u)
	}
	return u.ModSqrt(u, p)
}

// place brings affine coordinates of the published curve to the twisted one.
func (w *weierstrass[L]) place(x, y L) (r point[L]) {
	w.fp.mul(&r.x, &x, &w.in2)
	w.fp.mul(&r.y, &y, &w.in3)
	r.z = w.fp.one
	return r
}

func (w *weierstrass[L]) infinity() point[L] { return point[L]{y: w.fp.one} }

// polynomial returns x³ − 3x + b.
func (w *weierstrass[L]) polynomial(x *L) (r L) {
	f := w.fp
	f.mul(&r, x, x)
	for range 3 {
		f.sub(&r, &r, &f.one)
	}
	f.mul(&r, &r, x)
	f.add(&r, &r, &w.b)
	return r
}

// add sets r to p + q by complete formulas, valid for every pair of points, infinity and equal points included
// (Renes, Costello, Batina: Complete addition formulas for prime order elliptic curves, 2016, algorithm 4).
func (w *weierstrass[L]) add(r, p, q *point[L]) {
	f := w.fp
	var t0, t1, t2, t3, t4, x3, y3, z3 L
	f.mul(&t0, &p.x, &q.x)
	f.mul(&t1, &p.y, &q.y)
	f.mul(&t2, &p.z, &q.z)
	f.add(&t3, &p.x, &p.y)
	f.add(&t4, &q.x, &q.y)
	f.mul(&t3, &t3, &t4)
	f.add(&t4, &t0, &t1)
	f.sub(&t3, &t3, &t4)
	f.add(&t4, &p.y, &p.z)
	f.add(&x3, &q.y, &q.z)
	f.mul(&t4, &t4, &x3)
	f.add(&x3, &t1, &t2)
	f.sub(&t4, &t4, &x3)
	f.add(&x3, &p.x, &p.z)
	f.add(&y3, &q.x, &q.z)
	f.mul(&x3, &x3, &y3)
	f.add(&y3, &t0, &t2)
	f.sub(&y3, &x3, &y3)
	f.mul(&z3, &w.b, &t2)
	f.sub(&x3, &y3, &z3)
	f.add(&z3, &x3, &x3)
	f.add(&x3, &x3, &z3)
	f.sub(&z3, &t1, &x3)
	f.add(&x3, &t1, &x3)
	f.mul(&y3, &w.b, &y3)
	f.add(&t1, &t2, &t2)
	f.add(&t2, &t1, &t2)
	f.sub(&y3, &y3, &t2)
	f.sub(&y3, &y3, &t0)
	f.add(&t1, &y3, &y3)
	f.add(&y3, &t1, &y3)
	f.add(&t1, &t0, &t0)
	f.add(&t0, &t1, &t0)
	f.sub(&t0, &t0, &t2)
	f.mul(&t1, &t4, &y3)
	f.mul(&t2, &t0, &y3)
	f.mul(&y3, &x3, &z3)
	f.add(&y3, &y3, &t2)
	f.mul(&x3, &t3, &x3)
	f.sub(&x3, &x3, &t1)
	f.mul(&z3, &t4, &z3)
	f.mul(&t1, &t3, &t0)
	f.add(&z3, &z3, &t1)
	r.x, r.y, r.z = x3, y3, z3
}

// normalize divides by z, all points with one inversion; none may be infinity.
func (w *weierstrass[L]) normalize(points []point[L]) {
	f := w.fp
	before := make([]L, len(points)) // the product of all z before this one
	product := f.one
	for i := range points {
		before[i] = product
		f.mul(&product, &product, &points[i].z)
	}
	inverse := f.invert(&product) // of all z up to this one
	for i := len(points) - 1; i >= 0; i-- {
		p := &points[i]
		f.mul(&before[i], &before[i], &inverse)
		f.mul(&inverse, &inverse, &p.z)
		f.mul(&p.x, &p.x, &before[i])
		f.mul(&p.y, &p.y, &before[i])
		p.z = f.one
	}
}
