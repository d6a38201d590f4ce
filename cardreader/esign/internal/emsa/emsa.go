// Package emsa puts a digest into the block that an RSA key signs, for cards that
// apply the bare private key and leave the padding to the terminal.
//
// RFC 8017 §9: EMSA-PKCS1-v1_5 and EMSA-PSS. crypto/rsa has both, but only
// together with a private key of its own.
package emsa

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha256" // makes the hashes available, whoever imports this
	_ "crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrTooLong says that digest and padding do not fit the key.
var ErrTooLong = errors.New("the key is too short for this hash and padding")

// prefixes begin the DER of DigestInfo, RFC 8017 §9.2 note 1.
var prefixes = map[crypto.Hash][]byte{
	crypto.SHA256: prefix(1, 32),
	crypto.SHA384: prefix(2, 48),
	crypto.SHA512: prefix(3, 64),
}

// prefix is SEQUENCE { SEQUENCE { 2.16.840.1.101.3.4.2.N, NULL }, OCTET STRING }
// up to the digest.
func prefix(n, size byte) []byte {
	return []byte{0x30, 17 + size, 0x30, 13, 0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, n, 0x05, 0x00, 0x04, size}
}

// DigestInfo encodes a digest with the name of its hash.
func DigestInfo(hash crypto.Hash, digest []byte) ([]byte, error) {
	p, known := prefixes[hash]
	if !known || len(digest) != hash.Size() {
		return nil, fmt.Errorf("no DigestInfo for %d bytes of %v", len(digest), hash)
	}
	return append(append(make([]byte, 0, len(p)+len(digest)), p...), digest...), nil
}

// PKCS1v15 is the block 00 01 FF…FF 00 DigestInfo of size bytes.
func PKCS1v15(hash crypto.Hash, digest []byte, size int) ([]byte, error) {
	info, err := DigestInfo(hash, digest)
	if err != nil {
		return nil, err
	}
	filling := size - 3 - len(info)
	if filling < 8 {
		return nil, ErrTooLong
	}
	block := make([]byte, size)
	block[1] = 1
	for i := range filling {
		block[2+i] = 0xFF
	}
	copy(block[3+filling:], info)
	return block, nil
}

// SaltLength resolves the special values of rsa.PSSOptions as crypto/rsa does: by
// default as long as fits.
func SaltLength(key *rsa.PublicKey, o *rsa.PSSOptions) (int, error) {
	hash := o.HashFunc().Size()
	room := (key.N.BitLen()+6)/8 - 2 - hash
	length := o.SaltLength
	switch length {
	case rsa.PSSSaltLengthAuto:
		length = room
	case rsa.PSSSaltLengthEqualsHash:
		length = hash
	}
	if length < 0 || length > room {
		return 0, ErrTooLong
	}
	return length, nil
}

// PSS is the block of RFC 8017 §9.1.1, as long as the modulus, with MGF1 over the
// same hash.
func PSS(key *rsa.PublicKey, digest []byte, o *rsa.PSSOptions, random io.Reader) ([]byte, error) {
	length, err := SaltLength(key, o)
	if err != nil {
		return nil, err
	}
	salt := make([]byte, length)
	if _, err := io.ReadFull(random, salt); err != nil {
		return nil, fmt.Errorf("get salt: %w", err)
	}
	h := o.HashFunc().New()
	h.Write(make([]byte, 8))
	h.Write(digest)
	h.Write(salt)
	seal := h.Sum(nil)

	bits := key.N.BitLen() - 1
	block := make([]byte, key.Size())
	em := block[key.Size()-(bits+7)/8:]
	masked := em[:len(em)-len(seal)-1]
	masked[len(masked)-length-1] = 1
	copy(masked[len(masked)-length:], salt)
	mask(o.HashFunc(), seal, masked)
	masked[0] &= 0xFF >> (8*len(em) - bits)
	copy(em[len(masked):], seal)
	em[len(em)-1] = 0xBC
	return block, nil
}

// mask adds MGF1(seed), RFC 8017 appendix B.2.1.
func mask(hash crypto.Hash, seed, out []byte) {
	for counter := uint32(0); len(out) > 0; counter++ {
		h := hash.New()
		h.Write(seed)
		h.Write(binary.BigEndian.AppendUint32(nil, counter))
		stream := h.Sum(nil)
		n := min(len(stream), len(out))
		for i := range n {
			out[i] ^= stream[i]
		}
		out = out[n:]
	}
}

// Curve is the digest as ECDSA takes it: its leftmost bytes (FIPS 186-5 §6.4.1) or,
// since some cards take nothing shorter than the field, zeros before it. No hash
// fills P-521, and 66 bytes are more bits than its order has: a card would cut them.
func Curve(key *ecdsa.PublicKey, digest []byte) []byte {
	bits := key.Curve.Params().BitSize
	size := (bits + 7) / 8
	switch {
	case len(digest) >= size:
		return digest[:size]
	case bits%8 != 0:
		return digest
	}
	return append(make([]byte, size-len(digest)), digest...)
}
