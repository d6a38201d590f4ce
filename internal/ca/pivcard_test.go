package ca_test

import (
	"context"
	"crypto"
	"crypto/aes"
	"crypto/ecdsa"
	"crypto/x509"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
)

// pivCard is a simulated card as its issuer sees it: commands and answers.
type pivCard struct {
	t       *testing.T
	channel *apdu.Channel
	keys    map[piv.Slot]piv.Key // for their public halves only
}

type wire struct{ chip *simulator.Chip }

func (w wire) TransmitRaw(_ context.Context, command []byte) ([]byte, error) {
	return w.chip.Transmit(command), nil
}

// insertCard makes a card with P-256 keys, selects PIV, and shows it the PIN.
func insertCard(t *testing.T, name string) *pivCard {
	t.Helper()
	contents, err := piv.Specimen(name, map[piv.Slot]piv.Algorithm{piv.Authentication: piv.P256, piv.Signature: piv.P256})
	require.NoError(t, err)
	chip := simulator.New(&persona.Card{BAC: true}, simulator.WithApplet(piv.New(contents)))
	c := &pivCard{t, apdu.NewChannel(wire{chip}), contents.Keys}
	c.do(apdu.Command{INS: 0xA4, P1: 0x04, Data: []byte{0xA0, 0x00, 0x00, 0x03, 0x08}, Ne: 256})
	c.pin()
	return c
}

func (c *pivCard) do(command apdu.Command) []byte {
	c.t.Helper()
	answer, err := apdu.Do(context.Background(), c.channel, command)
	require.NoError(c.t, err)
	return answer
}

func (c *pivCard) pin() { c.do(apdu.Command{INS: 0x20, P2: 0x80, Data: []byte("123456\xFF\xFF")}) }

// object is a data object of BER-TLV.
func object(tag byte, value ...byte) []byte {
	switch n := len(value); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, value...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, value...)
	default:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, value...)
	}
}

// key is a key on the card as a signer.
func (c *pivCard) key(slot piv.Slot) crypto.Signer { return cardKey{c, slot} }

type cardKey struct {
	card *pivCard
	slot piv.Slot
}

func (k cardKey) Public() crypto.PublicKey { return k.card.keys[k.slot].Private.Public() }

// Sign has the card sign: GENERAL AUTHENTICATE, SP 800-73-5 part 2 §3.2.4, right
// after the PIN, which 9C wants each time.
func (k cardKey) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	k.card.pin()
	template := object(0x7C, append([]byte{0x82, 0}, object(0x81, digest...)...)...)
	answer := k.card.do(apdu.Command{INS: 0x87, P1: byte(piv.P256), P2: byte(k.slot), Data: template, Ne: 256})
	signature := answer[4:] // 7C LL 82 LL
	require.True(k.card.t, ecdsa.VerifyASN1(k.Public().(*ecdsa.PublicKey), digest, signature))
	return signature, nil
}

// manage proves the management key that every new card has: an AES-192 challenge.
func (c *pivCard) manage() {
	c.t.Helper()
	answer := c.do(apdu.Command{INS: 0x87, P1: byte(piv.AES192), P2: 0x9B, Data: []byte{0x7C, 2, 0x81, 0}, Ne: 256})
	block, err := aes.NewCipher([]byte{1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8})
	require.NoError(c.t, err)
	proof := make([]byte, aes.BlockSize)
	block.Encrypt(proof, answer[4:])
	c.do(apdu.Command{INS: 0x87, P1: byte(piv.AES192), P2: 0x9B, Data: object(0x7C, object(0x82, proof...)...)})
}

// store puts a certificate onto the card, SP 800-73-5 part 1 table 10.
func (c *pivCard) store(slot piv.Slot, certificate *x509.Certificate) {
	c.t.Helper()
	tag := slot.Certificate()
	content := append(object(0x70, certificate.Raw...), 0x71, 1, 0, 0xFE, 0)
	c.do(apdu.Command{INS: 0xDB, P1: 0x3F, P2: 0xFF, Data: append(object(0x5C, byte(tag>>16), byte(tag>>8), byte(tag)), object(0x53, content...)...)})
}

// load reads it back.
func (c *pivCard) load(slot piv.Slot) *x509.Certificate {
	c.t.Helper()
	tag := slot.Certificate()
	answer := c.do(apdu.Command{INS: 0xCB, P1: 0x3F, P2: 0xFF, Data: object(0x5C, byte(tag>>16), byte(tag>>8), byte(tag)), Ne: 256})
	require.Equal(c.t, []byte{0x53, 0x82, 0x70, 0x82}, []byte{answer[0], answer[1], answer[4], answer[5]})
	read, err := x509.ParseCertificate(answer[8 : len(answer)-5])
	require.NoError(c.t, err)
	return read
}
