package dh

import (
	"encoding/hex"
	"math/big"
	"slices"
	"strings"
	"sync"

	"filippo.io/bigmod"
)

// Group is the subgroup of order q of the integers modulo p. There is one Group per name: compare pointers.
type Group struct {
	name    string
	id      int
	p, q, g []byte // without leading zeros
	moduli  func() moduli
}

// moduli are what bigmod computes with, made at first use.
type moduli struct {
	p, q     *bigmod.Modulus
	cofactor []byte // (p − 1)/q
}

// published is a group as its standard prints it.
type published struct {
	name    string
	id      int
	p, q, g string
}

var groups = []*Group{group(modp1024q160), group(modp2048q224), group(modp2048q256)}

func group(s published) *Group {
	g := &Group{name: s.name, id: s.id, p: number(s.p), q: number(s.q), g: number(s.g)}
	g.moduli = sync.OnceValue(func() moduli {
		p, q := new(big.Int).SetBytes(g.p), new(big.Int).SetBytes(g.q)
		cofactor := new(big.Int).Sub(p, big.NewInt(1))
		return moduli{modulus(g.p), modulus(g.q), cofactor.Div(cofactor, q).Bytes()}
	})
	return g
}

// number reads a constant of this package.
func number(text string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		panic("dh: constant is not hexadecimal")
	}
	return b
}

// modulus takes a number above one; there are no others here.
func modulus(n []byte) *bigmod.Modulus {
	m, err := bigmod.NewModulus(n)
	if err != nil {
		panic("dh: " + err.Error())
	}
	return m
}

// ByName finds a group by its Name, as "MODP-2048/256".
func ByName(name string) (*Group, bool) {
	return find(func(g *Group) bool { return g.name == name })
}

// ByParameterID finds a group by its number, 0 … 2, among the standardised domain parameters (ICAO 9303-11 §9.5.1).
func ByParameterID(id int) (*Group, bool) {
	return find(func(g *Group) bool { return g.id == id })
}

func find(is func(*Group) bool) (*Group, bool) {
	i := slices.IndexFunc(groups, is)
	if i < 0 {
		return nil, false
	}
	return groups[i], true
}

// Name returns the group's name: MODP, the bits of p, the bits of q.
func (g *Group) Name() string { return g.name }

// String returns the name.
func (g *Group) String() string { return g.name }

// ParameterID returns the group's number among the standardised domain parameters (ICAO 9303-11 §9.5.1).
func (g *Group) ParameterID() int { return g.id }

// ElementBytes is the length of p, and of an encoded element.
func (g *Group) ElementBytes() int { return len(g.p) }

// ExponentBytes is the length of q, and of an exponent.
func (g *Group) ExponentBytes() int { return len(g.q) }

// Params returns the prime, the order of the subgroup and its generator.
func (g *Group) Params() (prime, order, generator *big.Int) {
	return new(big.Int).SetBytes(g.p), new(big.Int).SetBytes(g.q), new(big.Int).SetBytes(g.g)
}

// Generator returns the group's generator.
func (g *Group) Generator() *Element { return &Element{g, slices.Clone(g.g)} }
