package dh

import (
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// ParametersError says why explicit parameters were refused.
type ParametersError string

func (e ParametersError) Error() string { return "dh: explicit parameters: " + string(e) }

// MatchX942 finds the group that DomainParameters of X9.42 (RFC 3279 §2.3.3, object identifier dhpublicnumber) describe: p,
// g, q and, if given, the cofactor must all agree with it. The seed is ignored. Parameters come from the card, unsigned,
// and wrong ones give the password away (ICAO 9303-11 §9.2.2), so any that are not known are refused with a
// ParametersError.
func MatchX942(parameters []byte) (*Group, error) {
	var domain cryptobyte.String
	var p, g, q, j big.Int
	input := cryptobyte.String(parameters)
	ok := input.ReadASN1(&domain, der.SEQUENCE) && input.Empty() &&
		domain.ReadASN1Integer(&p) && domain.ReadASN1Integer(&g) && domain.ReadASN1Integer(&q)
	hasCofactor := ok && domain.PeekASN1Tag(der.INTEGER)
	if hasCofactor {
		ok = domain.ReadASN1Integer(&j)
	}
	if !ok || !domain.SkipOptionalASN1(der.SEQUENCE) || !domain.Empty() {
		return nil, ParametersError("malformed")
	}
	group, err := match(&p, &g)
	if err != nil {
		return nil, err
	}
	switch _, order, _ := group.Params(); {
	case order.Cmp(&q) != 0:
		return nil, ParametersError("order is not that of " + group.name)
	case hasCofactor && j.Cmp(new(big.Int).SetBytes(group.moduli().cofactor)) != 0:
		return nil, ParametersError("cofactor is not that of " + group.name)
	}
	return group, nil
}

// MatchPKCS3 is MatchX942 for DHParameter of PKCS #3 §9 (object identifier dhKeyAgreement), which has p and g only. The
// length that it may recommend for exponents is ignored.
func MatchPKCS3(parameters []byte) (*Group, error) {
	var domain cryptobyte.String
	var p, g, length big.Int
	input := cryptobyte.String(parameters)
	ok := input.ReadASN1(&domain, der.SEQUENCE) && input.Empty() && domain.ReadASN1Integer(&p) && domain.ReadASN1Integer(&g)
	if ok && domain.PeekASN1Tag(der.INTEGER) {
		ok = domain.ReadASN1Integer(&length)
	}
	if !ok || !domain.Empty() {
		return nil, ParametersError("malformed")
	}
	return match(&p, &g)
}

func match(p, g *big.Int) (*Group, error) {
	group, found := find(func(known *Group) bool { return new(big.Int).SetBytes(known.p).Cmp(p) == 0 })
	switch {
	case !found:
		return nil, ParametersError("no known group has this prime")
	case new(big.Int).SetBytes(group.g).Cmp(g) != 0:
		return nil, ParametersError("generator is not that of " + group.name)
	}
	return group, nil
}

// X942 encodes the group as DomainParameters of X9.42, without cofactor and seed.
func (g *Group) X942() []byte {
	var b cryptobyte.Builder
	prime, order, generator := g.Params()
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(prime)
		b.AddASN1BigInt(generator)
		b.AddASN1BigInt(order)
	})
	return b.BytesOrPanic()
}

// PKCS3 encodes the group as DHParameter of PKCS #3.
func (g *Group) PKCS3() []byte {
	var b cryptobyte.Builder
	prime, _, generator := g.Params()
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(prime)
		b.AddASN1BigInt(generator)
	})
	return b.BytesOrPanic()
}
