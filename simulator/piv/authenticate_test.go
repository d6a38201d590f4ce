package piv_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator/piv"
)

// certificate reads the holder's certificate of a slot from the card.
func (x *terminal) certificate(slot piv.Slot) *x509.Certificate {
	x.t.Helper()
	tag, _ := slot.Certificate().MarshalText()
	content, sw := x.get(string(tag))
	require.Equal(x.t, "9000", sw)
	content = value(x.t, 0x53, content)
	der := value(x.t, 0x70, content[:len(content)-len(object(0x71, []byte{0}))-len(object(0xFE))])
	parsed, err := x509.ParseCertificate(der)
	require.NoError(x.t, err)
	return parsed
}

// use gives the PIN and runs GENERAL AUTHENTICATE; tag is 81 or 85.
func (x *terminal) use(slot piv.Slot, algorithm piv.Algorithm, tag int, input []byte) ([]byte, string) {
	x.t.Helper()
	x.steps([2]string{verifyPIN, "9000"})
	answer, sw := x.whole("87"+hex.EncodeToString([]byte{byte(algorithm), byte(slot)}), object(0x7C, object(0x82), object(tag, input)))
	if sw != "9000" {
		return nil, sw
	}
	return value(x.t, 0x82, value(x.t, 0x7C, answer)), sw
}

// pad is PKCS #1 padding for signatures.
func pad(size int, digest []byte) []byte {
	prefix, _ := hex.DecodeString("3031300d060960864801650304020105000420")
	tail := append(append([]byte{0}, prefix...), digest...)
	return append(append([]byte{0, 1}, bytes.Repeat([]byte{0xFF}, size-2-len(tail))...), tail...)
}

func TestSignatures(t *testing.T) {
	digest := sha256.Sum256([]byte("SPECIMEN"))
	for _, keys := range []map[piv.Slot]piv.Algorithm{nil, curves, large} {
		x := insert(t, specimen(t, keys))
		if keys == nil {
			keys = map[piv.Slot]piv.Algorithm{0x9A: piv.RSA2048, 0x9C: piv.P256, 0x9D: piv.RSA2048, 0x9E: piv.P256}
		}
		for slot, algorithm := range keys {
			switch public := x.certificate(slot).PublicKey.(type) {
			case *rsa.PublicKey:
				signature, sw := x.use(slot, algorithm, 0x81, pad(public.Size(), digest[:]))
				require.Equal(t, "9000", sw)
				assert.NoError(t, rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature), "%v", slot)
			case *ecdsa.PublicKey:
				for _, part := range [][]byte{digest[:], digest[:20]} {
					signature, sw := x.use(slot, algorithm, 0x81, part)
					require.Equal(t, "9000", sw)
					assert.True(t, ecdsa.VerifyASN1(public, part, signature), "%v", slot)
				}
			}
		}
	}
}

func TestDecryption(t *testing.T) {
	for _, keys := range []map[piv.Slot]piv.Algorithm{nil, large} {
		x := insert(t, specimen(t, keys))
		public := x.certificate(piv.KeyManagement).PublicKey.(*rsa.PublicKey)
		tail := []byte("\x00SPECIMEN")
		padded := append(append([]byte{0, 2}, bytes.Repeat([]byte{0x55}, public.Size()-2-len(tail))...), tail...)
		m := new(big.Int).SetBytes(padded)
		cryptogram := m.Exp(m, big.NewInt(int64(public.E)), public.N).FillBytes(make([]byte, public.Size()))
		algorithm := map[int]piv.Algorithm{2048: piv.RSA2048, 3072: piv.RSA3072}[public.N.BitLen()]
		plain, sw := x.use(piv.KeyManagement, algorithm, 0x81, cryptogram)
		require.Equal(t, "9000", sw)
		assert.Equal(t, padded, plain, "leading zeros stay")
	}
}

func TestKeyAgreement(t *testing.T) {
	for algorithm, curve := range map[piv.Algorithm]ecdh.Curve{piv.P256: ecdh.P256(), piv.P384: ecdh.P384()} {
		x := insert(t, specimen(t, map[piv.Slot]piv.Algorithm{piv.KeyManagement: algorithm, piv.Signature: algorithm}))
		theirs, err := x.certificate(piv.KeyManagement).PublicKey.(*ecdsa.PublicKey).ECDH()
		require.NoError(t, err)
		mine, err := curve.GenerateKey(rand.Reader)
		require.NoError(t, err)
		want, err := mine.ECDH(theirs)
		require.NoError(t, err)
		point := mine.PublicKey().Bytes()
		got, sw := x.use(piv.KeyManagement, algorithm, 0x85, point)
		require.Equal(t, "9000", sw)
		assert.Equal(t, want, got)

		_, sw = x.use(piv.Signature, algorithm, 0x85, point)
		assert.Equal(t, "6a80", sw, "a signature key agrees on nothing")
		off := bytes.Clone(point)
		off[len(off)-1] ^= 1
		for _, bad := range [][]byte{off, point[1:], {0}, make([]byte, len(point))} {
			_, sw = x.use(piv.KeyManagement, algorithm, 0x85, bad)
			assert.Equal(t, "6a80", sw)
		}
	}
}

// TestAccessToKeys is SP 800-73-5 part 1 table 4b; 9C has a test of its own.
func TestAccessToKeys(t *testing.T) {
	input := "267c2482008120" + hex.EncodeToString(make([]byte, 31)) + "01" + "00"
	x := insert(t, specimen(t, map[piv.Slot]piv.Algorithm{0x9A: piv.P256, 0x9D: piv.P256, 0x9E: piv.P256}))
	x.steps([2]string{"0087119a" + input, "6982"}, [2]string{"0087119d" + input, "6982"}, [2]string{"0087119e" + input, "*"})
	x.steps([2]string{verifyPIN, "9000"}, [2]string{"0087119a" + input, "*"}, [2]string{"0087119d" + input, "*"}, [2]string{"0087119a" + input, "*"})
	x.steps([2]string{"0020ff80", "9000"}, [2]string{"0087119a" + input, "6982"})
}

func TestAuthenticateRefusals(t *testing.T) {
	hash := hex.EncodeToString(bytes.Repeat([]byte{1}, 32))
	for _, c := range []struct{ name, command, sw string }{
		{"no such key reference", "00871199267c2482008120" + hash + "00", "6a86"},
		{"no key in this slot", "00871182267c2482008120" + hash + "00", "6a86"},
		{"the attestation slot", "008711f9267c2482008120" + hash + "00", "6a86"},
		{"another algorithm", "0087149e267c2482008120" + hash + "00", "6a86"},
		{"algorithm of this key elsewhere", "0087079e267c2482008120" + hash + "00", "6a86"},
		{"no template", "0087119e" + "00", "6a80"},
		{"other template", "0087119e067d0482008100" + "00", "6a80"},
		{"nothing to do", "0087119e047c02820000", "6a80"},
		{"no answer asked for", "0087119e247c228120" + hash + "00", "6a80"},
		{"answer given", "0087119e277c258201008120" + hash + "00", "6a80"},
		{"too long for the curve", "0087119e277c2582008121" + hash + "01" + "00", "6a80"},
		{"two inputs", "0087119e097c0782008101018500" + "00", "6a80"},
		{"twice the same", "0087119e0a7c08820081010181010100", "6a80"},
		{"witness", "0087119e067c048000820000", "6a80"},
		{"object cut", "0087119e067c04820081050000"[:22] + "00", "6a80"},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.sw, insert(t, nil).send(c.command)) })
	}
	x := insert(t, nil)
	n := x.certificate(piv.Authentication).PublicKey.(*rsa.PublicKey).N
	for name, input := range map[string][]byte{"the modulus": n.Bytes(), "short": make([]byte, 255), "long": make([]byte, 257)} {
		_, sw := x.use(piv.Authentication, piv.RSA2048, 0x81, input)
		assert.Equal(t, "6a80", sw, name)
	}
	mine, err := ecdh.P256().GenerateKey(rand.Reader)
	require.NoError(t, err)
	_, sw := x.use(piv.KeyManagement, piv.RSA2048, 0x85, mine.PublicKey().Bytes())
	assert.Equal(t, "6a80", sw, "RSA agrees on nothing")
}

func TestGenerate(t *testing.T) {
	x := insert(t, specimen(t, curves))
	assert.Equal(t, "6982", x.send("0047009a05ac0380011100"))
	manage(t, x)
	old := x.certificate(piv.Authentication)
	for _, c := range []struct{ name, command, sw string }{
		{"3DES", "0047009a05ac0380010300", "6a80"}, {"RSA-1024", "0047009a05ac0380010600", "6a80"},
		{"no template", "0047009a00", "6a80"}, {"no algorithm", "0047009a02ac0000", "6a80"},
		{"exponent 3", "0047009a08ac0680010781010300", "6a80"},
		{"vendor's policies", "0047009a08ac06800111aa010100", "6a80"},
		{"slot", "0047009b05ac0380011100", "6a86"}, {"attestation slot", "004700f905ac0380011100", "6a86"}, {"P1", "0047019a05ac0380011100", "6a86"},
	} {
		assert.Equal(t, c.sw, x.send(c.command), c.name)
	}
	for _, slot := range []piv.Slot{piv.Authentication, piv.Signature, piv.KeyManagement, piv.CardAuthentication, 0x82, 0x95} {
		for algorithm, curve := range map[piv.Algorithm]elliptic.Curve{piv.P256: elliptic.P256(), piv.P384: elliptic.P384()} {
			answer, sw := x.whole("4700"+slot.String(), object(0xAC, object(0x80, []byte{byte(algorithm)})))
			require.Equal(t, "9000", sw)
			public, err := ecdsa.ParseUncompressedPublicKey(curve, value(t, 0x86, value(t, 0x7F49, answer)))
			require.NoError(t, err)
			hash := bytes.Repeat([]byte{5}, 32)
			signature, sw := x.use(slot, algorithm, 0x81, hash)
			require.Equal(t, "9000", sw)
			assert.True(t, ecdsa.VerifyASN1(public, hash, signature))
		}
	}
	assert.Equal(t, old, x.certificate(piv.Authentication), "the certificate is the issuer's business")
}

func TestGenerateRSA(t *testing.T) {
	x := insert(t, specimen(t, curves))
	manage(t, x)
	answer, sw := x.whole("47009d", object(0xAC, object(0x80, []byte{byte(piv.RSA2048)}), object(0x81, []byte{1, 0, 1})))
	require.Equal(t, "9000", sw)
	parts := value(t, 0x7F49, answer)
	modulus := value(t, 0x81, parts[:len(parts)-5])
	assert.Equal(t, []byte{0x82, 3, 1, 0, 1}, parts[len(parts)-5:])
	assert.Len(t, modulus, 256)
	public := &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537}
	digest := sha256.Sum256(nil)
	signature, sw := x.use(piv.KeyManagement, piv.RSA2048, 0x81, pad(256, digest[:]))
	require.Equal(t, "9000", sw)
	assert.NoError(t, rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature))
}
