package ec

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/vectors"
)

// The r1 curves, their t1 twins, and the curve we compute on, which must be the twin: same b, same base point but for the
// sign of y, since u and −u both serve.
func TestRFC5639(t *testing.T) {
	for _, size := range []string{"P192", "P224", "P256", "P320", "P384", "P512"} {
		v := vectors.Load(t, "ec-rfc5639-brainpool"+size+"r1")
		c, ok := ByName("brainpool" + size + "r1")
		require.True(t, ok)
		twin, ok := ByName("brainpool" + size + "t1")
		require.True(t, ok)
		for key, n := range map[string]*big.Int{
			"p": c.p, "a": c.a, "b": c.b, "x": c.gx, "y": c.gy, "n": c.n,
			"at": twin.a, "bt": twin.b, "xt": twin.gx, "yt": twin.gy,
		} {
			assert.Equal(t, v[key], n.FillBytes(make([]byte, c.FieldBytes())), "%s of %s", key, c.name)
		}
		assert.Equal(t, c.p, twin.p)
		assert.Equal(t, c.n, twin.n)
		for _, c := range []*Curve{c, twin} {
			b, x, y, minusY := twisted(t, c)
			assert.Equal(t, v["bt"], b, c.name)
			assert.Equal(t, v["xt"], x, c.name)
			assert.Contains(t, [][]byte{y, minusY}, v["yt"], c.name)
		}
	}
}

func twisted(t *testing.T, c *Curve) (b, x, y, minusY []byte) {
	switch w := c.arithmetic().group.(type) {
	case *weierstrass[[3]uint64]:
		return w.published()
	case *weierstrass[[4]uint64]:
		return w.published()
	case *weierstrass[[5]uint64]:
		return w.published()
	case *weierstrass[[6]uint64]:
		return w.published()
	case *weierstrass[[8]uint64]:
		return w.published()
	}
	require.Fail(t, "not in our own arithmetic", c.name)
	return nil, nil, nil, nil
}

func (w *weierstrass[L]) published() (b, x, y, minusY []byte) {
	var zero, minus L
	w.fp.sub(&minus, &zero, &w.base.y)
	return w.fp.encode(&w.b), w.fp.encode(&w.base.x), w.fp.encode(&w.base.y), w.fp.encode(&minus)
}

// The field against math/big at and around the ends of its range, where carries live.
func TestFieldEdges(t *testing.T) {
	for _, c := range curves {
		switch (c.n.BitLen() + 63) / 64 {
		case 3:
			fieldEdges[[3]uint64](t, c)
		case 4:
			fieldEdges[[4]uint64](t, c)
		case 5:
			fieldEdges[[5]uint64](t, c)
		case 6:
			fieldEdges[[6]uint64](t, c)
		case 8:
			fieldEdges[[8]uint64](t, c)
		case 9:
			fieldEdges[[9]uint64](t, c)
		default:
			require.Fail(t, "no such size", c.name)
		}
	}
}

func fieldEdges[L limbs](t *testing.T, c *Curve) {
	for _, prime := range []*big.Int{c.p, c.n} {
		f := newField[L](prime)
		half := new(big.Int).Rsh(prime, 1)
		var values []*big.Int
		for d := range int64(3) {
			near := big.NewInt(d)
			values = append(values, near, new(big.Int).Sub(prime, big.NewInt(d+1)), new(big.Int).Add(half, near),
				new(big.Int).Sub(half, near), new(big.Int).Lsh(big.NewInt(1), uint(prime.BitLen()-1)-uint(d)*64))
		}
		for _, x := range values {
			for _, y := range values {
				f.check(t, x, y)
			}
		}
	}
}

func (f *field[L]) check(t *testing.T, x, y *big.Int) {
	var sum, difference, product L
	a, b := f.element(x), f.element(y)
	f.add(&sum, &a, &b)
	f.sub(&difference, &a, &b)
	f.mul(&product, &a, &b)
	for got, want := range map[*L]*big.Int{
		&sum: new(big.Int).Add(x, y), &difference: new(big.Int).Sub(x, y), &product: new(big.Int).Mul(x, y),
	} {
		want.Mod(want, f.prime)
		require.Equal(t, want.FillBytes(make([]byte, f.size)), f.encode(got), "%x and %x modulo %x", x, y, f.prime)
	}
	inverse := f.invert(&a)
	f.mul(&product, &inverse, &a)
	if new(big.Int).Mod(x, f.prime).Sign() != 0 {
		require.Equal(t, f.one, product, "inverse of %x modulo %x", x, f.prime)
	} else {
		require.Equal(t, a, inverse, "zero stays zero")
	}
}
