package ec_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/internal/vectors"
)

// ICAO 9303-11 Appendix H.1.
func TestIntegratedMapping(t *testing.T) {
	v := vectors.Load(t, "icao-9303-11-h1-pace")
	c := ec.BrainpoolP256r1()
	for _, r := range []string{"pseudo_random", "field_element"} {
		generator, err := c.MapToPoint(v[r])
		require.NoError(t, err)
		assert.Equal(t, v["mapped_generator"], generator.Bytes(), r)
		assert.Equal(t, v["terminal_public"], mul(t, generator, v["terminal_private"]).Bytes())
		assert.Equal(t, v["chip_public"], mul(t, generator, v["chip_private"]).Bytes())
	}
}

// encodePoint is ICAO 9303-11 §B.2 on math/big. The roots are looked for; of two, the first candidate takes the one that
// is a square itself, and the second t³ times 1/√(−h₂) times h₂.
func encodePoint(c *ec.Curve, t *big.Int) affinePoint {
	p, a, b, _, _ := c.Params()
	product := func(factors ...*big.Int) *big.Int {
		x := big.NewInt(1)
		for _, f := range factors {
			x.Mul(x, f).Mod(x, p)
		}
		return x
	}
	inverse := func(x *big.Int) *big.Int { return new(big.Int).ModInverse(new(big.Int).Mod(x, p), p) }
	polynomial := func(x *big.Int) *big.Int {
		y := new(big.Int).Add(product(x, x, x), product(a, x))
		return y.Add(y, b).Mod(y, p)
	}
	squareRoot := func(x *big.Int) *big.Int {
		y := new(big.Int).ModSqrt(x, p)
		if y != nil && big.Jacobi(y, p) < 0 {
			y.Sub(p, y)
		}
		return y
	}
	minus := big.NewInt(-1)
	alpha := product(minus, t, t)
	x2 := inverse(new(big.Int).Add(alpha, product(alpha, alpha)))
	x2 = product(x2.Add(x2, big.NewInt(1)), minus, b, inverse(a))
	h2 := polynomial(x2)
	if y := squareRoot(h2); y != nil {
		return affinePoint{x2, y}
	}
	root := inverse(squareRoot(product(minus, h2)))
	if new(big.Int).Rsh(p, 2).Bit(0) == 0 { // p ≡ 3 mod 8: the exponent is odd and keeps the sign
		root = product(minus, root)
	}
	return affinePoint{product(alpha, x2), product(root, t, t, t, h2)}
}

func TestMapToPointOnEveryCurve(t *testing.T) {
	each(t, func(t *testing.T, c *ec.Curve) {
		if c == ec.P224() {
			assert.False(t, c.CanMap(), "p ≡ 1 mod 4")
			_, err := c.MapToPoint([]byte{7})
			assert.ErrorIs(t, err, ec.ErrNoMapping)
			return
		}
		assert.True(t, c.CanMap())
		p, _, _, _, _ := c.Params()
		random := rand.New(rand.NewPCG(9303, 11))
		seen := map[string]bool{}
		for i := range 40 {
			r := []byte{byte(2 + i)}
			if i >= 4 {
				r = number(random, c.FieldBytes()+8+i%20)
			}
			point, err := c.MapToPoint(r)
			require.NoError(t, err)
			reduced := new(big.Int).SetBytes(r)
			require.Equal(t, encode(c, encodePoint(c, reduced.Mod(reduced, p))), point.Bytes(), "r = %x", r)
			assert.True(t, mul(t, point, c.Order().Bytes()).IsInfinity())
			seen[string(point.X())] = true
		}
		assert.Len(t, seen, 40)
		for _, r := range []*big.Int{
			new(big.Int), big.NewInt(1), new(big.Int).Sub(p, big.NewInt(1)), p, new(big.Int).Add(p, big.NewInt(1)),
		} {
			_, err := c.MapToPoint(r.Bytes())
			assert.ErrorIs(t, err, ec.ErrNoMapping, "r = %x", r)
		}
	})
}

func number(random *rand.Rand, length int) []byte {
	b := make([]byte, length)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}
