package ec

import "math/big"

// own is a point of a curve in our own arithmetic, as an element: affine, so z is 1, or infinity, where z is 0.
type own[L limbs] struct {
	curve *weierstrass[L]
	point point[L]
	base  bool // the base point, whose multiples are at hand
}

func (w *weierstrass[L]) generator() element { return &own[L]{w, w.base, true} }

// parse reads 04‖x‖y or 02/03‖x; the length has been checked.
func (w *weierstrass[L]) parse(b []byte) (element, error) {
	x, ok := w.fp.decode(b[1 : 1+w.fp.size])
	if !ok {
		return nil, PointError("coordinate not below p")
	}
	var y L
	if b[0] == 4 {
		y, ok = w.fp.decode(b[1+w.fp.size:])
	} else {
		y, ok = w.decompress(x, b[0]&1)
	}
	if !ok {
		return nil, PointError("no such y")
	}
	e := &own[L]{curve: w, point: w.place(x, y)}
	var square L
	w.fp.mul(&square, &e.point.y, &e.point.y)
	if square != w.polynomial(&e.point.x) {
		return nil, PointError("not on the curve")
	}
	return e, nil
}

// decompress finds the y of the wanted parity, if any, by the root u^((p+1)/4): p ≡ 3 mod 4 on all these curves.
// The result still needs its place on the curve checked.
func (w *weierstrass[L]) decompress(x L, parity byte) (y L, ok bool) {
	f := w.fp
	at := w.place(x, x)
	right := w.polynomial(&at.x)
	e := new(big.Int).Add(f.prime, big.NewInt(1))
	root := f.power(&right, e.Rsh(e, 2))
	f.mul(&y, &root, &w.out3)
	if plain := f.encode(&y); plain[len(plain)-1]&1 != parity {
		var zero L
		f.sub(&y, &zero, &y)
	}
	plain := f.encode(&y)
	return y, plain[len(plain)-1]&1 == parity // y = 0 has no odd twin
}

func (p *own[L]) add(q element) element {
	sum := &own[L]{curve: p.curve}
	p.curve.add(&sum.point, &p.point, &q.(*own[L]).point)
	return sum.affine()
}

func (p *own[L]) mul(k []byte) element {
	product := &own[L]{curve: p.curve}
	p.product(&product.point, k)
	return product.affine()
}

// product sets r to k·p. That p is infinity, or the base point, is no secret.
func (p *own[L]) product(r *point[L], k []byte) {
	switch {
	case p.infinite():
		*r = p.point
	case p.base:
		p.curve.mulBase(r, k)
	default:
		p.curve.mul(r, &p.point, k)
	}
}

func (p *own[L]) infinite() bool {
	var zero L
	return p.point.z == zero
}

// affine makes z 1, if p is not infinity.
func (p *own[L]) affine() *own[L] {
	if !p.infinite() {
		one := []point[L]{p.point}
		p.curve.normalize(one)
		p.point = one[0]
	}
	return p
}

// bytes returns 04‖x‖y, or one zero byte for infinity.
func (p *own[L]) bytes() []byte {
	if p.infinite() {
		return []byte{0}
	}
	w := p.curve
	var x, y L
	w.fp.mul(&x, &p.point.x, &w.out2)
	w.fp.mul(&y, &p.point.y, &w.out3)
	return append(append([]byte{4}, w.fp.encode(&x)...), w.fp.encode(&y)...)
}
