package ec

import "math/big"

// ReduceScalar returns the big-endian number k, of any length, modulo the order, ScalarBytes long, in time that depends
// on its length only. PACE's nonce may be longer than the order.
func (c *Curve) ReduceScalar(k []byte) []byte { return c.arithmetic().scalars.reduce(k) }

// scalars is arithmetic modulo a curve's order, on big-endian bytes.
type scalars interface {
	// reduce brings any number below the order.
	reduce(k []byte) []byte
	// response computes (e + r·d)/k, the second half of an ECDSA signature.
	response(k, e, r, d []byte) []byte
}

func (f *field[L]) reduce(k []byte) []byte {
	x := f.fold(k)
	return f.encode(&x)
}

func (f *field[L]) response(k, e, r, d []byte) []byte {
	ke, ee, re, de := f.fold(k), f.fold(e), f.fold(r), f.fold(d)
	inverse := f.invert(&ke)
	f.mul(&de, &re, &de)
	f.add(&de, &de, &ee)
	f.mul(&de, &de, &inverse)
	return f.encode(&de)
}

// invert returns x⁻¹ by Fermat: x^(p−2), in constant time. Zero gives zero.
func (f *field[L]) invert(x *L) L {
	return f.power(x, new(big.Int).Sub(f.prime, big.NewInt(2)))
}

// power returns x^e, in constant time for x: the exponent is public.
func (f *field[L]) power(x *L, e *big.Int) L {
	var odd [8]L // x, x³, … x¹⁵: sliding window of four bits
	odd[0] = *x
	var square L
	f.mul(&square, x, x)
	for i := 1; i < len(odd); i++ {
		f.mul(&odd[i], &odd[i-1], &square)
	}
	z := f.one
	for i := e.BitLen() - 1; i >= 0; {
		width := 1
		value := e.Bit(i)
		if value == 1 {
			for w := 2; w <= 4 && i-w+1 >= 0; w++ {
				if e.Bit(i-w+1) == 1 {
					width = w
				}
			}
			for j := 1; j < width; j++ {
				value = value<<1 | e.Bit(i-j)
			}
		}
		for range width {
			f.mul(&z, &z, &z)
		}
		if value != 0 {
			f.mul(&z, &z, &odd[value/2])
		}
		i -= width
	}
	return z
}
