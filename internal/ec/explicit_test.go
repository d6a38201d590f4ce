package ec_test

import (
	"bytes"
	"encoding/asn1"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/internal/vectors"
)

// domain is SpecifiedECDomain for encoding/asn1, so that tests can write every variant.
type domain struct {
	Version int
	Field   struct {
		Type  asn1.ObjectIdentifier
		Prime *big.Int
	}
	Curve struct {
		A, B []byte
		Seed asn1.BitString `asn1:"optional"`
	}
	Base     []byte
	Order    *big.Int
	Cofactor *big.Int      `asn1:"optional"`
	Hash     asn1.RawValue `asn1:"optional"`
}

func parse(t *testing.T, c *ec.Curve) (d domain) {
	rest, err := asn1.Unmarshal(c.ExplicitDER(), &d)
	require.NoError(t, err)
	require.Empty(t, rest)
	return d
}

func TestMatchExplicit(t *testing.T) {
	each(t, func(t *testing.T, c *ec.Curve) {
		good := parse(t, c)
		p, _, _, _, gy := c.Params()
		compressed := join([]byte{2 | byte(gy.Bit(0))}, good.Base[1:1+c.FieldBytes()])
		for name, change := range map[string]func(*domain){
			"as is":           func(*domain) {},
			"compressed base": func(d *domain) { d.Base = compressed },
			"no cofactor":     func(d *domain) { d.Cofactor = nil },
			"seed":            func(d *domain) { d.Curve.Seed = asn1.BitString{Bytes: make([]byte, 20), BitLength: 160} },
			"version 2":       func(d *domain) { d.Version = 2 },
			"hash": func(d *domain) {
				d.Hash = asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: []byte{6, 1, 42}}
			},
		} {
			found, err := matchChanged(t, c, change)
			assert.NoError(t, err, name)
			assert.Same(t, c, found, name)
		}
		twice := mul(t, c.Generator(), []byte{2}).Bytes()
		minus := join(good.Base[:1+c.FieldBytes()], new(big.Int).Sub(p, gy).FillBytes(make([]byte, c.FieldBytes())))
		for name, change := range map[string]func(*domain){
			"another base point": func(d *domain) { d.Base = twice },
			"the negative base":  func(d *domain) { d.Base = minus },
			"its compression":    func(d *domain) { d.Base = join([]byte{compressed[0] ^ 1}, compressed[1:]) },
			"hybrid base":        func(d *domain) { d.Base = join([]byte{6 | compressed[0]&1}, good.Base[1:]) },
			"no base":            func(d *domain) { d.Base = nil },
			"infinity":           func(d *domain) { d.Base = []byte{0} },
			"base too long":      func(d *domain) { d.Base = append(bytes.Clone(d.Base), 0) },
			"a":                  func(d *domain) { d.Curve.A = flipLast(d.Curve.A) },
			"b":                  func(d *domain) { d.Curve.B = flipLast(d.Curve.B) },
			"a and b swapped":    func(d *domain) { d.Curve.A, d.Curve.B = d.Curve.B, d.Curve.A },
			"a unreduced":        func(d *domain) { d.Curve.A = new(big.Int).Add(new(big.Int).SetBytes(d.Curve.A), p).Bytes() },
			"p":                  func(d *domain) { d.Field.Prime = new(big.Int).Add(p, big.NewInt(2)) },
			"minus p":            func(d *domain) { d.Field.Prime = new(big.Int).Neg(p) },
			"order":              func(d *domain) { d.Order = new(big.Int).Sub(c.Order(), big.NewInt(2)) },
			"order is p":         func(d *domain) { d.Order = p },
			"cofactor 0":         func(d *domain) { d.Cofactor = new(big.Int) },
			"cofactor 2":         func(d *domain) { d.Cofactor = big.NewInt(2) },
			"cofactor −1":        func(d *domain) { d.Cofactor = big.NewInt(-1) },
			"cofactor 257":       func(d *domain) { d.Cofactor = big.NewInt(257) },
			"binary field":       func(d *domain) { d.Field.Type = asn1.ObjectIdentifier{1, 2, 840, 10045, 1, 2} },
			"version 0":          func(d *domain) { d.Version = 0 },
			"version 4":          func(d *domain) { d.Version = 4 },
		} {
			_, err := matchChanged(t, c, change)
			assert.ErrorAs(t, err, new(ec.ParametersError), name)
		}
	})
}

func matchChanged(t *testing.T, c *ec.Curve, change func(*domain)) (*ec.Curve, error) {
	d := parse(t, c)
	change(&d)
	encoded, err := asn1.Marshal(d)
	require.NoError(t, err)
	return ec.MatchExplicit(encoded)
}

func flipLast(b []byte) []byte {
	b = bytes.Clone(b)
	b[len(b)-1] ^= 1
	return b
}

// No prefix, no suffix and no flipped byte of good parameters is good too.
func TestMatchExplicitBytes(t *testing.T) {
	good := ec.BrainpoolP224r1().ExplicitDER()
	_, err := ec.MatchExplicit(append(bytes.Clone(good), 0))
	assert.Error(t, err)
	for i := range good {
		_, err := ec.MatchExplicit(good[:i])
		assert.Error(t, err, "%d bytes", i)
		bad := bytes.Clone(good)
		bad[i] ^= 0x10
		_, err = ec.MatchExplicit(bad)
		assert.ErrorAs(t, err, new(ec.ParametersError), "byte %d", i)
	}
}

// The German specimen of 2008 spells out brainpoolP224r1 in its EF.DG14.
func TestSpecimenParameters(t *testing.T) {
	file := vectors.File(t, "bsi2008", "Datagroup14.bin")
	oid := []byte{0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01} // id-ecPublicKey
	at := bytes.Index(file, oid)
	require.Positive(t, at)
	var parameters asn1.RawValue
	_, err := asn1.Unmarshal(file[at+len(oid):], &parameters)
	require.NoError(t, err)
	c, err := ec.MatchExplicit(parameters.FullBytes)
	require.NoError(t, err)
	assert.Same(t, ec.BrainpoolP224r1(), c)
}
