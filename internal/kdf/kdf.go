// Package kdf derives the keys of ICAO Doc 9303-11 §9.7: from a shared secret, a counter and a cipher come the session
// keys of BAC, PACE and Chip Authentication, and the key that protects PACE's nonce.
//
//	K = H(secret ‖ counter), cut to the cipher's key length
//
// with SHA-1 for 3DES and AES-128, SHA-256 for the longer AES keys. SHA-1 is what the document says; its known
// weaknesses (collisions) do not reach this use.
package kdf

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// What a key is for (ICAO 9303-11 §9.7.1).
const (
	Enc      uint32 = 1 // encryption of session messages
	Mac      uint32 = 2 // their authentication
	Password uint32 = 3 // PACE: encryption of the nonce, from the CAN or MRZ
)

// Cipher is one of the block ciphers of secure messaging. The zero value is none of them.
type Cipher uint8

// The ciphers of ICAO 9303-11 §9.8. TDES is two-key triple DES.
const (
	TDES Cipher = 1 + iota
	AES128
	AES192
	AES256
)

var ciphers = [...]struct {
	name       string
	key, block int
}{
	{"no cipher", 0, 0},
	{"3DES", 16, des.BlockSize},
	{"AES-128", 16, aes.BlockSize},
	{"AES-192", 24, aes.BlockSize},
	{"AES-256", 32, aes.BlockSize},
}

// Valid reports whether c is one of the constants.
func (c Cipher) Valid() bool { return c >= TDES && c <= AES256 }

// String returns "3DES", "AES-128", "AES-192" or "AES-256".
func (c Cipher) String() string { return ciphers[c.index()].name }

// KeyLen is the length of a key in bytes; 0 for an invalid cipher.
func (c Cipher) KeyLen() int { return ciphers[c.index()].key }

// BlockSize is the length of a block in bytes; 0 for an invalid cipher.
func (c Cipher) BlockSize() int { return ciphers[c.index()].block }

// index is c, or 0 (no cipher) when there is no such one.
func (c Cipher) index() Cipher {
	if c.Valid() {
		return c
	}
	return 0
}

// NewCipher returns the block cipher with a key of KeyLen bytes.
func (c Cipher) NewCipher(key []byte) (cipher.Block, error) {
	switch {
	case !c.Valid():
		return nil, fmt.Errorf("kdf: %v", c)
	case len(key) != c.KeyLen():
		return nil, fmt.Errorf("kdf: %v key of %d bytes, want %d", c, len(key), c.KeyLen())
	case c == TDES: // two keys: the third is the first again
		return des.NewTripleDESCipher(append(append(make([]byte, 0, 24), key...), key[:8]...))
	default:
		return aes.NewCipher(key)
	}
}

// Derive returns a new key of c.KeyLen() bytes for the purpose counter (Enc, Mac, Password). An invalid cipher gives nil,
// which NewCipher refuses.
func Derive(c Cipher, secret []byte, counter uint32) []byte {
	input := binary.BigEndian.AppendUint32(append(make([]byte, 0, len(secret)+4), secret...), counter)
	defer clear(input)
	switch c {
	case TDES: // §9.7.1.1
		return oddParity(sha1Prefix(input))
	case AES128: // §9.7.1.2
		return sha1Prefix(input)
	case AES192, AES256:
		sum := sha256.Sum256(input)
		return sum[:c.KeyLen():c.KeyLen()]
	default:
		return nil
	}
}

func sha1Prefix(input []byte) []byte {
	sum := sha1.Sum(input)
	return sum[:16:16]
}

// oddParity sets the lowest bit of each byte so that the byte has an odd number of ones, as DES keys are written.
func oddParity(key []byte) []byte {
	for i, b := range key {
		key[i] = b&^1 | byte(bits.OnesCount8(b>>1)+1)&1
	}
	return key
}
