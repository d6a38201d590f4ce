package ec_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"cnie/internal/ec"
	"cnie/internal/vectors"
)

func TestRFC6979(t *testing.T) {
	for _, name := range []string{"P-192", "P-224", "P-256", "P-384", "P-521"} {
		v := vectors.Load(t, "ec-rfc6979-"+name)
		c, ok := ec.ByName(name)
		require.True(t, ok)
		pub := mul(t, c.Generator(), v["d"])
		assert.Equal(t, join([]byte{4}, v["x"], v["y"]), pub.Bytes())
		for _, message := range []string{"sample", "test"} {
			r, s, err := ec.Sign(c, v["d"], v[message+"-digest"])
			require.NoError(t, err)
			assert.Equal(t, v[message+"-r"], scalar(c, r), "%s %s", name, message)
			assert.Equal(t, v[message+"-s"], scalar(c, s), "%s %s", name, message)
			assert.True(t, ec.Verify(pub, v[message+"-digest"], r, s))
		}
	}
}

// The standard library signs deterministically too when it is given no random source: same key, same digest, same pair.
// One P-256 message below makes the first nonce candidate too large ("wv[vnX", from Go's own tests).
func TestSignAgainstStandardLibrary(t *testing.T) {
	for c, std := range map[*ec.Curve]elliptic.Curve{
		ec.P224(): elliptic.P224(), ec.P256(): elliptic.P256(), ec.P384(): elliptic.P384(), ec.P521(): elliptic.P521(),
	} {
		d := vectors.Load(t, "ec-rfc6979-"+c.Name())["d"]
		key, err := ecdsa.ParseRawPrivateKey(std, d)
		require.NoError(t, err)
		messages := []string{"wv[vnX"}
		for i := range 20 {
			messages = append(messages, fmt.Sprint("message ", i))
		}
		for _, message := range messages {
			d256, d384, d512 := sha256.Sum256([]byte(message)), sha512.Sum384([]byte(message)), sha512.Sum512([]byte(message))
			for hash, digest := range map[crypto.Hash][]byte{crypto.SHA256: d256[:], crypto.SHA384: d384[:], crypto.SHA512: d512[:]} {
				der, err := key.Sign(nil, digest, hash)
				require.NoError(t, err)
				wantR, wantS, ok := parseSignature(der)
				require.True(t, ok)
				r, s, err := ec.Sign(c, d, digest)
				require.NoError(t, err)
				require.Equal(t, wantR.String()+","+wantS.String(), r.String()+","+s.String(), "%s %v %q", c.Name(), hash, message)
			}
		}
	}
}

func TestSignAndVerify(t *testing.T) {
	each(t, func(t *testing.T, c *ec.Curve) {
		d, err := c.RandomScalar(nil)
		require.NoError(t, err)
		pub := mul(t, c.Generator(), d)
		other := add(t, pub, c.Generator())
		for _, length := range []int{0, 1, 20, 28, 32, 48, 64, 100} {
			digest := make([]byte, length)
			for i := range digest {
				digest[i] = byte(255 - i)
			}
			r, s, err := ec.Sign(c, d, digest)
			require.NoError(t, err)
			again, _, err := ec.Sign(c, d, digest)
			require.NoError(t, err)
			assert.Equal(t, r, again, "deterministic")
			require.True(t, ec.Verify(pub, digest, r, s), "%d bytes", length)
			assert.True(t, ec.Verify(pub, digest, r, new(big.Int).Sub(c.Order(), s)), "ECDSA accepts −s")

			assert.False(t, ec.Verify(other, digest, r, s))
			assert.False(t, ec.Verify(pub, digest, s, r))
			assert.False(t, ec.Verify(pub, digest, new(big.Int).Add(r, c.Order()), s))
			assert.False(t, ec.Verify(pub, digest, r, new(big.Int).Add(s, c.Order())))
			if length > 0 {
				digest[0] ^= 0x80
				assert.False(t, ec.Verify(pub, digest, r, s))
			}
		}
	})
}

func TestVerifyRefusesNonsense(t *testing.T) {
	each(t, func(t *testing.T, c *ec.Curve) {
		g, n, digest := c.Generator(), c.Order(), make([]byte, 32)
		one, zero, minus := big.NewInt(1), new(big.Int), big.NewInt(-1)
		for _, pair := range [][2]*big.Int{
			{zero, one}, {one, zero}, {zero, zero}, {minus, one}, {one, minus}, {n, one}, {one, n}, {nil, one}, {one, nil},
		} {
			assert.False(t, ec.Verify(g, digest, pair[0], pair[1]))
		}
		assert.False(t, ec.Verify(mul(t, g, nil), digest, one, one), "key at infinity")
		// u1·G + u2·Q at infinity: Q = −G, e = r.
		minusG := mul(t, g, scalar(c, new(big.Int).Sub(n, one)))
		assert.False(t, ec.Verify(minusG, scalar(c, one), one, one))
	})
}

func TestSignRefusesBadKeys(t *testing.T) {
	each(t, func(t *testing.T, c *ec.Curve) {
		for _, d := range [][]byte{nil, {1}, scalar(c, new(big.Int)), scalar(c, c.Order()), make([]byte, c.ScalarBytes()+1)} {
			_, _, err := ec.Sign(c, d, make([]byte, 32))
			assert.Error(t, err)
		}
	})
}

// parseSignature reads the DER of ECDSA-Sig-Value, strictly.
func parseSignature(der []byte) (r, s *big.Int, ok bool) {
	var pair cryptobyte.String
	input := cryptobyte.String(der)
	r, s = new(big.Int), new(big.Int)
	ok = input.ReadASN1(&pair, asn1.SEQUENCE) && input.Empty() &&
		pair.ReadASN1Integer(r) && pair.ReadASN1Integer(s) && pair.Empty()
	return r, s, ok
}
