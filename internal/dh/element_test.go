package dh_test

import (
	"bytes"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/dh"
)

func TestParseElement(t *testing.T) {
	each(t, func(t *testing.T, g *dh.Group) {
		p, q, generator := g.Params()
		one := big.NewInt(1)
		for name, bad := range map[string][]byte{
			"empty":               nil,
			"zero":                {0},
			"one":                 {1},
			"padded one":          append(make([]byte, g.ElementBytes()-1), 1),
			"two":                 {2},
			"p − 1":               new(big.Int).Sub(p, one).Bytes(),
			"p":                   p.Bytes(),
			"p + 1":               new(big.Int).Add(p, one).Bytes(),
			"all ones":            bytes.Repeat([]byte{0xff}, g.ElementBytes()),
			"too long":            append([]byte{0}, g.Generator().Bytes()...),
			"of order 2q":         new(big.Int).Sub(p, generator).Bytes(),
			"in a small subgroup": new(big.Int).Exp(big.NewInt(2), q, p).Bytes(),
		} {
			_, err := g.ParseElement(bad)
			assert.ErrorAs(t, err, new(dh.ElementError), name)
		}
	})
}

// One element in 256 is short by a byte; it is read with its leading zero and without.
func TestLeadingZeros(t *testing.T) {
	each(t, func(t *testing.T, g *dh.Group) {
		e := g.Generator()
		for len(e.Unsigned()) == g.ElementBytes() {
			next, err := e.Mul(g.Generator())
			require.NoError(t, err)
			e = next
		}
		assert.Len(t, e.Bytes(), g.ElementBytes())
		assert.True(t, element(t, g, e.Unsigned()).Equal(e))
		assert.True(t, element(t, g, e.Bytes()).Equal(e))
		before := e.Bytes()
		e.Bytes()[g.ElementBytes()-1] ^= 1
		e.Unsigned()[0] ^= 1
		assert.Equal(t, before, e.Bytes(), "accessors copy")
	})
}
