package ec

import (
	"crypto/ecdsa"
	"math/big"
)

// Verify reports whether (r, s) is a signature of digest by pub's owner: ECDSA of FIPS 186-5 §6.4.2, with the leftmost
// bits of the digest if it is longer than the order. Time is variable; everything here is public.
func Verify(pub *Point, digest []byte, r, s *big.Int) bool {
	c := pub.curve
	if pub.IsInfinity() || !inRange(r, c.n) || !inRange(s, c.n) {
		return false
	}
	if c.standard != nil {
		key, err := ecdsa.ParseUncompressedPublicKey(c.standard, pub.encoded)
		return err == nil && ecdsa.Verify(key, digest, r, s)
	}
	w := new(big.Int).ModInverse(s, c.n)
	u1 := new(big.Int).Mul(c.truncate(digest), w)
	u2 := new(big.Int).Mul(r, w)
	sum := newPoint(c, pub.element.(combiner).combine(u1.Mod(u1, c.n), u2.Mod(u2, c.n)))
	if sum.IsInfinity() {
		return false
	}
	x := new(big.Int).SetBytes(sum.X())
	return x.Mod(x, c.n).Cmp(r) == 0
}

func inRange(x, n *big.Int) bool { return x != nil && x.Sign() > 0 && x.Cmp(n) < 0 }

// truncate takes the leftmost bits of a digest, as many as the order has.
func (c *Curve) truncate(digest []byte) *big.Int {
	digest = digest[:min(len(digest), c.ScalarBytes())]
	e := new(big.Int).SetBytes(digest)
	if excess := 8*len(digest) - c.n.BitLen(); excess > 0 {
		e.Rsh(e, uint(excess))
	}
	return e
}

// combiner is an element that computes u1·G + u2·p in variable time.
type combiner interface {
	combine(u1, u2 *big.Int) element
}

// combine adds both products on one ladder of doublings, with signed digits that are mostly zero.
func (p *own[L]) combine(u1, u2 *big.Int) element {
	w := p.curve
	tables := [2][8]point[L]{w.oddMultiples(&w.base), w.oddMultiples(&p.point)}
	digits := [2][]int8{signedDigits(u1), signedDigits(u2)}
	sum := &own[L]{w, w.infinity()}
	for i := max(len(digits[0]), len(digits[1])) - 1; i >= 0; i-- {
		w.double(&sum.point, &sum.point)
		for j := range tables {
			if i < len(digits[j]) {
				w.addDigit(&sum.point, &tables[j], digits[j][i])
			}
		}
	}
	return sum
}

// oddMultiples returns p, 3p, … 15p.
func (w *weierstrass[L]) oddMultiples(p *point[L]) (table [8]point[L]) {
	var twice point[L]
	w.double(&twice, p)
	table[0] = *p
	for i := 1; i < len(table); i++ {
		w.add(&table[i], &table[i-1], &twice)
	}
	return table
}

func (w *weierstrass[L]) addDigit(sum *point[L], table *[8]point[L], digit int8) {
	switch {
	case digit > 0:
		w.add(sum, sum, &table[digit/2])
	case digit < 0:
		var zero L
		minus := table[-digit/2]
		w.fp.sub(&minus.y, &zero, &minus.y)
		w.add(sum, sum, &minus)
	}
}

// signedDigits writes k as Σ dᵢ·2ⁱ where each dᵢ is zero or odd and below 16 in absolute value, and at most one in five
// consecutive ones is not zero.
func signedDigits(k *big.Int) []int8 {
	digits := make([]int8, 0, k.BitLen()+1)
	carry := uint(0)
	for i := 0; i < k.BitLen() || carry > 0; {
		if k.Bit(i) == carry {
			digits = append(digits, 0)
			i++
			continue
		}
		value := carry
		for j := range 5 {
			value += k.Bit(i+j) << j
		}
		carry = value >> 4 & 1
		digits = append(digits, int8(value)-int8(carry<<5), 0, 0, 0, 0)
		i += 5
	}
	return digits
}
