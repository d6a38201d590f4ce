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
	share := func(x *big.Int) []byte {
		u := new(big.Int).Mul(x, w)
		return u.Mod(u, c.n).FillBytes(make([]byte, c.ScalarBytes()))
	}
	sum := newPoint(c, pub.element.(combiner).combine(share(c.truncate(digest)), share(r)))
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

// combiner is an element that computes u1·G + u2·p.
type combiner interface {
	combine(u1, u2 []byte) element
}

func (p *own[L]) combine(u1, u2 []byte) element {
	sum, product := &own[L]{curve: p.curve}, point[L]{}
	p.curve.mulBase(&sum.point, u1)
	p.product(&product, u2)
	p.curve.add(&sum.point, &sum.point, &product)
	return sum.affine()
}
