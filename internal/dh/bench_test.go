package dh_test

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/internal/dh"
)

// BenchmarkAgree raises a key to a secret exponent, in this package and in math/big (variable time): read the two as a
// ratio. Parsing is the check of the subgroup.
func BenchmarkAgree(b *testing.B) {
	for id := range 3 {
		g := group(b, id)
		p, _, _ := g.Params()
		k, err := g.RandomExponent(nil)
		require.NoError(b, err)
		public := g.Generator().Exp(k)
		b.Run(g.Name()+"/cnie", func(b *testing.B) {
			for b.Loop() {
				_, _ = dh.Agree(k, public)
			}
		})
		b.Run(g.Name()+"/parse", func(b *testing.B) {
			for b.Loop() {
				_, _ = g.ParseElement(public.Bytes())
			}
		})
		b.Run(g.Name()+"/big", func(b *testing.B) {
			base, exponent := new(big.Int).SetBytes(public.Bytes()), new(big.Int).SetBytes(k)
			for b.Loop() {
				new(big.Int).Exp(base, exponent, p)
			}
		})
	}
}
