package dh_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/internal/dh"
)

// Whatever is accepted as an element is in the subgroup, by other arithmetic than ours, and reads back.
func FuzzParseElement(f *testing.F) {
	for id := range 3 {
		g := group(f, id)
		p, _, _ := g.Params()
		f.Add(uint8(id), g.Generator().Bytes())
		f.Add(uint8(id), new(big.Int).Sub(p, big.NewInt(1)).Bytes())
		f.Add(uint8(id), p.Bytes())
	}
	f.Add(uint8(0), []byte{})
	f.Fuzz(func(t *testing.T, id uint8, b []byte) {
		g := group(t, int(id%3))
		e, err := g.ParseElement(b)
		if err != nil {
			require.ErrorAs(t, err, new(dh.ElementError))
			return
		}
		p, q, _ := g.Params()
		n := new(big.Int).SetBytes(b)
		require.Equal(t, 1, n.Cmp(big.NewInt(1)))
		require.Equal(t, -1, n.Cmp(p))
		require.Equal(t, big.NewInt(1), new(big.Int).Exp(n, q, p))
		require.Equal(t, n.Bytes(), e.Unsigned())
		again, err := g.ParseElement(e.Bytes())
		require.NoError(t, err)
		require.True(t, again.Equal(e))
	})
}

// Whatever matches a group has that group's numbers in it.
func FuzzMatch(f *testing.F) {
	for id := range 3 {
		f.Add(group(f, id).X942())
		f.Add(group(f, id).PKCS3())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, parse := range []func([]byte) (*dh.Group, error){dh.MatchX942, dh.MatchPKCS3} {
			g, err := parse(b)
			if err != nil {
				require.ErrorAs(t, err, new(dh.ParametersError))
				continue
			}
			p, _, generator := g.Params()
			require.Contains(t, string(b), string(p.Bytes()))
			require.Contains(t, string(b), string(generator.Bytes()))
		}
	})
}
