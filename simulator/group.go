package simulator

import (
	"bytes"
	"io"
	"math/big"

	"cnie/internal/ec"
	"cnie/lds"
)

// group is where a key agreement takes place: the points of a curve, or numbers
// modulo a prime.
type group interface {
	// agreement says which of the two, and tag names its public values in a
	// public key object (ICAO 9303-11 §9.4.3, §9.4.4).
	agreement() lds.Agreement
	tag() byte
	generator() element
	// parse reads a public value as it is sent, and refuses what is not one.
	parse([]byte) (element, bool)
	// scalar is a random private key.
	scalar(io.Reader) ([]byte, error)
	// prime is the field's. encode makes of a number below it a generator that
	// has no known relation to others (ICAO 9303-11 §4.4.3.3.2); false: this
	// group has no such encoding, or it does not take this number.
	prime() *big.Int
	encode(*big.Int) (element, bool)
}

// element is a member of a group, but never the neutral one.
type element interface {
	bytes() []byte                  // as sent, ICAO 9303-11 §9.4.1
	times(k []byte) (element, bool) // false: the neutral element, or no factor
	plus(element) (element, bool)   // the group's operation; likewise
	secret() []byte                 // what keys are derived from, §9.7.1
	compressed() []byte             // Comp() of §7.1.4.1.3 and §7.1.4.2.3
}

func equal(a, b element) bool { return bytes.Equal(a.bytes(), b.bytes()) }

// curveGroup are the points of a curve.
type curveGroup struct{ curve *ec.Curve }

type curvePoint struct{ point *ec.Point }

func (g curveGroup) agreement() lds.Agreement { return lds.ECDH }
func (g curveGroup) tag() byte                { return 0x86 }
func (g curveGroup) generator() element       { return curvePoint{g.curve.Generator()} }

// parse takes uncompressed points, the only form on the wire.
func (g curveGroup) parse(b []byte) (element, bool) {
	if len(b) == 0 || b[0] != 0x04 {
		return nil, false
	}
	p, err := g.curve.ParsePoint(b)
	return curvePoint{p}, err == nil
}

func (g curveGroup) scalar(random io.Reader) ([]byte, error) { return g.curve.RandomScalar(random) }

func (g curveGroup) prime() *big.Int {
	p, _, _, _, _ := g.curve.Params()
	return p
}

func (p curvePoint) bytes() []byte      { return p.point.Bytes() }
func (p curvePoint) secret() []byte     { return p.point.X() }
func (p curvePoint) compressed() []byte { return p.point.X() }

func (p curvePoint) times(k []byte) (element, bool) {
	product, err := p.point.Mul(k)
	return finite(product, err)
}

func (p curvePoint) plus(other element) (element, bool) {
	q, is := other.(curvePoint)
	if !is {
		return nil, false
	}
	sum, err := p.point.Add(q.point)
	return finite(sum, err)
}

func finite(p *ec.Point, err error) (element, bool) {
	if err != nil || p.IsInfinity() {
		return nil, false
	}
	return curvePoint{p}, true
}
