package access

import (
	"crypto/sha1"
	"io"

	"cnie/apdu/tlv"
	"cnie/internal/dh"
	"cnie/internal/ec"
)

// group is where a key agreement happens: a curve, or the numbers modulo a
// prime. PACE and Chip Authentication are written once, over it.
type group interface {
	name() string
	strength() int // bits of security
	size() int     // bits of the field
	keyTag() tlv.Tag
	private(io.Reader) ([]byte, error)
	base() element
	parse([]byte) (element, error)   // a public key of the chip
	embed(r []byte) (element, error) // a generator from R(s,t), §4.4.3.3.2
	embeds() bool
}

// element is a public value of a group, which the card may see.
type element interface {
	raise(private []byte) (element, error) // k·P, g^k
	join(element) (element, error)         // P + Q, g·h
	neutral() bool
	public() []byte     // as a public key, §9.4.5
	secret() []byte     // as a shared secret
	compressed() []byte // as Comp() of §7.1.4.1.3 and §7.1.4.2.3
}

// standardised finds a group by its number, §9.5.1.
func standardised(id int) (group, bool) {
	if id < 0 {
		return nil, false
	}
	if g, known := dh.ByParameterID(id); known {
		return modp{g}, true
	}
	if c, known := ec.ByParameterID(id); known {
		return curve{c}, true
	}
	return nil, false
}

type curve struct{ *ec.Curve }

func (c curve) name() string                           { return c.Name() }
func (c curve) strength() int                          { return c.Order().BitLen() / 2 }
func (c curve) size() int                              { return 8 * c.FieldBytes() }
func (c curve) keyTag() tlv.Tag                        { return 0x86 }
func (c curve) private(rand io.Reader) ([]byte, error) { return c.RandomScalar(rand) }
func (c curve) base() element                          { return point{c.Generator()} }
func (c curve) embeds() bool                           { return c.CanMap() }

// parse takes uncompressed points of the curve only, without infinity: §4.4.3.2.
func (c curve) parse(b []byte) (element, error) {
	if len(b) == 0 || b[0] != 4 {
		return nil, violation("public key is not an uncompressed point")
	}
	p, err := c.ParsePoint(b)
	if err != nil || p.IsInfinity() {
		return nil, violation("public key is not a point of the curve")
	}
	return point{p}, nil
}

func (c curve) embed(r []byte) (element, error) {
	p, err := c.MapToPoint(r)
	return point{p}, err
}

type point struct{ *ec.Point }

func (p point) neutral() bool      { return p.IsInfinity() }
func (p point) public() []byte     { return p.Bytes() }
func (p point) secret() []byte     { return p.X() }
func (p point) compressed() []byte { return p.X() }

func (p point) raise(k []byte) (element, error) {
	if len(k) > p.Curve().ScalarBytes() { // PACE's nonce on a small curve
		k = p.Curve().ReduceScalar(k)
	}
	q, err := p.Mul(k)
	return point{q}, err
}

func (p point) join(other element) (element, error) {
	sum, err := p.Add(other.(point).Point)
	return point{sum}, err
}

type modp struct{ *dh.Group }

// modpStrengths are the bits of security of a group by the bytes of its prime,
// NIST SP 800-57-1 table 2.
var modpStrengths = map[int]int{128: 80, 256: 112}

func (g modp) name() string                           { return g.Name() }
func (g modp) strength() int                          { return modpStrengths[g.ElementBytes()] }
func (g modp) size() int                              { return 8 * g.ElementBytes() }
func (g modp) keyTag() tlv.Tag                        { return 0x84 }
func (g modp) private(rand io.Reader) ([]byte, error) { return g.RandomExponent(rand) }
func (g modp) base() element                          { return number{g.Generator()} }
func (g modp) embeds() bool                           { return true }

// parse takes members of the subgroup of prime order only: RFC 2631 §2.1.5.
func (g modp) parse(b []byte) (element, error) {
	e, err := g.ParseElement(b)
	if err != nil {
		return nil, violation("public key is not an element of the group")
	}
	return number{e}, nil
}

func (g modp) embed(r []byte) (element, error) {
	e, err := g.MapToElement(r)
	return number{e}, err
}

type number struct{ *dh.Element }

func (n number) neutral() bool                   { return n.IsOne() }
func (n number) public() []byte                  { return n.Unsigned() }
func (n number) secret() []byte                  { return n.Bytes() }
func (n number) raise(k []byte) (element, error) { return number{n.Exp(k)}, nil }

func (n number) compressed() []byte {
	sum := sha1.Sum(n.Unsigned())
	return sum[:]
}

func (n number) join(other element) (element, error) {
	product, err := n.Mul(other.(number).Element)
	return number{product}, err
}
