package simulator

import (
	"crypto/sha1"
	"io"
	"math/big"

	"cnie/internal/dh"
	"cnie/lds"
)

// numberGroup are numbers modulo a prime, ICAO 9303-11 §9.5.1 ids 0 to 2.
type numberGroup struct{ group *dh.Group }

type number struct{ value *dh.Element }

func (g numberGroup) agreement() lds.Agreement { return lds.DH }
func (g numberGroup) tag() byte                { return 0x84 }
func (g numberGroup) generator() element       { return number{g.group.Generator()} }

// parse wants the fewest bytes (ICAO 9303-11 §9.4.1), and refuses what lies
// outside the subgroup (§4.4.3.3.1, RFC 2631 §2.1.5).
func (g numberGroup) parse(b []byte) (element, bool) {
	if len(b) == 0 || b[0] == 0 {
		return nil, false
	}
	return g.member(b)
}

func (g numberGroup) member(b []byte) (element, bool) {
	e, err := g.group.ParseElement(b)
	return other(e, err)
}

func (g numberGroup) scalar(random io.Reader) ([]byte, error) { return g.group.RandomExponent(random) }

func (g numberGroup) prime() *big.Int {
	p, _, _ := g.group.Params()
	return p
}

// encode raises to the cofactor, which leads into the subgroup.
func (g numberGroup) encode(x *big.Int) (element, bool) {
	p, q, _ := g.group.Params()
	cofactor := new(big.Int).Sub(p, big.NewInt(1))
	return g.member(x.Exp(x, cofactor.Div(cofactor, q), p).Bytes())
}

func (n number) bytes() []byte { return n.value.Unsigned() }

// secret has all leading zeros, PKCS #3 §8.3.
func (n number) secret() []byte { return n.value.Bytes() }

func (n number) compressed() []byte {
	sum := sha1.Sum(n.bytes())
	return sum[:]
}

func (n number) times(k []byte) (element, bool) { return other(n.value.Exp(k), nil) }

func (n number) plus(factor element) (element, bool) {
	f, is := factor.(number)
	if !is {
		return nil, false
	}
	return other(n.value.Mul(f.value))
}

// other is any element but the neutral one.
func other(e *dh.Element, err error) (element, bool) {
	if err != nil || e.IsOne() {
		return nil, false
	}
	return number{e}, true
}
