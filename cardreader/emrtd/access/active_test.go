package access

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/apdu/securemsg"
	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/specimen"
)

// rsaKey is an EF.DG15 with a modulus of so many bits; nobody has the key.
func rsaKey(t *testing.T, bits int) []byte {
	n := new(big.Int).SetBit(big.NewInt(1), bits-1, 1)
	spki, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: n, E: 65537})
	require.NoError(t, err)
	return lds.EncodeDG15(spki)
}

func curveKey(c *ec.Curve) []byte {
	return lds.EncodeDG15(specimen.PublicKey(c, false, c.Generator().Bytes()))
}

func TestSignatureSize(t *testing.T) {
	for want, dg15 := range map[int][]byte{
		128: rsaKey(t, 1024), 256: rsaKey(t, 2048), 512: rsaKey(t, 4096),
		64: curveKey(ec.BrainpoolP256r1()), 132: curveKey(ec.P521()),
	} {
		size, known := signatureSize(dg15)
		assert.True(t, known)
		assert.Equal(t, want, size)
	}
	for _, dg15 := range [][]byte{nil, {0x6F, 0}, lds.EncodeDG15([]byte{0x30, 0}), curveKey(ec.P256())[:40]} {
		_, known := signatureSize(dg15)
		assert.False(t, known)
	}
}

// signer answers plain commands in turn and writes them down.
type signer struct {
	answers []apdu.Response
	asked   []int // Ne
}

func (s *signer) Transmit(_ context.Context, c apdu.Command) (apdu.Response, error) {
	s.asked = append(s.asked, c.Ne)
	r := s.answers[0]
	s.answers = s.answers[1:]
	return r, nil
}

// Chips differ in the length that they want to be asked for.
func TestSignInEveryWay(t *testing.T) {
	const good = apdu.StatusOK
	signature := make([]byte, 128)
	for name, c := range map[string]struct {
		answers []apdu.Response
		asked   []int
		sw      apdu.Status // of the error; 0: none
	}{
		"at once":           {[]apdu.Response{{Data: signature, SW: good}}, []int{256}, 0},
		"length named":      {[]apdu.Response{{SW: 0x6C80}, {Data: signature, SW: good}}, []int{256, 128}, 0},
		"length not named":  {[]apdu.Response{{SW: 0x6700}, {Data: signature, SW: good}}, []int{256, 128}, 0},
		"no length will do": {[]apdu.Response{{SW: 0x6700}, {SW: 0x6700}}, []int{256, 128}, 0x6700},
		"a loop":            {[]apdu.Response{{SW: 0x6C80}, {SW: 0x6C80}}, []int{256, 128}, 0x6C80},
		"no key":            {[]apdu.Response{{SW: 0x6A88}}, []int{256}, 0x6A88},
	} {
		t.Run(name, func(t *testing.T) {
			card := &signer{answers: c.answers}
			got, err := sign(context.Background(), card, apdu.Command{INS: apdu.INSInternalAuthenticate, Ne: 256}, 128)
			assert.Equal(t, c.asked, card.asked)
			if c.sw == 0 {
				require.NoError(t, err)
				assert.Equal(t, signature, got)
				return
			}
			var refusal *apdu.StatusError
			require.ErrorAs(t, err, &refusal)
			assert.Equal(t, c.sw, refusal.SW)
		})
	}
}

// lengths notes the form of protected commands and drops the channel.
type lengths struct {
	extended bool
	sent     []apdu.Command
	err      error
}

func (l *lengths) ExtendedLength() bool { return l.extended }

func (l *lengths) Transmit(_ context.Context, c apdu.Command) (apdu.Response, error) {
	l.sent = append(l.sent, c)
	return apdu.Response{SW: 0x6988}, l.err
}

// §6.1.4: long signatures need extended length, where card and reader have it;
// whatever else happens, short ones do not.
func TestFormOfTheCommand(t *testing.T) {
	for _, c := range []struct {
		bits     int
		extended bool
		want     int
	}{{1024, true, 256}, {1784, true, 256}, {1856, true, 65536}, {2048, true, 65536}, {2048, false, 256}, {4096, false, 256}} {
		card := &lengths{extended: c.extended}
		s, err := newSession(card, kdf.AES128, make([]byte, 20), nil)
		require.NoError(t, err)
		transcript, err := ActiveAuthentication(context.Background(), card, s, rsaKey(t, c.bits), []byte("12345678"))
		assert.ErrorIs(t, err, securemsg.ErrIntegrity)
		assert.Equal(t, &pki.ActiveAuthentication{Outcome: pki.ChipBroken, Challenge: []byte("12345678")}, transcript)
		require.Len(t, card.sent, 1)
		assert.Equal(t, []byte{0x0C, 0x88, 0, 0}, []byte{card.sent[0].CLA, card.sent[0].INS, card.sent[0].P1, card.sent[0].P2})
		assert.Equal(t, c.want, card.sent[0].Ne, "%d bits", c.bits)
	}
}

func TestNothingToSignWith(t *testing.T) {
	card := &lengths{err: errors.New("gone")}
	s, err := newSession(card, kdf.AES128, make([]byte, 20), nil)
	require.NoError(t, err)
	transcript, err := ActiveAuthentication(context.Background(), card, s, []byte{0x6F, 0}, make([]byte, 8))
	assert.NoError(t, err)
	assert.Nil(t, transcript)
	assert.Empty(t, card.sent)
	transcript, err = ActiveAuthentication(context.Background(), card, s, rsaKey(t, 2048), make([]byte, 8))
	assert.ErrorIs(t, err, card.err)
	assert.Nil(t, transcript)
}
