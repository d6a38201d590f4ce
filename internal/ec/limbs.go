package ec

import "math/bits"

// The four hot loops of the field, unrolled by hand so that numbers stay in registers. "if n > 3" costs nothing: n is a
// constant in each copy that the compiler makes. So are i3 … i8, which are variables only because a constant index 3
// would not compile for three limbs.

// muladd returns x·y + t + c, which always fits in two words.
func muladd(x, y, t, c uint64) (hi, lo uint64) {
	hi, lo = bits.Mul64(x, y)
	t, k := bits.Add64(t, c, 0)
	hi, _ = bits.Add64(hi, 0, k)
	lo, k = bits.Add64(lo, t, 0)
	hi, _ = bits.Add64(hi, 0, k)
	return hi, lo
}

// mul sets z to x·y/R modulo p, Montgomery's product: for each word of y, add x times it to the sum t, and then that
// multiple of p which makes the lowest word zero and lets it be dropped. a and b carry the two products. One factor may
// be any number below R.
func (f *field[L]) mul(z, x, y *L) {
	n, i3, i4, i5, i6, i7, i8 := len(*x), 3, 4, 5, 6, 7, 8
	var t0, t1, t2, t3, t4, t5, t6, t7, t8, top uint64
	for i := range n {
		w := (*y)[i]
		a, t := muladd((*x)[0], w, t0, 0)
		a, t1 = muladd((*x)[1], w, t1, a)
		a, t2 = muladd((*x)[2], w, t2, a)
		if n > 3 {
			a, t3 = muladd((*x)[i3], w, t3, a)
		}
		if n > 4 {
			a, t4 = muladd((*x)[i4], w, t4, a)
		}
		if n > 5 {
			a, t5 = muladd((*x)[i5], w, t5, a)
		}
		if n > 6 {
			a, t6 = muladd((*x)[i6], w, t6, a)
		}
		if n > 7 {
			a, t7 = muladd((*x)[i7], w, t7, a)
		}
		if n > 8 {
			a, t8 = muladd((*x)[i8], w, t8, a)
		}
		m := t * f.inv
		b, _ := muladd(m, f.p[0], t, 0)
		b, t0 = muladd(m, f.p[1], t1, b)
		b, t1 = muladd(m, f.p[2], t2, b)
		if n > 3 {
			b, t2 = muladd(m, f.p[i3], t3, b)
		}
		if n > 4 {
			b, t3 = muladd(m, f.p[i4], t4, b)
		}
		if n > 5 {
			b, t4 = muladd(m, f.p[i5], t5, b)
		}
		if n > 6 {
			b, t5 = muladd(m, f.p[i6], t6, b)
		}
		if n > 7 {
			b, t6 = muladd(m, f.p[i7], t7, b)
		}
		if n > 8 {
			b, t7 = muladd(m, f.p[i8], t8, b)
		}
		a, c := bits.Add64(a, b, 0)
		a, b = bits.Add64(a, top, 0)
		top = b + c
		switch n {
		case 3:
			t2 = a
		case 4:
			t3 = a
		case 5:
			t4 = a
		case 6:
			t5 = a
		case 8:
			t7 = a
		case 9:
			t8 = a
		}
	}
	f.reduceOnce(z, t0, t1, t2, t3, t4, t5, t6, t7, t8, top)
}

// reduceOnce sets z to t modulo p, for t = (top, t8 … t0) below 2p.
func (f *field[L]) reduceOnce(z *L, t0, t1, t2, t3, t4, t5, t6, t7, t8, top uint64) {
	n, i3, i4, i5, i6, i7, i8 := len(*z), 3, 4, 5, 6, 7, 8
	var d3, d4, d5, d6, d7, d8 uint64
	d0, c := bits.Sub64(t0, f.p[0], 0)
	d1, c := bits.Sub64(t1, f.p[1], c)
	d2, c := bits.Sub64(t2, f.p[2], c)
	if n > 3 {
		d3, c = bits.Sub64(t3, f.p[i3], c)
	}
	if n > 4 {
		d4, c = bits.Sub64(t4, f.p[i4], c)
	}
	if n > 5 {
		d5, c = bits.Sub64(t5, f.p[i5], c)
	}
	if n > 6 {
		d6, c = bits.Sub64(t6, f.p[i6], c)
	}
	if n > 7 {
		d7, c = bits.Sub64(t7, f.p[i7], c)
	}
	if n > 8 {
		d8, c = bits.Sub64(t8, f.p[i8], c)
	}
	_, c = bits.Sub64(top, 0, c)
	keep := -c // all ones if t was already below p
	(*z)[0] = d0 ^ keep&(d0^t0)
	(*z)[1] = d1 ^ keep&(d1^t1)
	(*z)[2] = d2 ^ keep&(d2^t2)
	if n > 3 {
		(*z)[i3] = d3 ^ keep&(d3^t3)
	}
	if n > 4 {
		(*z)[i4] = d4 ^ keep&(d4^t4)
	}
	if n > 5 {
		(*z)[i5] = d5 ^ keep&(d5^t5)
	}
	if n > 6 {
		(*z)[i6] = d6 ^ keep&(d6^t6)
	}
	if n > 7 {
		(*z)[i7] = d7 ^ keep&(d7^t7)
	}
	if n > 8 {
		(*z)[i8] = d8 ^ keep&(d8^t8)
	}
}

// add sets z to x + y modulo p.
func (f *field[L]) add(z, x, y *L) {
	n, i3, i4, i5, i6, i7, i8 := len(*z), 3, 4, 5, 6, 7, 8
	var t3, t4, t5, t6, t7, t8 uint64
	t0, c := bits.Add64((*x)[0], (*y)[0], 0)
	t1, c := bits.Add64((*x)[1], (*y)[1], c)
	t2, c := bits.Add64((*x)[2], (*y)[2], c)
	if n > 3 {
		t3, c = bits.Add64((*x)[i3], (*y)[i3], c)
	}
	if n > 4 {
		t4, c = bits.Add64((*x)[i4], (*y)[i4], c)
	}
	if n > 5 {
		t5, c = bits.Add64((*x)[i5], (*y)[i5], c)
	}
	if n > 6 {
		t6, c = bits.Add64((*x)[i6], (*y)[i6], c)
	}
	if n > 7 {
		t7, c = bits.Add64((*x)[i7], (*y)[i7], c)
	}
	if n > 8 {
		t8, c = bits.Add64((*x)[i8], (*y)[i8], c)
	}
	f.reduceOnce(z, t0, t1, t2, t3, t4, t5, t6, t7, t8, c)
}

// sub sets z to x − y modulo p.
func (f *field[L]) sub(z, x, y *L) {
	n, i3, i4, i5, i6, i7, i8 := len(*z), 3, 4, 5, 6, 7, 8
	var t3, t4, t5, t6, t7, t8 uint64
	t0, c := bits.Sub64((*x)[0], (*y)[0], 0)
	t1, c := bits.Sub64((*x)[1], (*y)[1], c)
	t2, c := bits.Sub64((*x)[2], (*y)[2], c)
	if n > 3 {
		t3, c = bits.Sub64((*x)[i3], (*y)[i3], c)
	}
	if n > 4 {
		t4, c = bits.Sub64((*x)[i4], (*y)[i4], c)
	}
	if n > 5 {
		t5, c = bits.Sub64((*x)[i5], (*y)[i5], c)
	}
	if n > 6 {
		t6, c = bits.Sub64((*x)[i6], (*y)[i6], c)
	}
	if n > 7 {
		t7, c = bits.Sub64((*x)[i7], (*y)[i7], c)
	}
	if n > 8 {
		t8, c = bits.Sub64((*x)[i8], (*y)[i8], c)
	}
	back := -c // all ones if the difference is negative
	(*z)[0], c = bits.Add64(t0, f.p[0]&back, 0)
	(*z)[1], c = bits.Add64(t1, f.p[1]&back, c)
	(*z)[2], c = bits.Add64(t2, f.p[2]&back, c)
	if n > 3 {
		(*z)[i3], c = bits.Add64(t3, f.p[i3]&back, c)
	}
	if n > 4 {
		(*z)[i4], c = bits.Add64(t4, f.p[i4]&back, c)
	}
	if n > 5 {
		(*z)[i5], c = bits.Add64(t5, f.p[i5]&back, c)
	}
	if n > 6 {
		(*z)[i6], c = bits.Add64(t6, f.p[i6]&back, c)
	}
	if n > 7 {
		(*z)[i7], c = bits.Add64(t7, f.p[i7]&back, c)
	}
	if n > 8 {
		(*z)[i8], _ = bits.Add64(t8, f.p[i8]&back, c)
	}
}
