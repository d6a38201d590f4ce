package ec

import (
	"crypto"
	"crypto/hmac"
	_ "crypto/sha1" // the hashes of nonceHash
	_ "crypto/sha256"
	_ "crypto/sha512"
	"errors"
	"math/big"
)

// Sign signs a digest with the private key d (1 … n−1, ScalarBytes long). The nonce is that of RFC 6979: the same key
// and digest give the same signature, and no random source can give the key away. Constant time in d and the nonce.
func Sign(c *Curve, d []byte, digest []byte) (r, s *big.Int, err error) {
	if !c.isScalar(d) {
		return nil, nil, errors.New("ec: private key out of range")
	}
	e := c.truncate(digest).FillBytes(make([]byte, c.ScalarBytes()))
	nonces := newNonces(c, d, e, nonceHash(digest))
	for {
		k := nonces.next()
		product, err := c.Generator().Mul(k)
		if err != nil {
			return nil, nil, err
		}
		scalars := c.arithmetic().scalars
		rBytes := new(big.Int).Mod(new(big.Int).SetBytes(product.X()), c.n).FillBytes(make([]byte, c.ScalarBytes()))
		r, s = new(big.Int).SetBytes(rBytes), new(big.Int).SetBytes(scalars.response(k, e, rBytes, d))
		if r.Sign() != 0 && s.Sign() != 0 {
			return r, s, nil
		}
	}
}

// nonceHash is the hash that made the digest, as far as its length tells, else SHA-256: RFC 6979 §3.6 leaves the choice.
func nonceHash(digest []byte) crypto.Hash {
	for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA224, crypto.SHA384, crypto.SHA512} {
		if h.Size() == len(digest) {
			return h
		}
	}
	return crypto.SHA256
}

// nonces is the generator of RFC 6979 §3.2; key and value carry the names K and V there.
type nonces struct {
	curve      *Curve
	hash       crypto.Hash
	key, value []byte
}

func newNonces(c *Curve, d, e []byte, hash crypto.Hash) *nonces {
	g := &nonces{curve: c, hash: hash, key: make([]byte, hash.Size()), value: make([]byte, hash.Size())}
	for i := range g.value {
		g.value[i] = 1
	}
	seed := append(append([]byte(nil), d...), c.arithmetic().scalars.reduce(e)...)
	g.rekey(0, seed)
	g.rekey(1, seed)
	clear(seed)
	return g
}

func (g *nonces) mac(parts ...[]byte) []byte {
	h := hmac.New(g.hash.New, g.key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func (g *nonces) rekey(step byte, seed []byte) {
	g.key = g.mac(g.value, []byte{step}, seed)
	g.value = g.mac(g.value)
}

// next returns the next candidate in 1 … n−1.
func (g *nonces) next() []byte {
	for {
		var t []byte
		for len(t) < g.curve.ScalarBytes() {
			g.value = g.mac(g.value)
			t = append(t, g.value...)
		}
		k := shiftRight(t[:g.curve.ScalarBytes()], 8*g.curve.ScalarBytes()-g.curve.n.BitLen())
		valid := g.curve.isScalar(k)
		g.rekey(0, nil)
		if valid {
			return k
		}
	}
}

// shiftRight drops the lowest bits, less than eight, of a secret number.
func shiftRight(b []byte, drop int) []byte {
	for i := len(b) - 1; i > 0; i-- {
		b[i] = byte((uint16(b[i-1])<<8 | uint16(b[i])) >> drop)
	}
	b[0] >>= drop
	return b
}
