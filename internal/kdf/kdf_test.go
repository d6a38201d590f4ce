package kdf_test

import (
	"crypto/sha256"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/kdf"
	"cnie/internal/vectors"
)

func TestVectors(t *testing.T) {
	for name, c := range map[string]kdf.Cipher{
		"kdf-9303-d1": kdf.TDES,
		"kdf-9303-d3": kdf.TDES,
		"kdf-9303-g1": kdf.AES128,
	} {
		v := vectors.Load(t, name)
		assert.Equal(t, v["enc"], kdf.Derive(c, v["secret"], kdf.Enc), name)
		assert.Equal(t, v["mac"], kdf.Derive(c, v["secret"], kdf.Mac), name)
	}
	v := vectors.Load(t, "kdf-9303-g1")
	assert.Equal(t, v["pi"], kdf.Derive(kdf.AES128, v["password"], kdf.Password))
}

// No worked example is printed for the long keys: they are checked against the definition.
func TestLongKeys(t *testing.T) {
	secret := []byte("a shared secret")
	sum := sha256.Sum256(append(append([]byte{}, secret...), 0, 0, 0, 2))
	assert.Equal(t, sum[:24], kdf.Derive(kdf.AES192, secret, kdf.Mac))
	assert.Equal(t, sum[:], kdf.Derive(kdf.AES256, secret, kdf.Mac))
	assert.Equal(t, []byte("a shared secret"), secret)
}

func TestCiphers(t *testing.T) {
	for c, want := range map[kdf.Cipher]struct {
		name       string
		key, block int
	}{
		kdf.TDES:   {"3DES", 16, 8},
		kdf.AES128: {"AES-128", 16, 16},
		kdf.AES192: {"AES-192", 24, 16},
		kdf.AES256: {"AES-256", 32, 16},
	} {
		assert.Equal(t, want.name, c.String())
		assert.Equal(t, want.key, c.KeyLen())
		assert.Equal(t, want.block, c.BlockSize())
		key := kdf.Derive(c, []byte("secret"), kdf.Enc)
		require.Len(t, key, want.key)
		block, err := c.NewCipher(key)
		require.NoError(t, err)
		assert.Equal(t, want.block, block.BlockSize())
		_, err = c.NewCipher(key[1:])
		assert.Error(t, err)
	}
}

func TestInvalidCipher(t *testing.T) {
	for _, c := range []kdf.Cipher{0, 5, 255} {
		assert.Nil(t, kdf.Derive(c, []byte("secret"), kdf.Enc))
		assert.Zero(t, c.KeyLen())
		assert.Zero(t, c.BlockSize())
		assert.Equal(t, "no cipher", c.String())
		_, err := c.NewCipher(make([]byte, 16))
		assert.Error(t, err)
	}
}

func TestParity(t *testing.T) {
	for i := range 256 {
		for _, b := range kdf.Derive(kdf.TDES, []byte{byte(i)}, kdf.Enc) {
			require.Equal(t, 1, bits.OnesCount8(b)%2)
		}
	}
}
