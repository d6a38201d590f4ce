package piv

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"io"
)

// Algorithm is a cryptographic algorithm identifier, SP 800-78-5 table 6-2.
type Algorithm byte

// The algorithms of the management key, then those of the holder's keys.
const (
	TDES    Algorithm = 0x03
	AES128  Algorithm = 0x08
	AES192  Algorithm = 0x0A
	AES256  Algorithm = 0x0C
	RSA2048 Algorithm = 0x07
	RSA3072 Algorithm = 0x05
	P256    Algorithm = 0x11
	P384    Algorithm = 0x14
)

// block makes the cipher of a management key; the key's length must fit.
func (a Algorithm) block(key []byte) (cipher.Block, error) {
	if n, known := map[Algorithm]int{TDES: 24, AES128: 16, AES192: 24, AES256: 32}[a]; !known || n != len(key) {
		return nil, errors.New("no such management key")
	}
	if a == TDES {
		return des.NewTripleDESCipher(key)
	}
	return aes.NewCipher(key)
}

// bits is the length of an RSA modulus, 0 for anything else.
func (a Algorithm) bits() int {
	switch a {
	case RSA2048:
		return 2048
	case RSA3072:
		return 3072
	}
	return 0
}

// curve is nil for anything but elliptic curves.
func (a Algorithm) curve() elliptic.Curve {
	switch a {
	case P256:
		return elliptic.P256()
	case P384:
		return elliptic.P384()
	}
	return nil
}

// generate makes a private key.
func (a Algorithm) generate(random io.Reader) (crypto.Signer, error) {
	if bits := a.bits(); bits > 0 {
		return rsa.GenerateKey(random, bits)
	}
	if curve := a.curve(); curve != nil {
		return ecdsa.GenerateKey(curve, random)
	}
	return nil, errors.New("no such asymmetric algorithm")
}

// algorithmOf is 0 for keys that no PIV card has.
func algorithmOf(key crypto.Signer) Algorithm {
	for _, a := range []Algorithm{RSA2048, RSA3072, P256, P384} {
		switch k := key.(type) {
		case *rsa.PrivateKey:
			if k.N.BitLen() == a.bits() {
				return a
			}
		case *ecdsa.PrivateKey:
			if k.Curve == a.curve() {
				return a
			}
		}
	}
	return 0
}
