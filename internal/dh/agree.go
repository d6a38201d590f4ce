package dh

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"filippo.io/bigmod"
)

// ErrOne means that a computation ended, or began, at the neutral element.
var ErrOne = errors.New("dh: neutral element")

// RandomExponent returns a uniform exponent in 1 … q−1, ExponentBytes long, from random (nil: crypto/rand).
func (g *Group) RandomExponent(random io.Reader) ([]byte, error) {
	if random == nil {
		random = rand.Reader
	}
	k := make([]byte, len(g.q))
	for range 256 { // one try fails with probability below one half
		if _, err := io.ReadFull(random, k); err != nil {
			return nil, fmt.Errorf("dh: random exponent: %w", err)
		}
		n, err := bigmod.NewNat().SetBytes(k, g.moduli().q)
		if err == nil && n.IsZero() == 0 {
			return k, nil
		}
	}
	return nil, errors.New("dh: random source gives no exponent")
}

// ReduceExponent returns the big-endian number k, of any length, modulo q, ExponentBytes long.
func (g *Group) ReduceExponent(k []byte) []byte { return reduce(k, g.moduli().q).Bytes(g.moduli().q) }

// reduce brings a number of any length below m. bigmod reads only numbers below a modulus that it knows, so it is given
// one that every number of this length is below.
func reduce(k []byte, m *bigmod.Modulus) *bigmod.Nat {
	if len(k) == 0 {
		return bigmod.NewNat().ExpandFor(m)
	}
	roof := make([]byte, len(k)+1)
	roof[0], roof[len(k)] = 1, 1
	n, err := bigmod.NewNat().SetBytes(k, modulus(roof))
	if err != nil { // never: k is shorter
		panic("dh: " + err.Error())
	}
	return bigmod.NewNat().Mod(n, m)
}

// Agree returns the shared secret pub^d, ElementBytes long. d is an exponent as for Element.Exp. It gives ErrOne if pub or
// d ≡ 0 make it one.
func Agree(d []byte, pub *Element) ([]byte, error) {
	shared := pub.Exp(d)
	if shared.IsOne() {
		return nil, ErrOne
	}
	return shared.value, nil
}

// MapToElement is f_g of PACE's integrated mapping (ICAO 9303-11 §4.4.3.3.2): r, the pseudo-random octet string R(s, t), is
// a big-endian number of any length, taken modulo p and raised to the cofactor (p − 1)/q. The time does not depend on it.
// It gives ErrOne where that is no generator, for r ≡ 0 and for one r in q.
func (g *Group) MapToElement(r []byte) (*Element, error) {
	m := g.moduli()
	e := g.element(bigmod.NewNat().Exp(reduce(r, m.p), m.cofactor, m.p))
	if n := e.nat(); n.IsOne() == 1 || n.IsZero() == 1 {
		return nil, ErrOne
	}
	return e, nil
}
