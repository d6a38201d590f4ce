package mac

import (
	"crypto/cipher"
	"crypto/des"
	"crypto/subtle"
	"fmt"
)

// Retail is ISO/IEC 9797-1 MAC algorithm 3 with DES and padding method 2. Create with NewRetail.
type Retail struct {
	first, second cipher.Block
	state         [des.BlockSize]byte
	last          [des.BlockSize]byte
	n             int // bytes of the unfinished block already added into state
}

// NewRetail takes a 16-byte key, K then K'; DES parity bits are ignored. The code is 8 bytes long.
func NewRetail(key []byte) (*Retail, error) {
	if len(key) != 16 {
		return nil, fmt.Errorf("mac: retail key of %d bytes, want 16", len(key))
	}
	first, err := des.NewCipher(key[:8])
	if err != nil {
		return nil, fmt.Errorf("mac: first half of retail key: %w", err)
	}
	second, err := des.NewCipher(key[8:])
	if err != nil {
		return nil, fmt.Errorf("mac: second half of retail key: %w", err)
	}
	return &Retail{first: first, second: second}, nil
}

// Reset forgets what was written.
func (m *Retail) Reset() {
	clear(m.state[:])
	m.n = 0
}

// Write adds p to the message.
func (m *Retail) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 {
		n := subtle.XORBytes(m.state[m.n:], m.state[m.n:], p)
		m.n += n
		p = p[n:]
		if m.n == des.BlockSize {
			m.first.Encrypt(m.state[:], m.state[:])
			m.n = 0
		}
	}
	return total, nil
}

// Sum pads what was written by method 2 (a one bit, then zeros to the end of the block, always) and appends the
// 8-byte code to dst. Only the last block passes through the second key: that is what "algorithm 3" means.
func (m *Retail) Sum(dst []byte) []byte {
	m.last = m.state
	m.last[m.n] ^= 0x80
	m.first.Encrypt(m.last[:], m.last[:])
	m.second.Decrypt(m.last[:], m.last[:])
	m.first.Encrypt(m.last[:], m.last[:])
	return append(dst, m.last[:]...)
}
