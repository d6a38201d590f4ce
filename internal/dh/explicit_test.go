package dh_test

import (
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/dh"
)

// The groups as somebody else has them; `make test` installs openssl.
func TestOpenSSLGroups(t *testing.T) {
	for id, name := range []string{"dh_1024_160", "dh_2048_224", "dh_2048_256"} {
		out, err := exec.Command("openssl", "genpkey", "-genparam", "-algorithm", "DHX", "-pkeyopt", "group:"+name).Output()
		require.NoError(t, err)
		block, _ := pem.Decode(out)
		require.NotNil(t, block)
		g, err := dh.MatchX942(block.Bytes)
		require.NoError(t, err)
		assert.Same(t, group(t, id), g)
		assert.Equal(t, block.Bytes, g.X942())
	}
}

type x942 struct {
	P, G, Q    *big.Int
	J          *big.Int      `asn1:"optional"`
	Validation asn1.RawValue `asn1:"optional"`
}

type pkcs3 struct {
	P, G   *big.Int
	Length int `asn1:"optional"`
}

func TestMatchX942(t *testing.T) {
	each(t, func(t *testing.T, g *dh.Group) {
		p, q, generator := g.Params()
		cofactor := new(big.Int).Div(new(big.Int).Sub(p, big.NewInt(1)), q)
		validation := asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: []byte{3, 2, 0, 7, 2, 1, 42}}
		for _, good := range []x942{
			{P: p, G: generator, Q: q}, {P: p, G: generator, Q: q, J: cofactor}, {p, generator, q, cofactor, validation},
		} {
			found, err := match(t, dh.MatchX942, good)
			require.NoError(t, err)
			assert.Same(t, g, found)
		}
		for name, bad := range map[string]x942{
			"p":         {P: new(big.Int).Add(p, big.NewInt(2)), G: generator, Q: q},
			"minus p":   {P: new(big.Int).Neg(p), G: generator, Q: q},
			"g squared": {P: p, G: new(big.Int).Exp(generator, big.NewInt(2), p), Q: q},
			"g = 1":     {P: p, G: big.NewInt(1), Q: q},
			"q":         {P: p, G: generator, Q: new(big.Int).Add(q, big.NewInt(2))},
			"q = p":     {P: p, G: generator, Q: p},
			"swapped":   {P: p, G: q, Q: generator},
			"cofactor":  {P: p, G: generator, Q: q, J: big.NewInt(2)},
		} {
			_, err := match(t, dh.MatchX942, bad)
			assert.ErrorAs(t, err, new(dh.ParametersError), name)
		}
		_, err := dh.MatchX942(g.PKCS3())
		assert.ErrorAs(t, err, new(dh.ParametersError), "without q")
		_, err = dh.MatchX942(append(g.X942(), 0))
		assert.ErrorAs(t, err, new(dh.ParametersError), "trailing byte")
	})
}

func TestMatchPKCS3(t *testing.T) {
	each(t, func(t *testing.T, g *dh.Group) {
		p, _, generator := g.Params()
		for _, good := range []pkcs3{{P: p, G: generator}, {p, generator, 160}} {
			found, err := match(t, dh.MatchPKCS3, good)
			require.NoError(t, err)
			assert.Same(t, g, found)
		}
		found, err := dh.MatchPKCS3(g.PKCS3())
		require.NoError(t, err)
		assert.Same(t, g, found)
		for name, bad := range map[string]pkcs3{
			"p": {P: new(big.Int).Sub(p, big.NewInt(2)), G: generator}, "g": {P: p, G: big.NewInt(2)},
		} {
			_, err := match(t, dh.MatchPKCS3, bad)
			assert.ErrorAs(t, err, new(dh.ParametersError), name)
		}
		_, err = dh.MatchPKCS3(append(g.PKCS3(), 0))
		assert.ErrorAs(t, err, new(dh.ParametersError), "trailing byte")
	})
}

func match(t *testing.T, parse func([]byte) (*dh.Group, error), parameters any) (*dh.Group, error) {
	der, err := asn1.Marshal(parameters)
	require.NoError(t, err)
	return parse(der)
}
