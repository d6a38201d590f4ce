package pki

import (
	"crypto"
	"crypto/rsa"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"

	"cnie/pki/cert"
)

// Markers of a message representative, ISO/IEC 9796-2 §8 in the profile of ICAO
// 9303-11 §6.1.2.2. The header is one of partial recovery without padding, since
// the chip's nonce has to fill all the room that there is.
const (
	headerPartial = 0x6A
	headerFull    = 0x4A
	trailerSHA1   = 0xBC // option 1, and then no byte names the hash
	trailerNamed  = 0xCC // option 2: the byte before it does
)

// trailers are the hash functions of option 2.
var trailers = map[byte]crypto.Hash{0x38: crypto.SHA224, 0x34: crypto.SHA256, 0x36: crypto.SHA384, 0x35: crypto.SHA512}

// minNonce is how much the chip must bring in itself, in bytes: with less, the
// terminal would be choosing what is signed.
const minNonce = 8

var (
	errSignatureLength = errors.New("it is not as long as the key")
	errSignatureRange  = errors.New("it is not below the modulus")
	errRepresentative  = errors.New("what comes out of it is no signed message")
	errFullRecovery    = errors.New("it recovers a whole message, so that the terminal's nonce is not in it")
	errTrailer         = errors.New("its trailer names no hash function that the standard allows")
	errOtherNonce      = errors.New("it is not over the nonce that was sent")
)

// verifyRecovery verifies a signature of ISO/IEC 9796-2 scheme 1 over M1 || M2,
// of which it carries M1, the chip's nonce; M2 is the terminal's. Every bit of
// the representative is header, nonce, hash or trailer: there is none in which a
// forger could hide what makes his arithmetic come out.
func verifyRecovery(key *rsa.PublicKey, nonce, sig []byte) (signature, error) {
	made := signature{}
	block, err := openRecovery(key, sig, &made)
	if err == nil {
		made.hash, err = checkRepresentative(block, nonce)
	}
	made.described = fmt.Sprintf("RSA of %d bits, ISO 9796-2 with %v", key.N.BitLen(), made.hash)
	return made, err
}

// checkRepresentative finds the hash function with which a representative binds
// the terminal's nonce, if it does.
func checkRepresentative(block, nonce []byte) (crypto.Hash, error) {
	body, hash, err := splitTrailer(block)
	switch {
	case err != nil:
		return 0, err
	case body[0] == headerFull:
		return 0, errFullRecovery
	case body[0] != headerPartial, len(body) < 1+minNonce+hash.Size():
		return 0, errRepresentative
	}
	recovered, sum := body[1:len(body)-hash.Size()], body[len(body)-hash.Size():]
	h := hash.New()
	h.Write(recovered)
	h.Write(nonce)
	if subtle.ConstantTimeCompare(h.Sum(nil), sum) != 1 {
		return 0, errOtherNonce
	}
	return hash, nil
}

// openRecovery raises the signature to the public exponent. Of the two ways to
// make signatures the standard prefers B.6, plain exponentiation; by B.4 a chip
// gives the smaller of s and n-s, which shows in the last four bits.
func openRecovery(key *rsa.PublicKey, sig []byte, made *signature) ([]byte, error) {
	bits := key.N.BitLen()
	switch {
	case bits%8 == 7: // the header's first bit is zero anyway
		made.deviate("a modulus of %d bits", bits)
	case bits%8 != 0:
		return nil, fmt.Errorf("a modulus of %d bits leaves no whole bytes: %w", bits, cert.ErrUnsupported)
	}
	size := (bits + 7) / 8
	if len(sig) != size {
		return nil, errSignatureLength
	}
	s := new(big.Int).SetBytes(sig)
	if s.Cmp(key.N) >= 0 {
		return nil, errSignatureRange
	}
	f := new(big.Int).Exp(s, big.NewInt(int64(key.E)), key.N)
	if f.Bit(0) == 1 && s.Lsh(s, 1).Cmp(key.N) < 0 { // representatives are even, the modulus is odd
		f.Sub(key.N, f)
		made.deviate("the signature was made as in annex B.4 of ISO 9796-2, which §6.1.2.2 advises against")
	}
	return f.FillBytes(make([]byte, size)), nil
}

// splitTrailer cuts the trailer off.
func splitTrailer(block []byte) (body []byte, hash crypto.Hash, err error) {
	n := len(block)
	switch block[n-1] {
	case trailerSHA1:
		return block[:n-1], crypto.SHA1, nil
	case trailerNamed:
		if hash, known := trailers[block[n-2]]; known {
			return block[:n-2], hash, nil
		}
		return nil, 0, errTrailer
	}
	return nil, 0, errRepresentative
}
