package ec

import (
	"bytes"
	"encoding/asn1"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// ParametersError says why explicit parameters were refused.
type ParametersError string

func (e ParametersError) Error() string { return "ec: explicit parameters: " + string(e) }

var oidPrimeField = asn1.ObjectIdentifier{1, 2, 840, 10045, 1, 1}

// specified is X9.62's SpecifiedECDomain (RFC 3279 §2.3.5, SEC 1 §C.2) over a prime field, as numbers.
type specified struct {
	p, a, b, n big.Int
	base       []byte
	h          *big.Int // nil if absent
}

// MatchExplicit finds the named curve that explicit parameters (the DER of SpecifiedECDomain) describe. Everything must
// agree with it: p, a, b, the base point (compressed or not), n, and the cofactor if given. Anything else is refused with
// a ParametersError, for whoever may choose the base point can choose one for which they know the private key of
// somebody else's public key (CVE-2020-0601). The seed and the hash, which no computation uses, are ignored.
func MatchExplicit(parameters []byte) (*Curve, error) {
	s, err := parseSpecified(parameters)
	if err != nil {
		return nil, err
	}
	c, found := find(func(c *Curve) bool { return c.p.Cmp(&s.p) == 0 })
	if twin, ok := find(func(c *Curve) bool { return c.p.Cmp(&s.p) == 0 && c.a.Cmp(&s.a) == 0 }); ok {
		c = twin // the r1 and t1 curves of brainpool share the field
	}
	switch {
	case !found:
		return nil, ParametersError("no known curve has this field")
	case c.a.Cmp(&s.a) != 0 || c.b.Cmp(&s.b) != 0:
		return nil, ParametersError("coefficients are not those of " + c.name)
	case !bytes.Equal(s.base, c.base(false)) && !bytes.Equal(s.base, c.base(true)):
		return nil, ParametersError("base point is not that of " + c.name)
	case c.n.Cmp(&s.n) != 0:
		return nil, ParametersError("order is not that of " + c.name)
	case s.h != nil && s.h.Cmp(big.NewInt(1)) != 0:
		return nil, ParametersError("cofactor is not 1")
	}
	return c, nil
}

func parseSpecified(parameters []byte) (*specified, error) {
	var s specified
	var domain, field, curve, a, b, base, seed cryptobyte.String
	var version int64
	var fieldType asn1.ObjectIdentifier
	var hasSeed, hasCofactor bool
	input := cryptobyte.String(parameters)
	var cofactor big.Int
	ok := input.ReadASN1(&domain, der.SEQUENCE) && input.Empty() &&
		domain.ReadASN1Integer(&version) && 1 <= version && version <= 3 &&
		domain.ReadASN1(&field, der.SEQUENCE) && field.ReadASN1ObjectIdentifier(&fieldType)
	switch {
	case !ok:
		return nil, ParametersError("malformed")
	case !fieldType.Equal(oidPrimeField):
		return nil, ParametersError("not over a prime field")
	}
	ok = field.ReadASN1Integer(&s.p) && field.Empty() &&
		domain.ReadASN1(&curve, der.SEQUENCE) &&
		curve.ReadASN1(&a, der.OCTET_STRING) && curve.ReadASN1(&b, der.OCTET_STRING) &&
		curve.ReadOptionalASN1(&seed, &hasSeed, der.BIT_STRING) && curve.Empty() &&
		domain.ReadASN1(&base, der.OCTET_STRING) && domain.ReadASN1Integer(&s.n)
	if hasCofactor = ok && domain.PeekASN1Tag(der.INTEGER); hasCofactor {
		ok = domain.ReadASN1Integer(&cofactor)
		s.h = &cofactor
	}
	ok = ok && domain.SkipOptionalASN1(der.SEQUENCE) && domain.Empty() // the hash
	if !ok {
		return nil, ParametersError("malformed")
	}
	s.a.SetBytes(a)
	s.b.SetBytes(b)
	s.base = base
	return &s, nil
}

// base encodes the base point (SEC 1 §2.3.3).
func (c *Curve) base(compressed bool) []byte {
	x := c.gx.FillBytes(make([]byte, c.FieldBytes()))
	if compressed {
		return append([]byte{2 | byte(c.gy.Bit(0))}, x...)
	}
	y := c.gy.FillBytes(make([]byte, c.FieldBytes()))
	return append(append([]byte{4}, x...), y...)
}

// ExplicitDER encodes the curve as explicit parameters: uncompressed base point, cofactor, no seed.
func (c *Curve) ExplicitDER() []byte {
	var b cryptobyte.Builder
	coefficient := func(b *cryptobyte.Builder, x *big.Int) {
		b.AddASN1OctetString(x.FillBytes(make([]byte, c.FieldBytes())))
	}
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oidPrimeField)
			b.AddASN1BigInt(c.p)
		})
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			coefficient(b, c.a)
			coefficient(b, c.b)
		})
		b.AddASN1OctetString(c.base(false))
		b.AddASN1BigInt(c.n)
		b.AddASN1Int64(1)
	})
	return b.BytesOrPanic()
}
