package ec

// jacobian is a point (x/z², y/z³). Doubling costs eight products here instead of thirteen; but addition, at any cost,
// has special cases, and whoever calls add must rule them out.
type jacobian[L limbs] struct{ x, y, z L }

// homogeneous is the same point for the complete formulas.
func (w *weierstrass[L]) homogeneous(p *jacobian[L]) (r point[L]) {
	f := w.fp
	f.mul(&r.x, &p.x, &p.z)
	r.y = p.y
	f.mul(&r.z, &p.z, &p.z)
	f.mul(&r.z, &r.z, &p.z)
	return r
}

// double sets r to 2p: the tangent's slope is 3(x² − z⁴)/2yz because a = −3. No point of these curves has y = 0, for the
// order is odd.
func (w *weierstrass[L]) double(r, p *jacobian[L]) {
	f := w.fp
	var slope, y2, xy2, t L
	f.mul(&t, &p.z, &p.z)
	f.add(&slope, &p.x, &t)
	f.sub(&t, &p.x, &t)
	f.mul(&t, &t, &slope)
	f.add(&slope, &t, &t)
	f.add(&slope, &slope, &t)

	f.mul(&y2, &p.y, &p.y)
	f.mul(&xy2, &p.x, &y2)
	f.add(&xy2, &xy2, &xy2)
	f.add(&xy2, &xy2, &xy2) // 4xy²
	f.add(&y2, &y2, &y2)
	f.mul(&y2, &y2, &y2)
	f.add(&y2, &y2, &y2) // 8y⁴

	f.mul(&r.z, &p.y, &p.z)
	f.add(&r.z, &r.z, &r.z)
	f.mul(&r.x, &slope, &slope)
	f.sub(&r.x, &r.x, &xy2)
	f.sub(&r.x, &r.x, &xy2)
	f.sub(&t, &xy2, &r.x)
	f.mul(&r.y, &slope, &t)
	f.sub(&r.y, &r.y, &y2)
}

// addUnequal sets r to p + q where neither is infinity and p is neither q nor −q: the chord's slope is s/hz, with h and s
// the differences of x and y over the common denominator z.
func (w *weierstrass[L]) addUnequal(r, p, q *jacobian[L]) {
	f := w.fp
	var px, py, h, s, t L
	f.mul(&t, &q.z, &q.z)
	f.mul(&px, &p.x, &t)
	f.mul(&t, &t, &q.z)
	f.mul(&py, &p.y, &t)
	f.mul(&t, &p.z, &p.z)
	f.mul(&h, &q.x, &t)
	f.mul(&t, &t, &p.z)
	f.mul(&s, &q.y, &t)
	f.sub(&h, &h, &px)
	f.sub(&s, &s, &py)

	f.mul(&r.z, &p.z, &q.z)
	f.mul(&r.z, &r.z, &h)
	f.mul(&t, &h, &h)
	f.mul(&px, &px, &t)
	f.mul(&t, &t, &h)
	f.mul(&py, &py, &t)
	f.mul(&r.x, &s, &s)
	f.sub(&r.x, &r.x, &t)
	f.sub(&r.x, &r.x, &px)
	f.sub(&r.x, &r.x, &px)
	f.sub(&px, &px, &r.x)
	f.mul(&r.y, &s, &px)
	f.sub(&r.y, &r.y, &py)
}
