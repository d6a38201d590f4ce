package ec_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
)

// Whatever is accepted as a point encodes to bytes that are accepted as the same point, and is on the curve: adding it
// to itself and multiplying it by two agree.
func FuzzParsePoint(f *testing.F) {
	for i, c := range all {
		g := c.Generator()
		f.Add(uint8(i), g.Bytes())
		f.Add(uint8(i), append([]byte{2}, g.X()...))
	}
	f.Add(uint8(7), []byte{0})
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		c := all[int(which)%len(all)]
		p, err := c.ParsePoint(b)
		if err != nil {
			return
		}
		again, err := c.ParsePoint(p.Bytes())
		require.NoError(t, err)
		require.True(t, again.Equal(p))
		require.False(t, p.IsInfinity())
		if b[0] == 4 {
			require.Equal(t, b, p.Bytes())
		}
		require.True(t, add(t, p, p).Equal(mul(t, p, []byte{2})))
	})
}

// Both multiplications, with and without the table of the base point, agree with each other and with the group law.
func FuzzMul(f *testing.F) {
	for i, c := range all {
		f.Add(uint8(i), c.Order().Bytes())
		f.Add(uint8(i), []byte{0x80})
	}
	f.Fuzz(func(t *testing.T, which uint8, k []byte) {
		c := all[int(which)%len(all)]
		base, err := c.ParsePoint(c.Generator().Bytes())
		require.NoError(t, err)
		k = c.ReduceScalar(k)
		product := mul(t, c.Generator(), k)
		require.Equal(t, product.Bytes(), mul(t, base, k).Bytes())
		next := c.ReduceScalar(new(big.Int).Add(new(big.Int).SetBytes(k), big.NewInt(1)).Bytes())
		require.True(t, add(t, product, base).Equal(mul(t, base, next)))
	})
}

// What a number is mapped to is a point but infinity, and depends on the number modulo p only.
func FuzzMapToPoint(f *testing.F) {
	for i, c := range all {
		p, _, _, _, _ := c.Params()
		for _, near := range []int64{-2, -1, 0, 1, 2} {
			f.Add(uint8(i), new(big.Int).Add(p, big.NewInt(near)).Bytes())
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, r []byte) {
		c := all[int(which)%len(all)]
		prime, _, _, _, _ := c.Params()
		reduced := new(big.Int).SetBytes(r)
		reduced.Mod(reduced, prime)
		p, err := c.MapToPoint(r)
		again, errAgain := c.MapToPoint(reduced.Bytes())
		require.Equal(t, err, errAgain)
		if err != nil {
			require.ErrorIs(t, err, ec.ErrNoMapping)
			undefined := reduced.Cmp(big.NewInt(1)) <= 0 || reduced.Add(reduced, big.NewInt(1)).Cmp(prime) == 0
			require.True(t, c == ec.P224() || undefined)
			return
		}
		require.True(t, p.Equal(again))
		require.False(t, p.IsInfinity())
	})
}

// Whatever matches a curve has that curve's prime, order and base point in it.
func FuzzMatchExplicit(f *testing.F) {
	for _, c := range all {
		f.Add(c.ExplicitDER())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ec.MatchExplicit(b)
		if err != nil {
			require.ErrorAs(t, err, new(ec.ParametersError))
			return
		}
		p, _, _, _, _ := c.Params()
		for _, part := range [][]byte{p.Bytes(), c.Order().Bytes(), c.Generator().X()} {
			require.Contains(t, string(b), string(part))
		}
	})
}
