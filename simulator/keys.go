package simulator

import (
	"crypto/cipher"
	"crypto/subtle"
	"fmt"

	"cnie/internal/kdf"
	"cnie/internal/mac"
)

// codeSize is the length of every checksum and token on the wire: a CMAC is cut
// to it (ICAO 9303-11 §9.8.6.2, §9.8.7.2).
const codeSize = 8

// keys are one pair of derived keys, ready to use.
type keys struct {
	cipher cipher.Block
	mac    mac.MAC
}

// deriveKeys makes KSEnc and KSMAC of a shared secret, ICAO 9303-11 §9.7.4.
func deriveKeys(c kdf.Cipher, secret []byte) (*keys, error) {
	block, err := c.NewCipher(kdf.Derive(c, secret, kdf.Enc))
	if err != nil {
		return nil, fmt.Errorf("derive encryption key: %w", err)
	}
	code, err := newMAC(c, kdf.Derive(c, secret, kdf.Mac))
	if err != nil {
		return nil, fmt.Errorf("derive authentication key: %w", err)
	}
	return &keys{block, code}, nil
}

func newMAC(c kdf.Cipher, key []byte) (mac.MAC, error) {
	if c == kdf.TDES {
		return mac.NewRetail(key)
	}
	block, err := c.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return mac.NewCMAC(block), nil
}

// code is the checksum of a whole message.
func (k *keys) code(message []byte) []byte {
	k.mac.Reset()
	_, _ = k.mac.Write(message)
	return k.mac.Sum(nil)[:codeSize]
}

// confirms compares a received checksum in constant time.
func (k *keys) confirms(message, code []byte) bool {
	return subtle.ConstantTimeCompare(k.code(message), code) == 1
}

// encryptCBC encrypts whole blocks in place.
func encryptCBC(c cipher.Block, iv, buf []byte) {
	for n := c.BlockSize(); len(buf) >= n; iv, buf = buf[:n], buf[n:] {
		subtle.XORBytes(buf, buf[:n], iv)
		c.Encrypt(buf, buf)
	}
}

// decryptCBC decrypts whole blocks of src into dst, which must not overlap.
func decryptCBC(c cipher.Block, iv, dst, src []byte) {
	for n := c.BlockSize(); len(src) >= n; iv, dst, src = src[:n], dst[n:], src[n:] {
		c.Decrypt(dst, src)
		subtle.XORBytes(dst, dst[:n], iv)
	}
}
