package piv_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator/piv"
)

// Off unless asked for: a plain card knows none of it.
func TestYubicoIsOptional(t *testing.T) {
	x := insert(t, nil)
	for _, command := range []string{"00fd000000", "00f8000000", "00f7009a00", "00f99a0000", "00fa0303", "00fb0000", "00fe119a00", "00ffffff00"} {
		assert.Equal(t, "6d00", x.send(command))
	}
	_, sw := x.get("5fff01")
	assert.Equal(t, "6a82", sw)
}

func TestYubicoQuestions(t *testing.T) {
	x := insert(t, nil, piv.WithYubico())
	x.steps(
		[2]string{"00fd000000", "0504039000"}, [2]string{"00f8000000", "05e69ec19000"},
		[2]string{"00f7008000", "0101ff" + "050101" + "06020303" + "9000"}, [2]string{"00f7008100", "0101ff" + "050101" + "06020303" + "9000"},
		[2]string{"00f7009b00", "010103" + "02020001" + "050101" + "9000"},
		[2]string{"00f7008200", "6a88"}, [2]string{"00f7019a00", "6a86"}, [2]string{"00e0000000", "6d00"},
		[2]string{wrongPIN, "63c2"}, [2]string{"0024008010" + pin + digits, "9000"}, [2]string{wrongPIN, "63c2"},
		[2]string{"00f7008000", "0101ff" + "050100" + "06020302" + "9000"},
		[2]string{"00f99c0000", "6a80"}, // it was not made on the card
		[2]string{"00f9f90000", "6a86"}, [2]string{"00f99a0100", "6a86"},
		[2]string{"00fa0303", "6982"}, [2]string{"00fb0000", "6985"}, [2]string{"00fe119a00", "6982"}, [2]string{"00ffffff00", "6982"},
	)
	answer, sw := x.whole("f7009c", nil)
	require.Equal(t, "9000", sw)
	public := x.certificate(piv.Signature).PublicKey.(*ecdsa.PublicKey)
	point, err := public.Bytes()
	require.NoError(t, err)
	assert.Equal(t, "010111"+"02020301"+"030102"+"0443"+"8641"+hex.EncodeToString(point), hex.EncodeToString(answer))
}

func TestAttestation(t *testing.T) {
	x := insert(t, nil, piv.WithYubico())
	require.Equal(t, "9000", x.mutual(piv.TDES, factoryKey))
	made, sw := x.whole("4700"+"9c", object(0xAC, object(0x80, []byte{0x11}), object(0xAA, []byte{2}), object(0xAB, []byte{3})))
	require.Equal(t, "9000", sw)
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), value(t, 0x86, value(t, 0x7F49, made)))
	require.NoError(t, err)
	der, sw := x.whole("f99c00", nil)
	require.Equal(t, "9000", sw)
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	assert.True(t, public.Equal(c.PublicKey))
	attester := x.certificate(0xF9)
	assert.NoError(t, c.CheckSignatureFrom(attester))
	assert.Contains(t, attester.Issuer.CommonName, "SPECIMEN")
	seen := map[string]string{}
	for _, e := range c.Extensions {
		seen[e.Id.String()] = hex.EncodeToString(e.Value)
	}
	assert.Equal(t, "050403", seen["1.3.6.1.4.1.41482.3.3"])
	assert.Equal(t, "0203", seen["1.3.6.1.4.1.41482.3.8"])
	// The key's own policy replaces the slot's.
	sign := "0087119c267c2482008120" + hex.EncodeToString(bytes.Repeat([]byte{1}, 32)) + "00"
	x.steps([2]string{sign, "6982"}, [2]string{verifyPIN, "9000"}, [2]string{sign, "*"}, [2]string{sign, "*"})
	assert.Equal(t, "6a80", x.send("0047009c08ac06800111aa010400"), "a policy that there is not")
	require.Equal(t, "6a82", x.send("00db3fff075c035ffe005300"))
	x.steps([2]string{"00db3fff075c035fff015300", "9000"}, [2]string{"00f99c0000", "6a80"})
}

func TestImport(t *testing.T) {
	x := insert(t, specimen(t, curves), piv.WithYubico())
	require.Equal(t, "9000", x.mutual(piv.TDES, factoryKey))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), append(make([]byte, 31), 9))
	require.NoError(t, err)
	scalar, err := key.Bytes()
	require.NoError(t, err)
	_, sw := x.whole("fe119e", append(object(6, scalar), object(0xAA, []byte{1})...))
	require.Equal(t, "9000", sw)
	hash := bytes.Repeat([]byte{5}, 32)
	signature, sw := x.use(piv.CardAuthentication, piv.P256, 0x81, hash)
	require.Equal(t, "9000", sw)
	assert.True(t, ecdsa.VerifyASN1(&key.PublicKey, hash, signature))
	x.steps([2]string{"00f99e0000", "6a80"})

	rsaKey := specimen(t, nil).Keys[piv.Authentication].Private
	parts := rsaParts(rsaKey)
	_, sw = x.whole("fe079a", parts)
	require.Equal(t, "9000", sw)
	assert.Equal(t, rsaKey.Public(), x.app.Contents().Keys[piv.Authentication].Private.Public())

	broken := bytes.Clone(parts)
	broken[20] ^= 2 // no prime any more
	for header, data := range map[string][]byte{
		"fe079b": parts, "fe069a": parts, "fe059a": parts, "fe119a": parts, "fe079c": broken, "fe079d": nil,
		"fe119c": object(6, make([]byte, 32)), "fe149c": object(6, scalar), "fe119d": append(object(6, scalar), object(0xAA, []byte{9})...),
		"fe079e": append(object(1, make([]byte, 128)), object(2, make([]byte, 128))...), "fe0a9e": object(6, make([]byte, 24)),
	} {
		_, sw := x.whole(header, data)
		assert.Contains(t, []string{"6a80", "6a86"}, sw, header)
	}
}

func TestYubicoAdministration(t *testing.T) {
	x := insert(t, nil, piv.WithYubico())
	require.Equal(t, "9000", x.mutual(piv.TDES, factoryKey))
	next := bytes.Repeat([]byte{0x5A}, 16)
	set := fmt.Sprintf("00ffffff13089b10%x", next)
	for _, bad := range [][2]string{
		{"00ff0000" + set[8:], "6a86"}, {"00ffffff13089a10" + set[16:], "6a80"}, {"00ffffff130a9b10" + set[16:], "6a80"},
		{"00ffffff12089b10" + set[18:], "6a80"}, {"00ffffff02089b", "6a80"}, {"00ffffff13119b10" + set[16:], "6a80"},
	} {
		assert.Equal(t, bad[1], x.send(bad[0]), bad[0])
	}
	x.steps([2]string{set, "9000"})
	require.Equal(t, "9000", x.mutual(piv.AES128, next))
	x.steps([2]string{"00f7009b00", "010108" + "02020001" + "050100" + "9000"})

	x.steps([2]string{"00fa0504", "6982"}, [2]string{verifyPIN, "9000"}, [2]string{"00fa0004", "6a86"}, [2]string{"00fa0204", "9000"})
	x.steps([2]string{"00200080", "63c2"}, [2]string{wrongPIN, "63c1"}, [2]string{wrongPIN, "63c0"}, [2]string{"00fb0000", "6985"})
	for i := 3; i >= 0; i-- {
		x.steps([2]string{"002c008010" + wrong + pin, fmt.Sprintf("63c%d", i)})
	}
	attester := x.certificate(0xF9)
	x.steps([2]string{"00fb0000", "9000"}, [2]string{"00200080", "63c3"}, [2]string{"00cb3fff035c017e00", "6a82"}, [2]string{empty9E, "6982"})
	assert.Equal(t, attester, x.certificate(0xF9))
	assert.Equal(t, "9000", x.mutual(piv.TDES, factoryKey))
	assert.Len(t, x.app.Contents().Keys, 1)
}
