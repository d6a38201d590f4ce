package ledger

import (
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	keySize  = chacha20poly1305.KeySize
	saltSize = 32
)

// errSealed reports a record that its key does not open: one of the two was changed.
var errSealed = errors.New("the record does not open with its key")

// Leaf is what the log holds of a record: SHA-256 of a fixed prefix, the salt and the
// canonical record. The salt keeps whoever has the log from trying records out.
func Leaf(salt, canonical []byte) []byte {
	h := sha256.New()
	h.Write([]byte("cnie ledger leaf v1\n"))
	h.Write(salt)
	h.Write(canonical)
	return h.Sum(nil)
}

// bound ties a ciphertext to its slot and its leaf: exchanged with another, it does
// not open.
func bound(slot int64, leaf []byte) []byte {
	return append(binary.BigEndian.AppendUint64([]byte("cnie ledger record v1\n"), uint64(slot)), leaf...)
}

// seal encrypts salt and record: nonce, then ciphertext with its tag.
func seal(key []byte, slot int64, leaf, salt, canonical []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	nonce := random(aead.NonceSize())
	plain := append(append(make([]byte, 0, len(salt)+len(canonical)), salt...), canonical...)
	defer clear(plain)
	return aead.Seal(nonce, nonce, plain, bound(slot, leaf)), nil
}

// unseal gives back salt and canonical record.
func unseal(key []byte, slot int64, leaf, sealed []byte) (salt, canonical []byte, err error) {
	var aead cipher.AEAD
	if aead, err = chacha20poly1305.NewX(key); err != nil {
		return nil, nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, nil, errSealed
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], bound(slot, leaf))
	if err != nil || len(plain) < saltSize {
		return nil, nil, errSealed
	}
	return plain[:saltSize], plain[saltSize:], nil
}

// random never fails: crypto/rand ends the program rather than give less.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}
