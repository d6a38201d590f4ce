package emsa_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/esign/internal/emsa"
)

// raw applies the bare private key, as a card does.
func raw(key *rsa.PrivateKey, block []byte) []byte {
	m := new(big.Int).SetBytes(block)
	return m.Exp(m, key.D, key.N).FillBytes(make([]byte, key.Size()))
}

var hashes = []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512}

func digest(hash crypto.Hash) []byte {
	h := hash.New()
	h.Write([]byte("SPECIMEN"))
	return h.Sum(nil)
}

// Blocks are judged by crypto/rsa, which pads apart from this package. Odd lengths
// move the first bit of PSS.
func TestBlocksVerify(t *testing.T) {
	for _, bits := range []int{2048, 2049, 2055, 3072} {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		require.NoError(t, err)
		for _, hash := range hashes {
			block, err := emsa.PKCS1v15(hash, digest(hash), key.Size())
			require.NoError(t, err)
			require.Len(t, block, key.Size())
			assert.NoError(t, rsa.VerifyPKCS1v15(&key.PublicKey, hash, digest(hash), raw(key, block)))
			for _, salt := range []int{rsa.PSSSaltLengthAuto, rsa.PSSSaltLengthEqualsHash, 1, 20} {
				o := &rsa.PSSOptions{Hash: hash, SaltLength: salt}
				block, err := emsa.PSS(&key.PublicKey, digest(hash), o, rand.Reader)
				require.NoError(t, err)
				assert.NoError(t, rsa.VerifyPSS(&key.PublicKey, hash, digest(hash), raw(key, block), o), "%d bits, %v, salt %d", bits, hash, salt)
			}
			longest, err := emsa.SaltLength(&key.PublicKey, &rsa.PSSOptions{Hash: hash})
			require.NoError(t, err)
			signature, err := rsa.SignPSS(rand.Reader, key, hash, digest(hash), nil)
			require.NoError(t, err)
			assert.NoError(t, rsa.VerifyPSS(&key.PublicKey, hash, digest(hash), signature, &rsa.PSSOptions{SaltLength: longest}), "as long as crypto/rsa makes it")
		}
	}
}

var errEmpty = errors.New("no randomness left")

type empty struct{}

func (empty) Read([]byte) (int, error) { return 0, errEmpty }

func TestWhatDoesNotFit(t *testing.T) {
	small := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 511), E: 65537} // 512 bits
	_, err := emsa.PKCS1v15(crypto.SHA512, digest(crypto.SHA512), small.Size())
	assert.ErrorIs(t, err, emsa.ErrTooLong)
	for _, salt := range []int{rsa.PSSSaltLengthAuto, rsa.PSSSaltLengthEqualsHash, 8, -7} {
		_, err = emsa.PSS(small, digest(crypto.SHA512), &rsa.PSSOptions{Hash: crypto.SHA512, SaltLength: salt}, rand.Reader)
		assert.ErrorIs(t, err, emsa.ErrTooLong)
	}
	for _, size := range []int{0, 31, 33} {
		_, err = emsa.DigestInfo(crypto.SHA256, make([]byte, size))
		assert.Error(t, err)
	}
	_, err = emsa.DigestInfo(crypto.SHA1, make([]byte, 20))
	assert.Error(t, err)
	big := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 2047), E: 65537}
	_, err = emsa.PSS(big, digest(crypto.SHA256), &rsa.PSSOptions{Hash: crypto.SHA256}, empty{})
	assert.ErrorIs(t, err, errEmpty)
}

// A digest that was brought to the curve's size is the same number to ECDSA.
func TestCurve(t *testing.T) {
	for _, c := range []struct {
		curve      elliptic.Curve
		hash, size int
	}{
		{elliptic.P256(), 32, 32}, {elliptic.P256(), 48, 32}, {elliptic.P256(), 64, 32},
		{elliptic.P384(), 32, 48}, {elliptic.P384(), 48, 48}, {elliptic.P384(), 64, 48},
		{elliptic.P521(), 32, 32}, {elliptic.P521(), 64, 64},
	} {
		key, err := ecdsa.GenerateKey(c.curve, rand.Reader)
		require.NoError(t, err)
		whole := bytes.Repeat([]byte{0xA5}, c.hash)
		cut := emsa.Curve(&key.PublicKey, whole)
		assert.Len(t, cut, c.size)
		signature, err := ecdsa.SignASN1(rand.Reader, key, cut)
		require.NoError(t, err)
		assert.True(t, ecdsa.VerifyASN1(&key.PublicKey, whole, signature), "%v %d", c.curve.Params().Name, c.hash)
	}
}
