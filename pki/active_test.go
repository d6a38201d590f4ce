package pki_test

import (
	"crypto"
	"crypto/rand"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/internal/vectors"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/trust"
	"cnie/simulator/persona"
)

var nonce = []byte{0xF1, 0x73, 0x58, 0x99, 0x74, 0xBF, 0x40, 0xC6}

// witness is the evidence of a card that signed a nonce.
func witness(t testing.TB, card *persona.Card, nonce []byte) *pki.Evidence {
	t.Helper()
	keys := card.ChipKeys
	if len(keys) == 0 {
		card.ChipKeys = citizen(t, "specimen").ChipKeys // for a proof that is thrown away
	}
	e := collect(t, card)
	card.ChipKeys = keys
	if len(keys) == 0 {
		e.Chip = nil
	}
	e.Asked = append(e.Asked, lds.DG15)
	e.Files[lds.DG15] = slices.Clone(card.Files[lds.DG15])
	e.Active = &pki.ActiveAuthentication{Outcome: pki.ChipPerformed, Challenge: nonce, Response: signNonce(t, card.ActiveKey, nonce)}
	return e
}

// signNonce plays the chip of ICAO 9303-11 §6.1.2.
func signNonce(t testing.TB, key *persona.ActiveKey, nonce []byte) []byte {
	t.Helper()
	h := key.Hash.New()
	if key.RSA == nil {
		h.Write(nonce)
		r, s, err := ec.Sign(key.Curve, key.Private, h.Sum(nil))
		require.NoError(t, err)
		size := key.Curve.ScalarBytes()
		return slices.Concat(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size)))
	}
	trailer := map[crypto.Hash][]byte{
		crypto.SHA1: {0xBC}, crypto.SHA224: {0x38, 0xCC}, crypto.SHA256: {0x34, 0xCC}, crypto.SHA384: {0x36, 0xCC}, crypto.SHA512: {0x35, 0xCC},
	}[key.Hash]
	own := make([]byte, key.RSA.Size()-1-h.Size()-len(trailer))
	_, _ = rand.Read(own)
	h.Write(slices.Concat(own, nonce))
	return private(key, slices.Concat([]byte{0x6A}, own, h.Sum(nil), trailer))
}

// private is the bare operation with a private key of RSA.
func private(key *persona.ActiveKey, message []byte) []byte {
	m := new(big.Int).SetBytes(message)
	return m.Exp(m, key.RSA.D, key.RSA.N).FillBytes(make([]byte, len(message)))
}

// reissue has the persona's own document signer sign what is now on the card.
func reissue(t testing.TB, name string, card *persona.Card) {
	t.Helper()
	p, err := persona.Load(name)
	require.NoError(t, err)
	signer, options, err := p.Signer()
	require.NoError(t, err)
	card.Files[lds.SOD], err = signer.SignSOD(card.Files, options)
	require.NoError(t, err)
}

func proofs(r pki.Report) [2]pki.Outcome {
	agreement, _ := r.Check(pki.CheckChip)
	signature, _ := r.Check(pki.CheckActive)
	return [2]pki.Outcome{agreement.Outcome, signature.Outcome}
}

// The published representative, signed by a specimen's key.
func TestPublishedRepresentative(t *testing.T) {
	v := vectors.Load(t, "icao-9303-11-f-aa")
	card := citizen(t, "active-rsa-sha1")
	e := witness(t, card, v["rnd_ifd"])
	e.Active.Response = private(card.ActiveKey, v["f"])
	r := judge(t, country(t), e)
	assert.Equal(t, pki.Accepted, r.Verdict(), "%v", failures(r))
	check, _ := r.Check(pki.CheckActive)
	assert.Equal(t, pki.Warned, check.Outcome)
	assert.Contains(t, check.Reason, "SHA-1 and a key of 1024 bits")
}

// One proof is enough, a failed one is one too many, and the report says which
// one there was.
func TestEitherProof(t *testing.T) {
	const none = pki.NotApplicable
	broken := func(e *pki.Evidence) { e.Chip.Response[len(e.Chip.Response)-4] ^= 1 }
	forged := func(e *pki.Evidence) { e.Active.Response[7] ^= 1 }
	for _, c := range []struct {
		name, persona string
		change        func(*pki.Evidence)
		want          [2]pki.Outcome
		verdict       pki.Verdict
	}{
		{"both", "active-and-chip", nil, [2]pki.Outcome{pki.Passed, pki.Passed}, pki.Accepted},
		{"both, on a curve", "active-ec", nil, [2]pki.Outcome{pki.Passed, pki.Passed}, pki.Accepted},
		{"a signature alone", "active-only", nil, [2]pki.Outcome{none, pki.Passed}, pki.Accepted},
		{"a signature alone, RSA", "active-rsa", nil, [2]pki.Outcome{none, pki.Passed}, pki.Accepted},
		{"signature not asked for", "active-and-chip", func(e *pki.Evidence) { e.Active = nil }, [2]pki.Outcome{pki.Passed, none}, pki.Accepted},
		{"agreement not tried", "active-and-chip", func(e *pki.Evidence) { e.Chip = nil }, [2]pki.Outcome{none, pki.Passed}, pki.Accepted},
		{"neither tried", "active-and-chip", func(e *pki.Evidence) { e.Chip, e.Active = nil, nil }, [2]pki.Outcome{}, pki.Inconclusive},
		{"only offer not tried", "active-only", func(e *pki.Evidence) { e.Active = nil }, [2]pki.Outcome{none, pki.NotChecked}, pki.Inconclusive},
		{"signature good, agreement bad", "active-and-chip", broken, [2]pki.Outcome{pki.Failed, pki.Passed}, pki.Refused},
		{"agreement good, signature bad", "active-and-chip", forged, [2]pki.Outcome{pki.Passed, pki.Failed}, pki.Refused},
		{"signature bad, agreement not tried", "active-and-chip", func(e *pki.Evidence) { e.Chip = nil; forged(e) }, [2]pki.Outcome{pki.NotChecked, pki.Failed}, pki.Refused},
		{"not announced", "active-no-info", nil, [2]pki.Outcome{none, pki.Failed}, pki.Refused},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := witness(t, citizen(t, c.persona), nonce)
			if c.change != nil {
				c.change(e)
			}
			r := judge(t, country(t), e)
			assert.Equal(t, c.want, proofs(r))
			assert.Equal(t, c.verdict, r.Verdict(), "%v", failures(r))
			assert.Equal(t, c.verdict == pki.Accepted, r.Holder() != nil)
		})
	}
}

// Every byte class of the transcript, and what somebody else's chip can say.
func TestActiveTampering(t *testing.T) {
	onlyActive := []pki.CheckID{pki.CheckActive}
	for _, name := range []string{"active-rsa", "active-rsa-sha1", "active-only", "active-and-chip"} {
		card := citizen(t, name)
		stranger := *card
		stranger.ActiveKey = card.ActiveKey.Other()
		for what, c := range map[string]struct {
			change func(*pki.Evidence)
			want   []pki.CheckID
		}{
			"response, first byte":       {func(e *pki.Evidence) { e.Active.Response[0] ^= 1 }, onlyActive},
			"response, middle":           {func(e *pki.Evidence) { e.Active.Response[len(e.Active.Response)/2] ^= 0x80 }, onlyActive},
			"response, last byte":        {func(e *pki.Evidence) { e.Active.Response[len(e.Active.Response)-1] ^= 1 }, onlyActive},
			"response cut short":         {func(e *pki.Evidence) { e.Active.Response = e.Active.Response[:len(e.Active.Response)-1] }, onlyActive},
			"response with more":         {func(e *pki.Evidence) { e.Active.Response = append(e.Active.Response, 0) }, onlyActive},
			"response empty":             {func(e *pki.Evidence) { e.Active.Response = nil }, onlyActive},
			"response of zeros":          {func(e *pki.Evidence) { clear(e.Active.Response) }, onlyActive},
			"nonce, one bit":             {func(e *pki.Evidence) { e.Active.Challenge = []byte{0xF1, 0x73, 0x58, 0x99, 0x74, 0xBF, 0x40, 0xC7} }, onlyActive},
			"nonce too short":            {func(e *pki.Evidence) { e.Active = witness(t, card, nonce[:7]).Active }, onlyActive},
			"nonce too long":             {func(e *pki.Evidence) { e.Active = witness(t, card, append(slices.Clone(nonce), 0)).Active }, onlyActive},
			"nonce empty":                {func(e *pki.Evidence) { e.Active = witness(t, card, nil).Active }, onlyActive},
			"an old signature":           {func(e *pki.Evidence) { e.Active.Response = witness(t, card, []byte("earlier!")).Active.Response }, onlyActive},
			"another key":                {func(e *pki.Evidence) { e.Active = witness(t, &stranger, nonce).Active }, onlyActive},
			"refused":                    {func(e *pki.Evidence) { e.Active = &pki.ActiveAuthentication{Outcome: pki.ChipRefused, Status: 0x6A88} }, onlyActive},
			"broken":                     {func(e *pki.Evidence) { e.Active = &pki.ActiveAuthentication{Outcome: pki.ChipBroken} }, onlyActive},
			"unknown outcome":            {func(e *pki.Evidence) { e.Active.Outcome = "superb" }, onlyActive},
			"DG15 changed":               {func(e *pki.Evidence) { e.Files[lds.DG15][30] ^= 1 }, []pki.CheckID{pki.CheckActive, pki.CheckIntegrityOf(lds.DG15)}},
			"DG15 of the key that signs": {func(e *pki.Evidence) { withKeyOf(t, e, &stranger) }, []pki.CheckID{pki.CheckActive, pki.CheckIntegrityOf(lds.DG15)}},
			"DG15 denied": {func(e *pki.Evidence) {
				delete(e.Files, lds.DG15)
				e.Denied[lds.DG15], e.Active = 0x6A82, nil
			}, []pki.CheckID{pki.CheckIntegrityPresence}},
			"DG15 denied, and yet a signature": {func(e *pki.Evidence) {
				delete(e.Files, lds.DG15)
				e.Denied[lds.DG15] = 0x6A82
			}, []pki.CheckID{pki.CheckIntegrityPresence, pki.CheckActive}},
		} {
			t.Run(name+", "+what, func(t *testing.T) {
				e := witness(t, card, nonce)
				c.change(e)
				r := judge(t, country(t), e)
				assert.Equal(t, pki.Refused, r.Verdict())
				assert.ElementsMatch(t, c.want, failures(r))
				assert.Nil(t, r.Holder())
			})
		}
	}
}

// withKeyOf puts a copied chip's own key beside its own signature.
func withKeyOf(t testing.TB, e *pki.Evidence, card *persona.Card) {
	spki, err := card.ActiveKey.SubjectPublicKeyInfo()
	require.NoError(t, err)
	e.Files[lds.DG15] = lds.EncodeDG15(spki)
	e.Active = witness(t, card, nonce).Active
}

func TestActiveWithoutSecurityInfos(t *testing.T) {
	card := citizen(t, "active-only")
	e := witness(t, card, nonce)
	delete(e.Files, lds.DG14)
	e.Denied[lds.DG14] = 0x6A82
	r := judge(t, country(t), e)
	assert.ElementsMatch(t, []pki.CheckID{pki.CheckIntegrityPresence, pki.CheckActive}, failures(r))
}

// A key that is none, or of a kind that nobody knows, proves nothing either way.
func TestUnknownActiveKeys(t *testing.T) {
	for name, dg15 := range map[string][]byte{
		"empty":   {0x6F, 0},
		"no key":  lds.EncodeDG15([]byte{0x30, 0}),
		"Ed25519": lds.EncodeDG15(append([]byte{0x30, 0x2A, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 3, 0x21, 0}, make([]byte, 32)...)),
	} {
		card := citizen(t, "active-only")
		card.Files[lds.DG15] = dg15
		reissue(t, "active-only", card)
		r := judge(t, country(t), witness(t, card, nonce))
		assert.Equal(t, [2]pki.Outcome{pki.NotApplicable, pki.NotChecked}, proofs(r), name)
		assert.Equal(t, pki.Inconclusive, r.Verdict(), name)
	}
}

func TestActiveKeysBelowThePolicy(t *testing.T) {
	strong := func(p *pki.Policy) { p.AllowAlgorithms = []pki.Floor{{Hash: 224, RSA: 2048, Curve: 256}} }
	r := judge(t, country(t), witness(t, citizen(t, "active-rsa-sha1"), nonce), strong)
	assert.Equal(t, []pki.CheckID{pki.CheckActive}, failures(r))
	r = judge(t, country(t), witness(t, citizen(t, "active-rsa"), nonce), strong)
	assert.Equal(t, pki.Accepted, r.Verdict())
}

// A verifier elsewhere knows the nonce if he set the challenge, and is not to be
// told so by a signature under a key that no State vouches for.
func TestAnswers(t *testing.T) {
	challenge := []byte("0123456789abcdef")
	card := citizen(t, "active-and-chip")
	bound := pki.ActiveNonce(challenge, card.Files[lds.SOD])
	assert.Len(t, bound, 8)
	answered := witness(t, card, bound)
	r := judge(t, country(t), answered)
	assert.True(t, r.Answers(challenge))
	assert.False(t, r.Answers([]byte("0123456789abcdeg")))
	assert.False(t, r.Answers(nil))
	assert.False(t, judge(t, country(t), witness(t, card, nonce)).Answers(challenge), "a nonce of the terminal's own")
	assert.False(t, judge(t, trust.NewStore(nil, nil), answered).Answers(challenge), "an unknown issuer")
	other := witness(t, card, pki.ActiveNonce(challenge, citizen(t, "active-ec").Files[lds.SOD]))
	assert.False(t, judge(t, country(t), other).Answers(challenge), "bound to another document")
	answered.Active.Response[9] ^= 1
	assert.False(t, judge(t, country(t), answered).Answers(challenge), "not signed")
	answered.Active = nil
	r = judge(t, country(t), answered)
	assert.Equal(t, pki.Accepted, r.Verdict())
	assert.False(t, r.Answers(challenge), "Chip Authentication is the terminal's word")
	assert.False(t, pki.Report{}.Answers(challenge))
}
