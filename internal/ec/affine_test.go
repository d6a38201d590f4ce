package ec_test

import (
	"crypto/elliptic"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/brainpool"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
)

// affine is the textbook group law on math/big, with every special case spelled out: slow, and nothing in common with
// the arithmetic it is compared to.
type affine struct{ p, a *big.Int }

type affinePoint struct{ x, y *big.Int }

func newAffine(c *ec.Curve) *affine {
	p, a, _, _, _ := c.Params()
	return &affine{p, a}
}

func (p affinePoint) infinite() bool { return p.x == nil }

func (f *affine) add(p, q affinePoint) affinePoint {
	if p.infinite() {
		return q
	}
	if q.infinite() {
		return p
	}
	up, down := new(big.Int).Sub(q.y, p.y), new(big.Int).Sub(q.x, p.x)
	if p.x.Cmp(q.x) == 0 {
		if sum := new(big.Int).Add(p.y, q.y); sum.Mod(sum, f.p).Sign() == 0 {
			return affinePoint{}
		}
		up.Mul(p.x, p.x).Mul(up, big.NewInt(3)).Add(up, f.a)
		down.Lsh(p.y, 1)
	}
	slope := up.Mul(up, down.ModInverse(down.Mod(down, f.p), f.p))
	x := new(big.Int).Mul(slope, slope)
	x.Sub(x, p.x).Sub(x, q.x).Mod(x, f.p)
	y := new(big.Int).Sub(p.x, x)
	y.Mul(y, slope).Sub(y, p.y).Mod(y, f.p)
	return affinePoint{x, y}
}

func (f *affine) mul(k, x, y *big.Int) (r affinePoint) {
	p := affinePoint{x, y}
	for i := k.BitLen() - 1; i >= 0; i-- {
		if r = f.add(r, r); k.Bit(i) == 1 {
			r = f.add(r, p)
		}
	}
	return r
}

// testScalars returns scalars below the order: a fixed seed, sparse and dense bit patterns, values near 0 and n.
func testScalars(c *ec.Curve, count int) []*big.Int {
	random := rand.New(rand.NewPCG(5639, uint64(c.ParameterID())))
	n := c.Order()
	var out []*big.Int
	for i := range count {
		k := new(big.Int)
		switch i % 4 {
		case 0, 1:
			for range c.ScalarBytes() {
				k.Lsh(k, 8).Or(k, big.NewInt(int64(random.Uint32()&0xff)))
			}
		case 2: // runs of ones and zeros
			for bit := 0; bit < n.BitLen(); bit++ {
				run := 1 + random.IntN(40)
				for j := bit; j < bit+run && i%8 == 2; j++ {
					k.SetBit(k, j, 1)
				}
				bit += run + random.IntN(40)
				k.SetBit(k, min(bit, n.BitLen()-1), 1)
			}
		case 3:
			k.SetInt64(int64(i))
			if i%8 == 3 {
				k.Sub(n, k)
			}
		}
		out = append(out, k.Mod(k, n))
	}
	return out
}

// Each scalar multiplies the previous product, so that many different points are met.
func TestAgainstAffine(t *testing.T) {
	each(t, func(t *testing.T, c *ec.Curve) {
		count := 2000 / 7 // seven fields are in our own arithmetic
		nistec := strings.HasPrefix(c.Name(), "P-") && c != ec.P192()
		if nistec || strings.HasSuffix(c.Name(), "t1") || testing.Short() {
			count = 20
		}
		f := newAffine(c)
		_, _, _, gx, gy := c.Params()
		want := affinePoint{gx, gy}
		p, sum, wantSum := c.Generator(), c.Generator(), affinePoint{gx, gy}
		for _, k := range testScalars(c, count) {
			if k.Sign() == 0 {
				continue
			}
			p, want = mul(t, p, scalar(c, k)), f.mul(k, want.x, want.y)
			require.Equal(t, encode(c, want), p.Bytes(), "k = %x", k)
			sum, wantSum = add(t, sum, p), f.add(wantSum, want)
			require.Equal(t, encode(c, wantSum), sum.Bytes(), "k = %x", k)
		}
	})
}

func encode(c *ec.Curve, p affinePoint) []byte {
	if p.infinite() {
		return []byte{0}
	}
	n := c.FieldBytes()
	return join([]byte{4}, p.x.FillBytes(make([]byte, n)), p.y.FillBytes(make([]byte, n)))
}

// Somebody else's brainpool as a second opinion.
func TestAgainstProtonMail(t *testing.T) {
	for c, other := range map[*ec.Curve]elliptic.Curve{
		ec.BrainpoolP256r1(): brainpool.P256r1(),
		ec.BrainpoolP384r1(): brainpool.P384r1(),
		ec.BrainpoolP512r1(): brainpool.P512r1(),
		twin("256"):          brainpool.P256t1(),
		twin("384"):          brainpool.P384t1(),
		twin("512"):          brainpool.P512t1(),
	} {
		_, _, _, x, y := c.Params()
		p := c.Generator()
		for _, k := range testScalars(c, 30) {
			if k.Sign() == 0 {
				continue
			}
			//lint:ignore SA1019 an oracle's plain arithmetic is what is wanted here
			x, y = other.ScalarMult(x, y, k.Bytes())
			p = mul(t, p, scalar(c, k))
			require.Equal(t, encode(c, affinePoint{x, y}), p.Bytes(), "%s, k = %x", c.Name(), k)
		}
	}
}
