package dh

import (
	"bytes"
	"crypto/subtle"
	"fmt"

	"filippo.io/bigmod"
)

// ElementError says why bytes were refused as an element.
type ElementError string

func (e ElementError) Error() string { return "dh: invalid element: " + string(e) }

// Element is a number of the subgroup of order q, one included; it does not change.
type Element struct {
	group *Group
	value []byte // ElementBytes long
}

// ParseElement reads a big-endian number of at most ElementBytes; a public key may come without its leading zeros (ICAO
// 9303-11 §9.4.3). Only 2 … p − 2, and of these only what lies in the subgroup, is an element; anything else gives an
// ElementError.
func (g *Group) ParseElement(b []byte) (*Element, error) {
	if len(b) > len(g.p) {
		return nil, ElementError(fmt.Sprintf("%d bytes, at most %d", len(b), len(g.p)))
	}
	e := &Element{g, append(make([]byte, len(g.p)-len(b)), b...)}
	m := g.moduli()
	y, err := bigmod.NewNat().SetBytes(e.value, m.p)
	switch {
	case err != nil:
		return nil, ElementError("not below p")
	case y.IsZero() == 1, y.IsOne() == 1, y.IsMinusOne(m.p) == 1:
		return nil, ElementError("0, 1 or p − 1")
	case bigmod.NewNat().Exp(y, g.q, m.p).IsOne() != 1:
		return nil, ElementError("not in the subgroup")
	}
	return e, nil
}

// Group returns the group that e belongs to.
func (e *Element) Group() *Group { return e.group }

// IsOne reports whether e is the neutral element, which no key may be.
func (e *Element) IsOne() bool { return e.nat().IsOne() == 1 }

// Bytes returns the number in ElementBytes bytes: the form of a shared secret (PKCS #3 §8.3).
func (e *Element) Bytes() []byte { return bytes.Clone(e.value) }

// Unsigned returns the number without leading zeros: the form of a public key (ICAO 9303-11 §9.4.1, §9.4.5).
func (e *Element) Unsigned() []byte { return bytes.Clone(bytes.TrimLeft(e.value, "\x00")) }

// Equal reports whether e and f are the same element of the same group.
func (e *Element) Equal(f *Element) bool {
	return e.group == f.group && subtle.ConstantTimeCompare(e.value, f.value) == 1
}

// Mul returns e·f; an error if they are of different groups.
func (e *Element) Mul(f *Element) (*Element, error) {
	if e.group != f.group {
		return nil, fmt.Errorf("dh: multiply elements of %s and %s", e.group, f.group)
	}
	return e.group.element(e.nat().Mul(f.nat(), e.group.moduli().p)), nil
}

// Exp returns e^k in time that depends on neither. k is big-endian, of any length, and taken modulo q.
func (e *Element) Exp(k []byte) *Element {
	exponent := e.group.ReduceExponent(k)
	defer clear(exponent)
	return e.group.element(bigmod.NewNat().Exp(e.nat(), exponent, e.group.moduli().p))
}

func (g *Group) element(n *bigmod.Nat) *Element { return &Element{g, n.Bytes(g.moduli().p)} }

func (e *Element) nat() *bigmod.Nat {
	n, err := bigmod.NewNat().SetBytes(e.value, e.group.moduli().p)
	if err != nil { // never: every element was reduced
		panic("dh: " + err.Error())
	}
	return n
}
