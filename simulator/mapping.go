package simulator

import (
	"bytes"
	"math/big"

	"cnie/lds"
)

// mapNonce makes of the nonce a generator that only those know who know it.
func (p *pace) mapNonce(theirs []byte) ([]byte, Status) {
	if p.mapping == lds.IM {
		return nil, p.integrate(theirs)
	}
	return p.generic(theirs)
}

// generic agrees on an element h and takes g^s·h, or s·G + H: ICAO 9303-11
// §4.4.3.3.1. Chip Authentication Mapping does the same (§4.4.3.3.3).
func (p *pace) generic(theirs []byte) ([]byte, Status) {
	g := p.group.generator()
	private, _, public, h, sw := p.exchange(g, theirs)
	if sw != swOK {
		return nil, sw
	}
	p.mapKey = private
	p.mapped = h // where the nonce is zero
	if power, ok := g.times(p.nonce); ok {
		if p.mapped, ok = power.plus(h); !ok {
			return nil, swAuthentication
		}
	}
	return public.bytes(), swOK
}

// integrate encodes both nonces as an element: ICAO 9303-11 §4.4.3.3.2.
func (p *pace) integrate(theirs []byte) Status {
	if len(theirs) != p.cipher.KeyLen() {
		return swIncorrectData
	}
	r, err := pseudoRandom(p.cipher, p.nonce, theirs, p.group.prime())
	if err != nil {
		return swUnknown
	}
	x := new(big.Int).SetBytes(r)
	mapped, ok := p.group.encode(x.Mod(x, p.group.prime()))
	if !ok {
		return swAuthentication
	}
	p.mapped = mapped
	return swOK
}

// chipData proves the chip: its static key, divided out of the one it mapped
// with, under the new keys (ICAO 9303-11 §4.4.3.5).
func (p *pace) chipData() ([]byte, Status) {
	if p.key.Curve == nil || (curveGroup{p.key.Curve}) != p.group {
		return nil, swReferenceNotFound
	}
	n := p.key.Curve.Order()
	quotient := new(big.Int).ModInverse(new(big.Int).SetBytes(p.key.Private), n)
	if quotient == nil {
		return nil, swUnknown
	}
	quotient.Mul(quotient, new(big.Int).SetBytes(p.mapKey)).Mod(quotient, n)
	data := append(quotient.FillBytes(make([]byte, p.key.Curve.ScalarBytes())), 0x80) // padding method 2
	block := p.tokens.cipher
	data = append(data, make([]byte, (block.BlockSize()-len(data)%block.BlockSize())%block.BlockSize())...)
	iv := bytes.Repeat([]byte{0xFF}, block.BlockSize()) // -1, encrypted
	block.Encrypt(iv, iv)
	encryptCBC(block, iv, data)
	return data, swOK
}
