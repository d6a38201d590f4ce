//go:build cgo

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
	"strings"
	"testing"

	client "github.com/go-piv/piv-go/v2/piv"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator/piv"
)

// opened finds the virtual reader and opens the card in it.
func opened(t *testing.T) (*client.YubiKey, error) {
	t.Helper()
	readers, err := client.Cards()
	require.NoError(t, err)
	for _, reader := range readers {
		if strings.HasPrefix(reader, "Virtual PCD 00 00") {
			return client.Open(reader)
		}
	}
	require.Failf(t, "no virtual reader", "%v", readers)
	return nil, nil
}

// go-piv opens nothing but Yubico's tokens.
func TestGoPIVWithoutYubico(t *testing.T) {
	inReader(t, specimen(t, curves))
	_, err := opened(t)
	assert.ErrorContains(t, err, "6d00")
}

func TestGoPIV(t *testing.T) {
	b := inReader(t, specimen(t, nil), piv.WithYubico())
	token, err := opened(t)
	require.NoError(t, err)
	defer token.Close()
	assert.Equal(t, client.Version{Major: 5, Minor: 4, Patch: 3}, token.Version())
	serial, err := token.Serial()
	require.NoError(t, err)
	assert.EqualValues(t, 99_000_001, serial)

	for _, slot := range []client.Slot{client.SlotAuthentication, client.SlotSignature, client.SlotKeyManagement, client.SlotCardAuthentication} {
		signWith(t, token, slot)
	}
	passwords(t, token)
	generated(t, token)
	agreed(t, token)
	imported(t, token)

	got, err := token.Metadata("123456")
	require.NoError(t, err)
	assert.Nil(t, got.ManagementKey)
	require.NoError(t, token.SetMetadata(factoryKey, &client.Metadata{ManagementKey: &factoryKey}))
	got, err = token.Metadata("123456")
	require.NoError(t, err)
	assert.Equal(t, factoryKey, *got.ManagementKey)

	next := bytes.Repeat([]byte{0x42}, 32)
	require.NoError(t, token.SetManagementKey(factoryKey, next))
	assert.Equal(t, piv.AES256, b.app.Contents().Management.Algorithm)
	assert.Error(t, token.SetManagementKey(factoryKey, next))
	require.NoError(t, token.SetRetries(next, "123456", 7, 2))
	left, err := token.Retries()
	require.NoError(t, err)
	assert.Equal(t, 7, left)
	require.NoError(t, token.Reset())
	_, err = token.Certificate(client.SlotAuthentication)
	assert.ErrorIs(t, err, client.ErrNotFound)
	assert.Len(t, b.app.Contents().Keys, 1)
}

var login6 = client.KeyAuth{PIN: "123456"}

func signer(t *testing.T, token *client.YubiKey, slot client.Slot, public crypto.PublicKey) crypto.Signer {
	t.Helper()
	private, err := token.PrivateKey(slot, public, login6)
	require.NoError(t, err)
	return private.(crypto.Signer)
}

// signWith signs twice, since 9C wants the PIN again.
func signWith(t *testing.T, token *client.YubiKey, slot client.Slot) {
	t.Helper()
	certificate, err := token.Certificate(slot)
	require.NoError(t, err)
	digest := sha256.Sum256([]byte("SPECIMEN"))
	for range 2 {
		signature, err := signer(t, token, slot, certificate.PublicKey).Sign(rand.Reader, digest[:], crypto.SHA256)
		require.NoError(t, err, slot.String())
		switch public := certificate.PublicKey.(type) {
		case *rsa.PublicKey:
			assert.NoError(t, rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature))
		case *ecdsa.PublicKey:
			assert.True(t, ecdsa.VerifyASN1(public, digest[:], signature))
		}
	}
	described, err := token.KeyInfo(slot)
	require.NoError(t, err)
	assert.Equal(t, client.OriginImported, described.Origin)
	assert.Equal(t, certificate.PublicKey, described.PublicKey)
}

func passwords(t *testing.T, token *client.YubiKey) {
	t.Helper()
	require.NoError(t, token.SetPIN("123456", "654321"))
	var refused client.AuthErr
	require.ErrorAs(t, token.VerifyPIN("123456"), &refused)
	assert.Equal(t, 2, refused.Retries)
	require.NoError(t, token.Unblock("12345678", "123456"))
	require.NoError(t, token.SetPUK("12345678", "87654321"))
	require.ErrorAs(t, token.Unblock("12345678", "111111"), &refused)
	require.NoError(t, token.SetPUK("87654321", "12345678"))
	left, err := token.Retries()
	require.NoError(t, err)
	assert.Equal(t, 3, left)
	require.NoError(t, token.VerifyPIN("123456"))
}

// generated makes a key of each kind, has it attested and believes the attestation
// of the specimen root alone.
func generated(t *testing.T, token *client.YubiKey) {
	t.Helper()
	for slot, algorithm := range map[client.Slot]client.Algorithm{
		client.SlotSignature: client.AlgorithmEC384, client.SlotCardAuthentication: client.AlgorithmEC256, client.SlotAuthentication: client.AlgorithmRSA2048,
	} {
		public, err := token.GenerateKey(factoryKey, slot, client.Key{Algorithm: algorithm, PINPolicy: client.PINPolicyAlways, TouchPolicy: client.TouchPolicyNever})
		require.NoError(t, err)
		digest := sha256.Sum256([]byte("SPECIMEN"))
		_, err = signer(t, token, slot, public).Sign(rand.Reader, digest[:], crypto.SHA256)
		require.NoError(t, err)
		attested, err := token.Attest(slot)
		require.NoError(t, err)
		assert.Equal(t, public, attested.PublicKey)
		above, err := token.AttestationCertificate()
		require.NoError(t, err)
		_, err = client.Verify(above, attested)
		assert.Error(t, err, "Yubico did not sign this")
		roots := x509.NewCertPool()
		roots.AddCert(above)
		said, err := (&client.Verifier{Roots: roots}).Verify(above, attested)
		require.NoError(t, err)
		assert.Equal(t, slot, said.Slot)
		assert.Equal(t, client.PINPolicyAlways, said.PINPolicy)
		assert.EqualValues(t, 99_000_001, said.Serial)
		require.NoError(t, token.SetCertificate(factoryKey, slot, attested))
		stored, err := token.Certificate(slot)
		require.NoError(t, err)
		assert.Equal(t, attested.Raw, stored.Raw)
	}
	_, err := token.Attest(client.SlotKeyManagement)
	assert.ErrorIs(t, err, client.ErrNotFound)
}

func agreed(t *testing.T, token *client.YubiKey) {
	t.Helper()
	public, err := token.GenerateKey(factoryKey, client.SlotKeyManagement, client.Key{Algorithm: client.AlgorithmEC256, PINPolicy: client.PINPolicyOnce, TouchPolicy: client.TouchPolicyNever})
	require.NoError(t, err)
	mine, err := ecdh.P256().GenerateKey(rand.Reader)
	require.NoError(t, err)
	theirs, err := public.(*ecdsa.PublicKey).ECDH()
	require.NoError(t, err)
	want, err := mine.ECDH(theirs)
	require.NoError(t, err)
	private, err := token.PrivateKey(client.SlotKeyManagement, public, login6)
	require.NoError(t, err)
	got, err := private.(*client.ECDSAPrivateKey).ECDH(mine.PublicKey())
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func imported(t *testing.T, token *client.YubiKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	require.NoError(t, token.SetPrivateKeyInsecure(factoryKey, client.SlotSignature, key, client.Key{PINPolicy: client.PINPolicyOnce, TouchPolicy: client.TouchPolicyNever}))
	digest := sha256.Sum256([]byte("SPECIMEN"))
	signature, err := signer(t, token, client.SlotSignature, key.Public()).Sign(rand.Reader, digest[:], crypto.SHA256)
	require.NoError(t, err)
	assert.True(t, ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature))
}
