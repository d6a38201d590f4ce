package mac

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

const blockSize = aes.BlockSize

// scratchBlocks bounds how much is encrypted in one call of the CBC mode: its output is thrown away but for one block.
const scratchBlocks = 32

// CMAC is AES-CMAC with any AES key length. Create with NewCMAC.
type CMAC struct {
	block   cipher.Block
	cbc     cipher.BlockMode
	carried [blockSize]byte // what cbc will add to its next block: the mode cannot be told to start anew
	state   [blockSize]byte // what CMAC must add to its next block: equal to carried, but zero after Reset
	k1, k2  [blockSize]byte // subkeys for a whole and for a padded last block
	buf     [blockSize]byte // the last block is held back: it is treated differently
	n       int
	scratch [scratchBlocks * blockSize]byte
}

// NewCMAC returns an AES-CMAC with a 16-byte tag. The block cipher must have 16-byte blocks; anything else panics.
func NewCMAC(block cipher.Block) *CMAC {
	if block.BlockSize() != blockSize {
		panic("mac: CMAC needs a cipher with 16-byte blocks")
	}
	c := &CMAC{block: block, cbc: cipher.NewCBCEncrypter(block, make([]byte, blockSize))}
	block.Encrypt(c.k1[:], c.k1[:])
	double(&c.k1)
	c.k2 = c.k1
	double(&c.k2)
	return c
}

// double multiplies by x in GF(2^128), without branching on the secret subkey (SP 800-38B §6.1).
func double(b *[blockSize]byte) {
	carry := b[0] >> 7
	for i := range blockSize - 1 {
		b[i] = b[i]<<1 | b[i+1]>>7
	}
	b[blockSize-1] = b[blockSize-1]<<1 ^ carry*0x87
}

// Reset forgets what was written.
func (c *CMAC) Reset() {
	clear(c.state[:])
	clear(c.buf[:])
	c.n = 0
}

// Write adds p to the message.
func (c *CMAC) Write(p []byte) (int, error) {
	total := len(p)
	if room := blockSize - c.n; len(p) > room {
		if c.n > 0 {
			copy(c.buf[c.n:], p[:room])
			p = p[room:]
			c.absorb(c.buf[:])
			c.n = 0
		}
		if whole := (len(p) - 1) / blockSize * blockSize; whole > 0 {
			c.absorb(p[:whole])
			p = p[whole:]
		}
	}
	c.n += copy(c.buf[c.n:], p)
	return total, nil
}

// absorb runs whole blocks through CBC.
func (c *CMAC) absorb(p []byte) {
	if c.state != c.carried { // the first block after Reset: cancel what the mode still carries
		subtle.XORBytes(c.scratch[:blockSize], p[:blockSize], c.carried[:])
		subtle.XORBytes(c.scratch[:blockSize], c.scratch[:blockSize], c.state[:])
		c.encrypt(c.scratch[:blockSize])
		p = p[blockSize:]
	}
	for len(p) > 0 {
		n := min(len(p), len(c.scratch))
		c.encrypt(p[:n])
		p = p[n:]
	}
}

func (c *CMAC) encrypt(p []byte) {
	c.cbc.CryptBlocks(c.scratch[:len(p)], p)
	copy(c.state[:], c.scratch[len(p)-blockSize:])
	c.carried = c.state
}

// Sum appends the 16-byte tag to dst.
func (c *CMAC) Sum(dst []byte) []byte {
	last := c.scratch[:blockSize]
	copy(last, c.buf[:c.n])
	key := &c.k1
	if c.n < blockSize {
		last[c.n] = 0x80
		clear(last[c.n+1:])
		key = &c.k2
	}
	subtle.XORBytes(last, last, key[:])
	subtle.XORBytes(last, last, c.state[:])
	c.block.Encrypt(last, last)
	return append(dst, last...)
}
