package ec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
)

// Whatever is accepted as a point encodes to bytes that are accepted as the same point, and is on the curve: adding it
// to itself and multiplying it by two agree.
func FuzzParsePoint(f *testing.F) {
	for _, c := range all {
		g := c.Generator()
		f.Add(uint8(c.ParameterID()), g.Bytes())
		f.Add(uint8(c.ParameterID()), append([]byte{2}, g.X()...))
	}
	f.Add(uint8(13), []byte{0})
	f.Fuzz(func(t *testing.T, id uint8, b []byte) {
		c, ok := ec.ByParameterID(int(id))
		if !ok {
			return
		}
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
