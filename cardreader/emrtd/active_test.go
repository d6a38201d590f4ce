package emrtd_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/emrtd"
	"cnie/internal/ec"
	"cnie/lds"
	"cnie/pki"
	"cnie/simulator/persona"
)

// extended reads as a program does that knows the card's ATR.
func extended(t *testing.T, l *link, o emrtd.Options) *pki.Evidence {
	t.Helper()
	var options []apdu.Option
	if cardreader.ATR(l.chip.ATR()).ExtendedLength() {
		options = append(options, apdu.WithExtendedLength())
	}
	e, err := emrtd.Read(context.Background(), apdu.NewChannel(l, options...), o)
	require.NoError(t, err)
	require.Empty(t, e.Broken)
	return e
}

// verified opens the signature with the key on the card, by the shortest code
// that does: pki judges, this only wants the right one to have arrived.
func verified(t *testing.T, card *persona.Card, a *pki.ActiveAuthentication) {
	t.Helper()
	require.NotNil(t, a)
	require.Equal(t, pki.ChipPerformed, a.Outcome, "status %04X", a.Status)
	require.Len(t, a.Challenge, 8)
	h := card.ActiveKey.Hash.New()
	if key := card.ActiveKey; key.RSA == nil {
		public, err := key.Curve.Generator().Mul(key.Private)
		require.NoError(t, err)
		h.Write(a.Challenge)
		size := len(a.Response) / 2
		assert.Equal(t, key.Curve.ScalarBytes(), size)
		assert.True(t, ec.Verify(public, h.Sum(nil), new(big.Int).SetBytes(a.Response[:size]), new(big.Int).SetBytes(a.Response[size:])))
		return
	}
	spki, err := lds.ParseDG15(card.Files[lds.DG15])
	require.NoError(t, err)
	parsed, err := x509.ParsePKIXPublicKey(spki)
	require.NoError(t, err)
	public := parsed.(*rsa.PublicKey)
	require.Len(t, a.Response, public.Size())
	f := new(big.Int).Exp(new(big.Int).SetBytes(a.Response), big.NewInt(int64(public.E)), public.N).FillBytes(make([]byte, public.Size()))
	trailer := 2
	if card.ActiveKey.Hash == crypto.SHA1 {
		trailer = 1
	}
	end := len(f) - trailer
	h.Write(f[1 : end-h.Size()])
	h.Write(a.Challenge)
	assert.Equal(t, h.Sum(nil), f[end-h.Size():end])
}

// Every kind of key, under both ciphers of secure messaging, with and without
// extended length: of the signatures beyond 231 bytes each arrives whole.
func TestActiveAuthentication(t *testing.T) {
	keys := []persona.Active{{RSA: 1024, Hash: "SHA-1"}, {RSA: 1024, Hash: "SHA-512"}, {RSA: 2048}, {RSA: 2048, Hash: "SHA-224"}, {RSA: 3072, Hash: "SHA-384"}, {RSA: 4096, Hash: "SHA-512"}}
	for _, curve := range []string{"P-192", "P-224", "P-256", "P-384", "P-521", "brainpoolP192r1", "brainpoolP224r1", "brainpoolP256r1", "brainpoolP320r1", "brainpoolP384r1", "brainpoolP512r1"} {
		keys = append(keys, persona.Active{Curve: curve})
	}
	short := false
	for _, key := range keys {
		for i, cipher := range []string{"3DES", "AES-128"} {
			for _, length := range []*bool{nil, &short} {
				t.Run(fmt.Sprint(key.RSA, key.Curve, " ", cipher, " ", length == nil), func(t *testing.T) {
					p, err := persona.Load("specimen")
					require.NoError(t, err)
					p.Chip.Active, p.Chip.ExtendedLength = &key, length
					p.Chip.PACE = []persona.Protocol{{Curve: "P-256", Cipher: cipher}}
					if i == 0 { // without Chip Authentication the session is that of PACE
						p.Chip.Authentication = nil
					}
					card, err := p.Card()
					require.NoError(t, err)
					e := extended(t, insert(card), emrtd.Options{Password: can(t, card.CAN)})
					verified(t, card, e.Active)
				})
			}
		}
	}
}

// The nonce is fresh, or it is what the verifier elsewhere expects.
func TestNonce(t *testing.T) {
	card := load(t, "active-only")
	first := extended(t, insert(card), emrtd.Options{Password: can(t, card.CAN)})
	second := extended(t, insert(card), emrtd.Options{Password: can(t, card.CAN)})
	assert.NotEqual(t, first.Active.Challenge, second.Active.Challenge)
	challenge := []byte("0123456789abcdef")
	bound := extended(t, insert(card), emrtd.Options{Password: can(t, card.CAN), Challenge: challenge})
	assert.Equal(t, pki.ActiveNonce(challenge, card.Files[lds.SOD]), bound.Active.Challenge)
	verified(t, card, bound.Active)
}

// It is the last step, and somebody who waits is told.
func TestActiveComesLast(t *testing.T) {
	card := load(t, "active-and-chip")
	var steps []emrtd.Progress
	l := insert(card)
	e := extended(t, l, emrtd.Options{Password: can(t, card.CAN), Files: asked, Progress: func(p emrtd.Progress) { steps = append(steps, p) }})
	assert.Equal(t, emrtd.Progress{Step: emrtd.StepActive, File: lds.DG15}, steps[len(steps)-1])
	assert.Equal(t, byte(apdu.INSInternalAuthenticate), l.seen[len(l.seen)-1][1])
	assert.Equal(t, pki.ChipPerformed, e.Chip.Outcome)
	assert.True(t, bytes.Equal(card.Files[lds.DG15], e.Files[lds.DG15]))
}

// What a chip can do instead of signing.
func TestActiveRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil   func(*persona.Card)
		outcome pki.ChipOutcome
		status  uint16
	}{
		"no key":   {func(c *persona.Card) { c.ActiveKey = nil }, pki.ChipRefused, 0x6A88},
		"no DG15":  {func(c *persona.Card) { delete(c.Files, lds.DG15) }, "", 0},
		"bad DG15": {func(c *persona.Card) { c.Files[lds.DG15] = []byte{0x6F, 0} }, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			card := load(t, "active-rsa")
			c.spoil(card)
			e := extended(t, insert(card), emrtd.Options{Password: can(t, card.CAN)})
			if c.outcome == "" {
				assert.Nil(t, e.Active)
				return
			}
			require.NotNil(t, e.Active)
			assert.Equal(t, c.outcome, e.Active.Outcome)
			assert.Equal(t, c.status, e.Active.Status)
			assert.Empty(t, e.Active.Response)
		})
	}
}

// A damaged signature never gets past secure messaging; that it was damaged is
// found of the channel and of the chip.
func TestActiveOverABrokenChannel(t *testing.T) {
	card := load(t, "active-chained")
	whole := insert(card)
	extended(t, whole, emrtd.Options{Password: can(t, card.CAN)})
	for last := range 3 { // INTERNAL AUTHENTICATE and two GET RESPONSE
		l := insert(card)
		l.change = func(command int, _, answer []byte) []byte {
			if command == whole.commands-1-last {
				answer[0] ^= 1
			}
			return answer
		}
		e, err := read(l, emrtd.Options{Password: can(t, card.CAN)})
		require.NoError(t, err)
		assert.Equal(t, "have the chip sign", e.Broken)
		require.NotNil(t, e.Active)
		assert.Equal(t, pki.ChipBroken, e.Active.Outcome)
	}
}

// The card is pulled while it signs, or between two pieces of the signature.
func TestRemovalWhileSigning(t *testing.T) {
	card := load(t, "active-chained")
	whole := insert(card)
	extended(t, whole, emrtd.Options{Password: can(t, card.CAN)})
	for last := range 3 {
		l := insert(card)
		l.cutAt = whole.commands - 1 - last
		e, err := read(l, emrtd.Options{Password: can(t, card.CAN)})
		assert.ErrorIs(t, err, cardreader.ErrCardRemoved)
		assert.Nil(t, e)
	}
}

// A reader without extended length gets long signatures in pieces. A chip that
// makes none is not asked in a way that it understands: the original cannot be
// told from a copy, and it is not called one. Where a signature fits a short
// answer, the same refusal is the chip's own.
func TestSignatureBeyondTheReader(t *testing.T) {
	judge := specimenJudge(t)
	for _, c := range []struct {
		bits     int
		reader   bool // lets long answers pass
		says     uint16
		verdict  pki.Verdict
		recorded bool
	}{
		{2048, false, 0, pki.Accepted, true},
		{3072, false, 0, pki.Accepted, true},
		{4096, false, 0, pki.Accepted, true},
		{2048, false, 0x6700, pki.Inconclusive, false},
		{3072, false, 0x6700, pki.Inconclusive, false},
		{4096, false, 0x6C00, pki.Inconclusive, false},
		{3072, false, 0x6985, pki.Refused, true},
		{1024, false, 0x6700, pki.Refused, true},
		{3072, true, 0x6700, pki.Refused, true},
	} {
		p, err := persona.Load("specimen")
		require.NoError(t, err)
		p.Chip.Active, p.Chip.Authentication = &persona.Active{RSA: c.bits}, nil
		card, err := p.Card()
		require.NoError(t, err)
		if c.says != 0 {
			card.Quirks = []persona.Quirk{{INS: apdu.INSInternalAuthenticate, SW: c.says}}
		}
		l := insert(card)
		channel := apdu.NewChannel(l)
		channel.UseExtendedLength(c.reader)
		e, err := emrtd.Read(t.Context(), channel, emrtd.Options{Password: can(t, card.CAN), Files: asked, Reset: l.reset})
		require.NoError(t, err)
		require.Empty(t, e.Broken)
		name := fmt.Sprintf("%+v", c)
		assert.Equal(t, c.recorded, e.Active != nil, name)
		report := judge.Verify(t.Context(), e)
		assert.Equal(t, c.verdict, report.Verdict(), name)
		if c.verdict == pki.Inconclusive {
			check, found := report.Check("chip.active")
			require.True(t, found)
			assert.Equal(t, pki.NotChecked, check.Outcome, name)
		}
	}
}
