package cert

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"encoding/binary"
	"math/big"
)

// verifyEMSA is RSASSA-PSS-VERIFY (RFC 8017 §8.1.2) with any pair of hashes and
// a salt of exactly alg.SaltLen bytes. Everything in it is public, so variable
// time is fine.
func verifyEMSA(key *rsa.PublicKey, alg Algorithm, digest, signature []byte) bool {
	s := new(big.Int).SetBytes(signature)
	if len(signature) != key.Size() || s.Cmp(key.N) >= 0 {
		return false
	}
	m := s.Exp(s, big.NewInt(int64(key.E)), key.N)
	bits := key.N.BitLen() - 1
	if m.BitLen() > bits {
		return false
	}
	return matchEMSA(alg, digest, m.FillBytes(make([]byte, (bits+7)/8)), bits)
}

// matchEMSA is EMSA-PSS-VERIFY (RFC 8017 §9.1.2). The encoded message is the
// masked 00…00 || 01 || salt, then the hash of digest and salt, then BC; it has
// no more than the given number of bits.
func matchEMSA(alg Algorithm, digest, encoded []byte, bits int) bool {
	zeros := len(encoded) - len(digest) - alg.SaltLen - 2
	if zeros < 0 || encoded[len(encoded)-1] != 0xbc {
		return false
	}
	block, hash := encoded[:zeros+1+alg.SaltLen], encoded[zeros+1+alg.SaltLen:len(encoded)-1]
	unmask(block, hash, alg.MGFHash)
	block[0] &= 0xff >> (8*len(encoded) - bits)
	if block[zeros] != 1 || len(bytes.TrimLeft(block[:zeros], "\x00")) != 0 {
		return false
	}
	h := alg.Hash.New()
	h.Write(make([]byte, 8))
	h.Write(digest)
	h.Write(block[zeros+1:])
	return bytes.Equal(h.Sum(nil), hash)
}

// unmask takes MGF1 of seed (RFC 8017 §B.2.1) off block.
func unmask(block, seed []byte, hash crypto.Hash) {
	h := hash.New()
	for counter := uint32(0); len(block) > 0; counter++ {
		h.Reset()
		h.Write(seed)
		h.Write(binary.BigEndian.AppendUint32(nil, counter))
		for _, b := range h.Sum(nil) {
			if len(block) == 0 {
				return
			}
			block[0] ^= b
			block = block[1:]
		}
	}
}
