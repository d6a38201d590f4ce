package dh_test

import (
	"bytes"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/dh"
	"cnie/internal/vectors"
)

// each runs a test in every group.
func each(t *testing.T, test func(*testing.T, *dh.Group)) {
	for id := range 3 {
		g := group(t, id)
		t.Run(g.Name(), func(t *testing.T) { test(t, g) })
	}
}

func group(t testing.TB, id int) *dh.Group {
	g, ok := dh.ByParameterID(id)
	require.True(t, ok)
	return g
}

func element(t testing.TB, g *dh.Group, b []byte) *dh.Element {
	e, err := g.ParseElement(b)
	require.NoError(t, err)
	return e
}

func TestLookups(t *testing.T) {
	for id, name := range []string{"MODP-1024/160", "MODP-2048/224", "MODP-2048/256"} {
		g := group(t, id)
		assert.Equal(t, name, g.Name())
		assert.Equal(t, id, g.ParameterID())
		again, ok := dh.ByName(name)
		assert.True(t, ok && again == g)
		p, q, _ := g.Params()
		assert.Equal(t, p.BitLen(), 8*g.ElementBytes())
		assert.Equal(t, q.BitLen(), 8*g.ExponentBytes())
	}
	_, ok := dh.ByParameterID(3)
	assert.False(t, ok)
	_, ok = dh.ByName("MODP-3072")
	assert.False(t, ok)
}

// What makes numbers a group, checked without our arithmetic.
func TestParameters(t *testing.T) {
	each(t, func(t *testing.T, g *dh.Group) {
		p, q, generator := g.Params()
		one := big.NewInt(1)
		assert.True(t, p.ProbablyPrime(20))
		assert.True(t, q.ProbablyPrime(20))
		assert.Zero(t, new(big.Int).Mod(new(big.Int).Sub(p, one), q).Sign(), "q divides p − 1")
		assert.Equal(t, one, new(big.Int).Exp(generator, q, p))
		assert.Equal(t, generator.Bytes(), g.Generator().Unsigned())
		p.SetInt64(7)
		again, _, _ := g.Params()
		assert.NotEqual(t, p, again, "accessors copy")
	})
}

// ICAO 9303-11 Appendix G.2.
func TestGenericMapping(t *testing.T) {
	v := vectors.Load(t, "icao-9303-11-g2-pace")
	g := group(t, 0)
	assert.Equal(t, v["terminal_map_public"], g.Generator().Exp(v["terminal_map_private"]).Bytes())
	assert.Equal(t, v["chip_map_public"], g.Generator().Exp(v["chip_map_private"]).Bytes())
	h := element(t, g, v["chip_map_public"]).Exp(v["terminal_map_private"])
	assert.Equal(t, v["shared_h"], h.Bytes())
	mapped, err := g.Generator().Exp(v["nonce"]).Mul(h)
	require.NoError(t, err)
	assert.Equal(t, v["mapped_generator"], mapped.Bytes())
	agree(t, v, mapped)
}

// ICAO 9303-11 Appendix H.2, where the private keys are longer than the order.
func TestIntegratedMapping(t *testing.T) {
	v := vectors.Load(t, "icao-9303-11-h2-pace")
	for _, r := range []string{"pseudo_random", "field_element"} {
		mapped, err := group(t, 0).MapToElement(v[r])
		require.NoError(t, err)
		assert.Equal(t, v["mapped_generator"], mapped.Bytes(), r)
		agree(t, v, mapped)
	}
}

func agree(t *testing.T, v map[string][]byte, generator *dh.Element) {
	assert.Equal(t, v["terminal_public"], generator.Exp(v["terminal_private"]).Unsigned())
	assert.Equal(t, v["chip_public"], generator.Exp(v["chip_private"]).Bytes())
	for private, public := range map[string]string{"terminal_private": "chip_public", "chip_private": "terminal_public"} {
		secret, err := dh.Agree(v[private], element(t, generator.Group(), v[public]))
		require.NoError(t, err)
		assert.Equal(t, v["shared_secret"], secret)
	}
}

// math/big as a second opinion.
func TestAgainstBig(t *testing.T) {
	each(t, func(t *testing.T, g *dh.Group) {
		p, q, want := g.Params()
		cofactor := new(big.Int).Sub(p, big.NewInt(1))
		cofactor.Div(cofactor, q)
		random := rand.New(rand.NewPCG(5114, uint64(g.ParameterID())))
		e := g.Generator()
		lengths := []int{0, 1, 7, 8, 9, len(q.Bytes()) - 1, len(q.Bytes()), len(q.Bytes()) + 1, len(p.Bytes()), len(p.Bytes()) + 9}
		for _, length := range lengths {
			k := make([]byte, length)
			for i := range k {
				k[i] = byte(random.Uint32()) | 1
			}
			reduced := new(big.Int).Mod(new(big.Int).SetBytes(k), q)
			require.Equal(t, reduced.FillBytes(make([]byte, g.ExponentBytes())), g.ReduceExponent(k))
			power := e.Exp(k)
			wantPower := new(big.Int).Exp(want, reduced, p)
			require.Equal(t, wantPower.Bytes(), power.Unsigned(), "k of %d bytes", length)
			require.Equal(t, length == 0, power.IsOne())
			var err error
			e, err = power.Mul(e)
			require.NoError(t, err)
			want.Mul(want, wantPower).Mod(want, p)
			require.Equal(t, want.Bytes(), e.Unsigned())

			r := append([]byte{2}, k...)
			mapped, err := g.MapToElement(r)
			require.NoError(t, err)
			require.Equal(t, new(big.Int).Exp(new(big.Int).SetBytes(r), cofactor, p).Bytes(), mapped.Unsigned())
		}
	})
}

func TestNeutralElement(t *testing.T) {
	each(t, func(t *testing.T, g *dh.Group) {
		p, q, _ := g.Params()
		one := g.Generator().Exp(nil)
		assert.True(t, one.IsOne())
		assert.True(t, g.Generator().Exp(q.Bytes()).Equal(one), "q is reduced")
		inverse := g.Generator().Exp(new(big.Int).Sub(q, big.NewInt(1)).Bytes())
		assert.False(t, inverse.IsOne())
		product, err := inverse.Mul(g.Generator())
		require.NoError(t, err)
		assert.True(t, product.IsOne())
		_, err = dh.Agree([]byte{2}, one)
		assert.ErrorIs(t, err, dh.ErrOne)
		_, err = dh.Agree(q.Bytes(), g.Generator())
		assert.ErrorIs(t, err, dh.ErrOne)
		for name, r := range map[string]*big.Int{
			"0": new(big.Int), "1": big.NewInt(1), "p": p, "p + 1": new(big.Int).Add(p, big.NewInt(1)),
			"p − 1": new(big.Int).Sub(p, big.NewInt(1)), "3^q": new(big.Int).Exp(big.NewInt(3), q, p),
		} {
			_, err := g.MapToElement(r.Bytes())
			assert.ErrorIs(t, err, dh.ErrOne, name)
		}
	})
}

func TestMixedGroups(t *testing.T) {
	_, err := group(t, 1).Generator().Mul(group(t, 2).Generator())
	assert.Error(t, err)
	assert.False(t, group(t, 1).Generator().Equal(group(t, 2).Generator()))
}

func TestRandomExponent(t *testing.T) {
	each(t, func(t *testing.T, g *dh.Group) {
		_, q, _ := g.Params()
		seen := map[string]bool{}
		for range 50 {
			k, err := g.RandomExponent(nil)
			require.NoError(t, err)
			require.Len(t, k, g.ExponentBytes())
			n := new(big.Int).SetBytes(k)
			require.True(t, n.Sign() > 0 && n.Cmp(q) < 0)
			seen[string(k)] = true
		}
		assert.Len(t, seen, 50)
		_, err := g.RandomExponent(bytes.NewReader(make([]byte, 3)))
		assert.Error(t, err, "a source that ends")
		// Too large, then zero, then good: neither is reduced.
		good := append(make([]byte, g.ExponentBytes()-1), 9)
		source := bytes.Join([][]byte{bytes.Repeat([]byte{0xff}, g.ExponentBytes()), make([]byte, g.ExponentBytes()), good}, nil)
		k, err := g.RandomExponent(bytes.NewReader(source))
		require.NoError(t, err)
		assert.Equal(t, good, k)
	})
}
