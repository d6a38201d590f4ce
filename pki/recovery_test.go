package pki

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/vectors"
	"cnie/pki/cert"
)

// ICAO 9303-11, appendix F, which prints a representative and no key.
func TestWorkedExampleOfActiveAuthentication(t *testing.T) {
	v := vectors.Load(t, "icao-9303-11-f-aa")
	hash, err := checkRepresentative(v["f"], v["rnd_ifd"])
	require.NoError(t, err)
	assert.Equal(t, crypto.SHA1, hash)
	assert.Equal(t, slices.Concat([]byte{0x6A}, v["m1"], v["hash"], []byte{0xBC}), v["f"])
	for at := range v["f"] {
		spoilt := bytes.Clone(v["f"])
		spoilt[at] ^= 0x10
		_, err := checkRepresentative(spoilt, v["rnd_ifd"])
		assert.Error(t, err, at)
	}
}

// vector is one signature of Bouncy Castle.
type vector struct {
	key        *rsa.PublicKey
	nonce, sig []byte
	hash       int
}

func bouncyCastle(t *testing.T) (all []vector) {
	v := vectors.Load(t, "iso9796-2-bouncycastle")
	for i := 1; v[fmt.Sprintf("n_%d", i)] != nil; i++ {
		field := func(name string) []byte { return v[fmt.Sprintf("%s_%d", name, i)] }
		number := func(name string) *big.Int { return new(big.Int).SetBytes(field(name)) }
		key := &rsa.PublicKey{N: number("n"), E: int(number("e").Int64())}
		require.Equal(t, int(number("bits").Int64()), key.N.BitLen())
		all = append(all, vector{key, field("nonce"), field("signature"), int(number("hash").Int64())})
	}
	require.Len(t, all, 9)
	return all
}

func TestSignaturesOfBouncyCastle(t *testing.T) {
	for _, v := range bouncyCastle(t) {
		t.Run(fmt.Sprintf("%d bits, hash of %d bytes", v.key.N.BitLen(), v.hash), func(t *testing.T) {
			made, err := verifyRecovery(v.key, v.nonce, v.sig)
			require.NoError(t, err)
			assert.Equal(t, v.hash, made.hash.Size())
			assert.Equal(t, v.key.N.BitLen()%8 != 0, len(made.deviations) > 0, "%v", made.deviations)
			v.spoil(t)
			v.negate(t)
		})
	}
}

// spoil tries what is not the signature, or not of that nonce.
func (v vector) spoil(t *testing.T) {
	for at := range v.nonce {
		other := bytes.Clone(v.nonce)
		other[at] ^= 1
		_, err := verifyRecovery(v.key, other, v.sig)
		assert.ErrorIs(t, err, errOtherNonce)
	}
	for at := 0; at < len(v.sig); at += 7 {
		other := bytes.Clone(v.sig)
		other[at] ^= 1
		_, err := verifyRecovery(v.key, v.nonce, other)
		assert.Error(t, err, at)
	}
	beyond := new(big.Int).Add(v.key.N, new(big.Int).SetBytes(v.sig)).Bytes()
	for _, c := range []struct {
		sig  []byte
		want error
	}{
		{nil, errSignatureLength},
		{v.sig[1:], errSignatureLength},
		{append([]byte{0}, v.sig...), errSignatureLength},
		{append(bytes.Clone(v.sig), 0), errSignatureLength},
		{bytes.Repeat([]byte{0xFF}, len(v.sig)), errSignatureRange},
		{v.key.N.Bytes(), errSignatureRange},
		{make([]byte, len(v.sig)), errRepresentative},
		{append(make([]byte, len(v.sig)-1), 1), errRepresentative},
	} {
		_, err := verifyRecovery(v.key, v.nonce, c.sig)
		assert.ErrorIs(t, err, c.want)
	}
	if len(beyond) == len(v.sig) { // the same number modulo n
		_, err := verifyRecovery(v.key, v.nonce, beyond)
		assert.ErrorIs(t, err, errSignatureRange)
	}
}

// negate signs as annex B.4 does: of s and n-s the smaller one counts.
func (v vector) negate(t *testing.T) {
	negative := new(big.Int).Sub(v.key.N, new(big.Int).SetBytes(v.sig))
	made, err := verifyRecovery(v.key, v.nonce, negative.FillBytes(make([]byte, len(v.sig))))
	if new(big.Int).Lsh(negative, 1).Cmp(v.key.N) > 0 {
		assert.ErrorIs(t, err, errRepresentative)
		return
	}
	require.NoError(t, err)
	assert.Contains(t, fmt.Sprint(made.deviations), "B.4")
}

// Whoever has a key can sign anything. What is no representative of the standard
// is refused all the same, so that nobody who lacks it finds room for tricks.
func TestRepresentatives(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	nonce, filler := []byte("12345678"), bytes.Repeat([]byte{0x5A}, 128)
	sum := func(h crypto.Hash, parts ...[]byte) []byte {
		d := h.New()
		d.Write(slices.Concat(parts...))
		return d.Sum(nil)
	}
	with := func(header byte, h crypto.Hash, trailer ...byte) []byte {
		own := filler[:127-h.Size()-len(trailer)]
		return slices.Concat([]byte{header}, own, sum(h, own, nonce), trailer)
	}
	displaced := func(h crypto.Hash, before int, trailer ...byte) []byte { // garbage after the hash
		own := filler[:before]
		return slices.Concat([]byte{0x6A}, own, sum(h, own, nonce), filler[:127-before-h.Size()-len(trailer)], trailer)
	}
	padded := append([]byte{0x6B, 0xBB, 0xBA}, with(0x6A, crypto.SHA1, 0xBC)[3:]...)
	for name, c := range map[string]struct {
		block []byte
		want  error
	}{
		"SHA-1":                   {with(0x6A, crypto.SHA1, 0xBC), nil},
		"SHA-224":                 {with(0x6A, crypto.SHA224, 0x38, 0xCC), nil},
		"SHA-256":                 {with(0x6A, crypto.SHA256, 0x34, 0xCC), nil},
		"SHA-384":                 {with(0x6A, crypto.SHA384, 0x36, 0xCC), nil},
		"SHA-512":                 {with(0x6A, crypto.SHA512, 0x35, 0xCC), nil},
		"full recovery":           {with(0x4A, crypto.SHA256, 0x34, 0xCC), errFullRecovery},
		"padding":                 {padded, errRepresentative},
		"header of scheme 3":      {with(0x00, crypto.SHA256, 0x34, 0xCC), errRepresentative},
		"header with one bit":     {with(0x6E, crypto.SHA256, 0x34, 0xCC), errRepresentative},
		"SHA-256 without a name":  {with(0x6A, crypto.SHA256, 0xBC), errOtherNonce},
		"SHA-1 named":             {with(0x6A, crypto.SHA1, 0x33, 0xCC), errTrailer},
		"RIPEMD-160":              {with(0x6A, crypto.SHA1, 0x31, 0xCC), errTrailer},
		"another hash named":      {with(0x6A, crypto.SHA256, 0x35, 0xCC), errOtherNonce},
		"no trailer":              {with(0x6A, crypto.SHA256, 0x34, 0xDC), errRepresentative},
		"garbage after the hash":  {displaced(crypto.SHA256, 8, 0x34, 0xCC), errOtherNonce},
		"garbage, hash in front":  {displaced(crypto.SHA1, 0, 0xBC), errOtherNonce},
		"hash of the nonce alone": {slices.Concat([]byte{0x6A}, filler[:93], sum(crypto.SHA256, nonce), []byte{0x34, 0xCC})[:128], errOtherNonce},
		"all zero but the ends":   {slices.Concat([]byte{0x6A}, make([]byte, 126), []byte{0xBC}), errOtherNonce},
	} {
		t.Run(name, func(t *testing.T) {
			f := new(big.Int).SetBytes(c.block)
			sig := new(big.Int).Exp(f, private.D, private.N).FillBytes(make([]byte, 128))
			_, err := verifyRecovery(&private.PublicKey, nonce, sig)
			assert.ErrorIs(t, err, c.want)
		})
	}
}

// Between 8n and 8n+6 bits no header fits into whole bytes.
func TestOddModulus(t *testing.T) {
	n := new(big.Int).SetBit(big.NewInt(1), 2043, 1)
	_, err := verifyRecovery(&rsa.PublicKey{N: n, E: 3}, make([]byte, 8), make([]byte, 256))
	assert.ErrorIs(t, err, cert.ErrUnsupported)
}

// FuzzRecovery lets a chip answer anything to one nonce: one signature verifies.
func FuzzRecovery(f *testing.F) {
	v := vectors.Load(f, "iso9796-2-bouncycastle")
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(v["n_2"]), E: 3}
	f.Add(v["signature_2"])
	f.Add(v["signature_1"])
	f.Add([]byte{})
	f.Add(append(make([]byte, 127), 8))
	f.Fuzz(func(t *testing.T, sig []byte) {
		_, err := verifyRecovery(key, v["nonce_2"], sig)
		negative := new(big.Int).Sub(key.N, new(big.Int).SetBytes(sig))
		if original := bytes.Equal(sig, v["signature_2"]) || bytes.Equal(negative.Bytes(), v["signature_2"]); !original {
			require.Error(t, err)
		}
	})
}
