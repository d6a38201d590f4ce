package ec

import (
	"encoding/binary"
	"math/big"
	"math/bits"
)

// limbs is a number of fixed size, least significant word first. The compiler makes one copy of the code for each array
// type, in which the length is a constant: bounds checks vanish and nothing is allocated.
type limbs interface {
	[3]uint64 | [4]uint64 | [5]uint64 | [6]uint64 | [8]uint64 | [9]uint64
}

// field is arithmetic modulo an odd prime p < R = 2^(64·len(L)), in constant time. Elements are kept in Montgomery form,
// x·R mod p, always below p, so that equality is equality of arrays. The same type serves coordinates (modulo the
// curve's p) and scalars (modulo its order).
type field[L limbs] struct {
	p     L
	inv   uint64 // −p⁻¹ mod 2⁶⁴
	one   L      // R mod p
	r2    L      // R² mod p
	size  int    // bytes of an encoded element
	prime *big.Int
}

func newField[L limbs](prime *big.Int) *field[L] {
	f := &field[L]{prime: prime, size: (prime.BitLen() + 7) / 8}
	f.p = fromBig[L](prime)
	f.inv = f.p[0] // right modulo 2³; each step doubles the number of bits
	for range 5 {
		f.inv *= 2 - f.p[0]*f.inv
	}
	f.inv = -f.inv
	r := new(big.Int).Lsh(big.NewInt(1), uint(64*len(f.p)))
	f.one = fromBig[L](new(big.Int).Mod(r, prime))
	f.r2 = fromBig[L](new(big.Int).Mod(new(big.Int).Mul(r, r), prime))
	return f
}

func fromBig[L limbs](n *big.Int) (z L) {
	return loadLimbs[L](n.FillBytes(make([]byte, 8*len(z))))
}

// loadLimbs reads big-endian bytes, at most 8·len(L) of them.
func loadLimbs[L limbs](b []byte) (z L) {
	for i := range len(z) {
		if n := len(b); n >= 8 {
			z[i] = binary.BigEndian.Uint64(b[n-8:])
			b = b[:n-8]
			continue
		}
		for _, c := range b {
			z[i] = z[i]<<8 | uint64(c)
		}
		b = nil
	}
	return z
}

// toMont brings a plain number below R, also one that is not reduced, into the field.
func (f *field[L]) toMont(x *L) (z L) {
	f.mul(&z, x, &f.r2)
	return z
}

// fold brings a number of any length, in big-endian bytes, into the field.
func (f *field[L]) fold(b []byte) (z L) {
	size := 8 * len(z)
	for first := len(b) % size; len(b) > 0; first = size {
		if first > 0 {
			word := loadLimbs[L](b[:first])
			word = f.toMont(&word)
			f.mul(&z, &z, &f.r2) // z·R
			f.add(&z, &z, &word)
		}
		b = b[first:]
	}
	return z
}

// negateIf sets z to −z if yes is 1 and leaves it if yes is 0.
func (f *field[L]) negateIf(z *L, yes int) {
	var zero, minus L
	f.sub(&minus, &zero, z)
	f.assignIf(z, &minus, yes)
}

// assignIf sets z to x if yes is 1 and leaves it if yes is 0.
func (f *field[L]) assignIf(z, x *L, yes int) {
	mask := -uint64(yes)
	for i := range len(*z) {
		(*z)[i] ^= mask & ((*z)[i] ^ (*x)[i])
	}
}

// equal returns 1 if x and y are the same, else 0.
func (f *field[L]) equal(x, y *L) int {
	var differ uint64
	for i := range len(*x) {
		differ |= (*x)[i] ^ (*y)[i]
	}
	return int(1 - (differ|-differ)>>63)
}

// element is toMont for a public constant.
func (f *field[L]) element(n *big.Int) L {
	x := fromBig[L](new(big.Int).Mod(n, f.prime))
	return f.toMont(&x)
}

// decode reads an element of exactly f.size bytes; false if it is not below p.
func (f *field[L]) decode(b []byte) (z L, ok bool) {
	x := loadLimbs[L](b)
	var borrow uint64
	for i := range len(x) {
		_, borrow = bits.Sub64(x[i], f.p[i], borrow)
	}
	return f.toMont(&x), len(b) == f.size && borrow == 1
}

// encode writes an element in f.size bytes, leading zeros included.
func (f *field[L]) encode(x *L) []byte {
	var unit, plain L
	unit[0] = 1
	f.mul(&plain, x, &unit)
	out := make([]byte, 8*len(plain))
	for i := range len(plain) {
		binary.BigEndian.PutUint64(out[len(out)-8*(i+1):], plain[i])
	}
	return out[len(out)-f.size:]
}
