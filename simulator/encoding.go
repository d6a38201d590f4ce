package simulator

import (
	"math/big"

	"cnie/internal/kdf"
)

// encode is the point encoding of ICAO 9303-11 appendix B.2. It wants a prime of
// the form 4k + 3, which that of P-224 is not (§9.5.1). The arithmetic takes the
// time it takes: a simulated card keeps no secret.
func (g curveGroup) encode(t *big.Int) (element, bool) {
	p, a, b, _, _ := g.curve.Params()
	if t.Sign() == 0 || p.Bit(0) == 0 || p.Bit(1) == 0 {
		return nil, false
	}
	f := field{p}
	alpha := f.minus(f.times(t, t))
	sum := f.plus(alpha, f.times(alpha, alpha))
	divisor := new(big.Int).ModInverse(f.times(a, sum), p)
	if divisor == nil {
		return nil, false
	}
	x2 := f.times(f.minus(b), f.plus(big.NewInt(1), sum), divisor)
	h2 := f.plus(f.times(x2, x2, x2), f.times(a, x2), b)
	x, y := x2, f.times(f.inverseRoot(h2), h2)
	if f.times(y, y).Cmp(h2) != 0 { // h2 is no square, so that its other candidate is
		x, y = f.times(alpha, x2), f.times(f.inverseRoot(h2), t, t, t, h2)
	}
	return g.parse(g.uncompressed(x, y))
}

func (g curveGroup) uncompressed(x, y *big.Int) []byte {
	n := g.curve.FieldBytes()
	b := make([]byte, 1+2*n)
	b[0] = 0x04
	x.FillBytes(b[1 : 1+n])
	y.FillBytes(b[1+n:])
	return b
}

// field is the numbers modulo a prime.
type field struct{ p *big.Int }

func (f field) minus(x *big.Int) *big.Int {
	n := new(big.Int).Neg(x)
	return n.Mod(n, f.p)
}

func (f field) plus(terms ...*big.Int) *big.Int {
	sum := new(big.Int)
	for _, x := range terms {
		sum.Add(sum, x)
	}
	return sum.Mod(sum, f.p)
}

func (f field) times(factors ...*big.Int) *big.Int {
	product := big.NewInt(1)
	for _, x := range factors {
		product.Mul(product, x).Mod(product, f.p)
	}
	return product
}

// inverseRoot is x to the power of p-1-(p+1)/4: one by the root of a square.
func (f field) inverseRoot(x *big.Int) *big.Int {
	exponent := new(big.Int).Add(f.p, big.NewInt(1))
	exponent.Rsh(exponent, 2)
	exponent.Sub(f.p, exponent).Sub(exponent, big.NewInt(1))
	return new(big.Int).Exp(x, exponent, f.p)
}

// The constants of the pseudo-random function, ICAO 9303-11 §4.4.3.3.2: for keys
// of 128 bits, and for longer ones.
var (
	constantsShort = [2]string{
		"\xa6\x68\x89\x2a\x7c\x41\xe3\xca\x73\x9f\x40\xb0\x57\xd8\x59\x04",
		"\xa4\xe1\x36\xac\x72\x5f\x73\x8b\x01\xc1\xf6\x02\x17\xc1\x88\xad",
	}
	constantsLong = [2]string{
		"\xd4\x63\xd6\x52\x34\x12\x4e\xf7\x89\x70\x54\x98\x6d\xca\x0a\x17\x4e\x28\xdf\x75\x8c\xba\xa0\x3f\x24\x06\x16\x41\x4d\x5a\x16\x76",
		"\x54\xbd\x72\x55\xf0\xaa\xf8\x31\xbe\xc3\x42\x3f\xcf\x39\xd6\x9b\x6c\xbf\x06\x66\x77\xd0\xfa\xae\x5a\xad\xd9\x9d\xf8\xe5\x35\x17",
	}
)

// pseudoRandom is R of ICAO 9303-11 figure 2: as many blocks as make a number at
// least 64 bits longer than the prime, so that its residue is evenly spread.
func pseudoRandom(c kdf.Cipher, s, t []byte, prime *big.Int) ([]byte, error) {
	constants := constantsShort
	if len(s) == len(constantsLong[0]) {
		constants = constantsLong
	}
	key, err := cbc(c, t, string(s))
	if err != nil {
		return nil, err
	}
	var out []byte
	for 8*len(out) < prime.BitLen()+64 {
		x, err := cbc(c, key, constants[1])
		if err != nil {
			return nil, err
		}
		out = append(out, x...)
		if key, err = cbc(c, key, constants[0]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// cbc encrypts under as much of a key as the cipher takes: AES-192 leaves eight
// bytes of a double block over.
func cbc(c kdf.Cipher, key []byte, plain string) ([]byte, error) {
	block, err := c.NewCipher(key[:min(len(key), c.KeyLen())])
	if err != nil {
		return nil, err
	}
	text := []byte(plain)
	encryptCBC(block, zeroIV[:block.BlockSize()], text)
	return text, nil
}

// nonceBytes is the length of s for a cipher, by the mapping that is longest: the
// smallest number of whole blocks that is no shorter than the key.
func nonceBytes(c kdf.Cipher) int {
	if c.KeyLen() > nonceSize {
		return 2 * nonceSize
	}
	return nonceSize
}
