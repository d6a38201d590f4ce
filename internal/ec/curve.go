package ec

import (
	"crypto/elliptic"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"sync"

	"filippo.io/nistec"
)

// Curve is one of the named curves y² = x³ + ax + b of prime order n over the integers modulo p; the cofactor is 1.
// There is one Curve per name: compare pointers.
type Curve struct {
	name               string
	oid                asn1.ObjectIdentifier
	id                 int
	p, a, b, gx, gy, n *big.Int
	arithmetic         func() arithmetic
	standard           elliptic.Curve // the same curve in crypto/elliptic, if it is there
}

// arithmetic is what a curve computes with, made at first use.
type arithmetic struct {
	group     group
	scalars   scalars
	generator *Point
	encode    func(r []byte) ([]byte, bool) // of MapToPoint; nil where it is not defined
}

// The curves of NIST SP 800-186 and RFC 5639 that ICAO 9303-11 numbers. The t1 twins of RFC 5639 are found by name or
// object identifier.
func P192() *Curve            { return p192 }
func P224() *Curve            { return p224 }
func P256() *Curve            { return p256 }
func P384() *Curve            { return p384 }
func P521() *Curve            { return p521 }
func BrainpoolP192r1() *Curve { return bp192 }
func BrainpoolP224r1() *Curve { return bp224 }
func BrainpoolP256r1() *Curve { return bp256 }
func BrainpoolP320r1() *Curve { return bp320 }
func BrainpoolP384r1() *Curve { return bp384 }
func BrainpoolP512r1() *Curve { return bp512 }

// ByName finds a curve by its Name, as "P-256" or "brainpoolP256r1".
func ByName(name string) (*Curve, bool) {
	return find(func(c *Curve) bool { return c.name == name })
}

// ByOID finds a curve by its object identifier.
func ByOID(oid asn1.ObjectIdentifier) (*Curve, bool) {
	return find(func(c *Curve) bool { return c.oid.Equal(oid) })
}

// ByParameterID finds a curve by its number, 8 … 18, among the standardised domain parameters (ICAO 9303-11 §9.5.1).
func ByParameterID(id int) (*Curve, bool) {
	return find(func(c *Curve) bool { return c.id == id && id != noID })
}

func find(is func(*Curve) bool) (*Curve, bool) {
	i := slices.IndexFunc(curves, is)
	if i < 0 {
		return nil, false
	}
	return curves[i], true
}

// Name returns the curve's name.
func (c *Curve) Name() string { return c.name }

// OID returns the curve's object identifier (SEC 2, RFC 5639).
func (c *Curve) OID() asn1.ObjectIdentifier { return slices.Clone(c.oid) }

// ParameterID returns the curve's number among the standardised domain parameters (ICAO 9303-11 §9.5.1); −1 for the t1
// curves, which have none.
func (c *Curve) ParameterID() int { return c.id }

// FieldBytes is the length of a coordinate.
func (c *Curve) FieldBytes() int { return (c.p.BitLen() + 7) / 8 }

// ScalarBytes is the length of a scalar.
func (c *Curve) ScalarBytes() int { return (c.n.BitLen() + 7) / 8 }

// Order returns n, the number of points.
func (c *Curve) Order() *big.Int { return new(big.Int).Set(c.n) }

// Params returns the field's prime, the coefficients and the base point.
func (c *Curve) Params() (p, a, b, gx, gy *big.Int) {
	clone := func(x *big.Int) *big.Int { return new(big.Int).Set(x) }
	return clone(c.p), clone(c.a), clone(c.b), clone(c.gx), clone(c.gy)
}

// String returns the name.
func (c *Curve) String() string { return c.name }

// reduce brings k below the order, ScalarBytes long.
func (c *Curve) reduce(k []byte) ([]byte, error) {
	if len(k) > c.ScalarBytes() {
		return nil, fmt.Errorf("ec: scalar of %d bytes on %s, at most %d", len(k), c.name, c.ScalarBytes())
	}
	return c.arithmetic().scalars.reduce(k), nil
}

// with gives c the arithmetic that build makes of it, at its first use.
func (c *Curve) with(build func(*Curve) arithmetic) *Curve {
	c.arithmetic = sync.OnceValue(func() arithmetic {
		made := build(c)
		made.generator = newPoint(c, made.group.generator())
		return made
	})
	return c
}

func ours[L limbs](c *Curve) arithmetic {
	return arithmetic{group: newWeierstrass[L](c), scalars: newField[L](c.n), encode: newEncoding[L](c)}
}

func theirs[L limbs, P nistPoint[P]](fresh func() P) func(*Curve) arithmetic {
	return func(c *Curve) arithmetic {
		return arithmetic{group: &nist[P]{fresh}, scalars: newField[L](c.n), encode: newEncoding[L](c)}
	}
}

// verifiedBy names the same curve in the standard library.
func (c *Curve) verifiedBy(standard elliptic.Curve) *Curve {
	c.standard = standard
	return c
}

var (
	p192  = parameters(secp192r1).with(ours[[3]uint64])
	p224  = parameters(secp224r1).with(theirs[[4]uint64](nistec.NewP224Point)).verifiedBy(elliptic.P224())
	p256  = parameters(secp256r1).with(theirs[[4]uint64](nistec.NewP256Point)).verifiedBy(elliptic.P256())
	p384  = parameters(secp384r1).with(theirs[[6]uint64](nistec.NewP384Point)).verifiedBy(elliptic.P384())
	p521  = parameters(secp521r1).with(theirs[[9]uint64](nistec.NewP521Point)).verifiedBy(elliptic.P521())
	bp192 = parameters(brainpoolP192r1).with(ours[[3]uint64])
	bp224 = parameters(brainpoolP224r1).with(ours[[4]uint64])
	bp256 = parameters(brainpoolP256r1).with(ours[[4]uint64])
	bp320 = parameters(brainpoolP320r1).with(ours[[5]uint64])
	bp384 = parameters(brainpoolP384r1).with(ours[[6]uint64])
	bp512 = parameters(brainpoolP512r1).with(ours[[8]uint64])

	bp192t = parameters(brainpoolP192t1).with(ours[[3]uint64])
	bp224t = parameters(brainpoolP224t1).with(ours[[4]uint64])
	bp256t = parameters(brainpoolP256t1).with(ours[[4]uint64])
	bp320t = parameters(brainpoolP320t1).with(ours[[5]uint64])
	bp384t = parameters(brainpoolP384t1).with(ours[[6]uint64])
	bp512t = parameters(brainpoolP512t1).with(ours[[8]uint64])

	curves = []*Curve{
		p192, p224, p256, p384, p521, bp192, bp224, bp256, bp320, bp384, bp512,
		bp192t, bp224t, bp256t, bp320t, bp384t, bp512t,
	}
)
