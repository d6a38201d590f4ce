package emrtd_test

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/internal/ec"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/cvc"
	"cnie/pki/specimen/cvca"
	"cnie/simulator/persona"
)

var issuedTerminal = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// inspector makes an authority's terminal, and reads its files as an operator's.
func inspector(t testing.TB, key cvca.Key) (*cvca.Authority, *access.Terminal) {
	a, err := cvca.New("reader", cvca.Options{Key: key})
	require.NoError(t, err)
	v, err := a.Verifier(cvca.HolderOptions{})
	require.NoError(t, err)
	is, err := v.Terminal(cvca.HolderOptions{})
	require.NoError(t, err)
	terminal := &access.Terminal{}
	for _, der := range [][]byte{is.Certificate, a.Certificate, v.Certificate} {
		c, err := cvc.Parse(der)
		require.NoError(t, err)
		terminal.Certificates = append(terminal.Certificates, c)
	}
	der, err := is.PKCS8()
	require.NoError(t, err)
	terminal.Key, err = cvc.ParsePrivateKey(der)
	require.NoError(t, err)
	return a, terminal
}

// Terminal Authentication with every kind of key, after Chip Authentication and
// after PACE with chip authentication mapping. DG3 and DG4 are open then, and
// still not read.
func TestTerminalAuthentication(t *testing.T) {
	for name, c := range map[string]struct {
		persona string
		key     cvca.Key
	}{
		"ECDSA, SHA-224":            {"inspection", cvca.Key{Curve: ec.P224(), Hash: crypto.SHA224}},
		"ECDSA, SHA-256":            {"inspection", cvca.Key{Curve: ec.BrainpoolP256r1(), Hash: crypto.SHA256}},
		"ECDSA, SHA-384, after CAM": {"inspection-cam", cvca.Key{Curve: ec.P384(), Hash: crypto.SHA384}},
		"ECDSA, SHA-512":            {"inspection", cvca.Key{Curve: ec.BrainpoolP512r1(), Hash: crypto.SHA512}},
		"RSA PSS":                   {"inspection-rsa", cvca.Key{RSA: 2048, PSS: true, Hash: crypto.SHA256}},
		"RSA PKCS #1":               {"inspection-rsa", cvca.Key{RSA: 2048, Hash: crypto.SHA256}},
	} {
		t.Run(name, func(t *testing.T) {
			card := load(t, c.persona)
			authority, terminal := inspector(t, c.key)
			card.Terminal = &persona.Terminal{Certificates: [][]byte{authority.Certificate}, Date: issuedTerminal}
			l := insert(card)
			e, err := readAsAnnounced(l, emrtd.Options{Password: mrz(t, card.MRZ), Files: asked, Terminal: terminal, Reset: l.reset})
			require.NoError(t, err)
			require.Empty(t, e.Broken)
			require.NotNil(t, e.Terminal)
			assert.Equal(t, pki.ChipPerformed, e.Terminal.Outcome, "%04X", e.Terminal.Status)
			assert.Equal(t, terminal.Certificates[0].Holder, e.Terminal.Holder)
			assert.Equal(t, e.Access.Mapping == "CAM", e.Mapping != nil)
			assert.NotContains(t, e.Files, lds.DG3)
			assert.NotContains(t, e.Files, lds.DG4)
		})
	}
}

// A terminal with certificates of another authority, or the key of another
// certificate, reads on without; a chip that refuses it is written down.
func TestTerminalOfAnotherAuthority(t *testing.T) {
	key := cvca.Key{Curve: ec.P256(), Hash: crypto.SHA256}
	card := load(t, "inspection")
	authority, terminal := inspector(t, key)
	card.Terminal = &persona.Terminal{Certificates: [][]byte{authority.Certificate}, Date: issuedTerminal}
	read := func(with *access.Terminal) *pki.Evidence {
		l := insert(card)
		e, err := readAsAnnounced(l, emrtd.Options{Password: mrz(t, card.MRZ), Files: asked, Terminal: with, Reset: l.reset})
		require.NoError(t, err)
		require.Empty(t, e.Broken)
		assertFiles(t, card, e, lds.DG1, lds.DG2)
		return e
	}
	assert.Nil(t, read(&access.Terminal{Key: terminal.Key}).Terminal, "no certificate")
	_, other := inspector(t, cvca.Key{Curve: ec.P384(), Hash: crypto.SHA384})
	assert.Nil(t, read(&access.Terminal{Certificates: terminal.Certificates, Key: other.Key}).Terminal, "another key")

	impostor := read(other) // of the same names, by other keys
	require.NotNil(t, impostor.Terminal)
	assert.Equal(t, pki.ChipRefused, impostor.Terminal.Outcome)
	assert.NotZero(t, impostor.Terminal.Status)
}

// The chain that a terminal offers is refused by itself, before a card is, when
// its dates or its signatures are wrong.
func TestTerminalVerifiesItself(t *testing.T) {
	_, terminal := inspector(t, cvca.Key{RSA: 2048, PSS: true, Hash: crypto.SHA256})
	is, authority, verifier := terminal.Certificates[0], terminal.Certificates[1], terminal.Certificates[2]
	chain, err := cvc.Chain(terminal.Certificates, []string{authority.Holder})
	require.NoError(t, err)
	require.Equal(t, []*cvc.Certificate{verifier, is}, chain)
	public, err := cvc.Verify(chain, authority, is.From)
	require.NoError(t, err)
	_, err = terminal.Key.Sign(public, []byte("challenge"))
	require.NoError(t, err)
	_, err = cvc.Verify(chain, authority, is.From.AddDate(-1, 0, 0))
	assert.ErrorIs(t, err, cvc.ErrChain)
}

func holder(t testing.TB, make func(string) (access.Password, error), number string) access.Password {
	p, err := make(number)
	require.NoError(t, err)
	return p
}

// The PIN in all its states, and the one way to spend its last try.
func TestPIN(t *testing.T) {
	read := func(card *persona.Card, o emrtd.Options) (*pki.Evidence, *access.PasswordError, error) {
		l := insert(card)
		o.Reset, o.Files = l.reset, []lds.File{lds.DG1}
		e, err := emrtd.Read(context.Background(), apdu.NewChannel(l), o)
		var refusal *access.PasswordError
		errors.As(err, &refusal)
		return e, refusal, err
	}
	card := load(t, "pin")
	pin := holder(t, access.PIN, card.PIN)
	e, _, err := read(card, emrtd.Options{Password: pin})
	require.NoError(t, err)
	assert.Equal(t, "PIN", e.Access.Password)

	_, refusal, err := read(card, emrtd.Options{Password: holder(t, access.PIN, "000000")})
	require.ErrorIs(t, err, access.ErrWrongPassword)
	require.NotNil(t, refusal)
	assert.Equal(t, access.PasswordWrong, refusal.State)
	assert.Equal(t, 2, refusal.Tries)

	blocked := load(t, "pin-blocked")
	_, refusal, _ = read(blocked, emrtd.Options{Password: holder(t, access.PIN, blocked.PIN)})
	require.NotNil(t, refusal)
	assert.Equal(t, access.PasswordBlocked, refusal.State)

	suspended := load(t, "pin-suspended")
	pin = holder(t, access.PIN, suspended.PIN)
	for _, o := range []emrtd.Options{
		{Password: pin}, {Password: pin, CAN: can(t, suspended.CAN)}, {Password: pin, SpendLastTry: true},
	} {
		_, refusal, _ = read(suspended, o)
		require.NotNil(t, refusal)
		assert.Equal(t, access.PasswordSuspended, refusal.State)
		assert.Equal(t, 1, refusal.Tries)
	}
	e, _, err = read(suspended, emrtd.Options{Password: pin, CAN: can(t, suspended.CAN), SpendLastTry: true})
	require.NoError(t, err)
	assert.Equal(t, "PIN", e.Access.Password)
	assert.Empty(t, e.Broken)
	assertFiles(t, suspended, e, lds.DG1)
}

// Whoever waits for a chip that slows down is told.
func TestSlowCardsAreWaitedFor(t *testing.T) {
	card := load(t, "specimen")
	var steps []emrtd.Step
	_, err := read(insert(card), emrtd.Options{
		Password: can(t, card.CAN), Files: asked, Patience: time.Nanosecond,
		Progress: func(p emrtd.Progress) { steps = append(steps, p.Step) },
	})
	require.NoError(t, err)
	assert.Contains(t, steps, emrtd.StepWait)
	steps = nil
	_, err = read(insert(card), emrtd.Options{
		Password: can(t, card.CAN), Files: asked, Patience: time.Minute,
		Progress: func(p emrtd.Progress) { steps = append(steps, p.Step) },
	})
	require.NoError(t, err)
	assert.NotContains(t, steps, emrtd.StepWait)
}

// A blocked PIN is unblocked by the PUK and by nothing else.
func TestUnblockPIN(t *testing.T) {
	card := load(t, "pin-blocked")
	l := insert(card)
	unblock := func(p access.Password) error {
		l.chip.Reset()
		return emrtd.UnblockPIN(context.Background(), apdu.NewChannel(l), emrtd.Options{Password: p})
	}
	open := func() error {
		l.chip.Reset()
		_, err := read(l, emrtd.Options{Password: holder(t, access.PIN, card.PIN), Files: []lds.File{lds.DG1}})
		return err
	}
	require.ErrorIs(t, open(), apdu.ErrAuthBlocked)
	assert.ErrorIs(t, unblock(mrz(t, card.MRZ)), access.ErrPassword)
	assert.ErrorIs(t, unblock(holder(t, access.PUK, "0000000000")), access.ErrWrongPassword)
	require.ErrorIs(t, open(), apdu.ErrAuthBlocked)
	require.NoError(t, unblock(holder(t, access.PUK, card.PUK)))
	require.NoError(t, open())
}

// What the judge makes of PACE with chip authentication mapping, and of what a
// forger can do to it.
func TestJudgingMapping(t *testing.T) {
	judge := specimenJudge(t)
	card := load(t, "pace-cam")
	e, err := readAsAnnounced(insert(card), emrtd.Options{Password: mrz(t, card.MRZ), Files: []lds.File{lds.DG1, lds.DG11}})
	require.NoError(t, err)
	honest := judge.Verify(context.Background(), e)
	require.Equal(t, pki.Accepted, honest.Verdict())
	for _, id := range []pki.CheckID{pki.CheckMapping, pki.CheckCardSecurity, pki.CheckAccessWithheld, pki.CheckAccessFallback} {
		check, found := honest.Check(id)
		require.True(t, found)
		assert.Equal(t, pki.Passed, check.Outcome, "%s: %s", id, check.Reason)
	}
	proof, security := *e.Mapping, e.Files[lds.CardSecurity]
	for name, c := range map[string]struct {
		change func()
		want   pki.CheckID
	}{
		"the proof":                {func() { e.Mapping.Data[7] ^= 1 }, pki.CheckMapping},
		"the mapped key":           {func() { e.Mapping.PublicKey[9] ^= 1 }, pki.CheckMapping},
		"the curve":                {func() { e.Mapping.Parameters = "P-384" }, pki.CheckMapping},
		"no proof":                 {func() { e.Mapping = nil }, pki.CheckMapping},
		"a proof that was refused": {func() { e.Mapping.Outcome = pki.ChipRefused }, pki.CheckMapping},
		"EF.CardSecurity":          {func() { e.Files[lds.CardSecurity][len(security)-9] ^= 1 }, pki.CheckCardSecurity},
	} {
		changed := proof
		changed.Data, changed.PublicKey = bytes.Clone(proof.Data), bytes.Clone(proof.PublicKey)
		e.Mapping, e.Files[lds.CardSecurity] = &changed, bytes.Clone(security)
		c.change()
		r := judge.Verify(context.Background(), e)
		assert.Equal(t, pki.Refused, r.Verdict(), name)
		for _, check := range r.Checks {
			assert.Equal(t, check.ID == c.want, check.Outcome == pki.Failed, "%s: %s: %s", name, check.ID, check.Reason)
		}
	}
}

// A PACE run that fails at the token is a wrong password, and Basic Access
// Control, which the card has too and the caller allows, is not tried after it.
func TestFailedTokenIsNoReasonForBAC(t *testing.T) {
	card := load(t, "pace-bac")
	for _, refusal := range [][]byte{{0x63, 0x00}, {0x63, 0xC2}} {
		l := insert(card)
		l.change = func(_ int, sent, answer []byte) []byte {
			if sent[0] == 0 && sent[1] == apdu.INSGeneralAuthenticate {
				return refusal
			}
			return answer
		}
		_, err := read(l, emrtd.Options{Password: mrz(t, card.MRZ), Files: asked, AllowBAC: true, Reset: l.reset})
		require.ErrorIs(t, err, access.ErrWrongPassword)
		for _, header := range l.seen {
			require.NotContains(t, []byte{apdu.INSGetChallenge, apdu.INSMutualAuthenticate}, header[1])
		}
	}
}

// A proof in PACE by a key that only EF.CardSecurity has is followed by Chip
// Authentication with one of EF.DG14, which EF.SOD vouches for.
func TestMappingIsNoReasonToLeaveOutChipAuthentication(t *testing.T) {
	card, other := load(t, "pace-cam"), load(t, "specimen")
	id, key := 77, other.ChipKeys[0]
	key.ID = &id
	offered, err := lds.ParseDG14(card.Files[lds.DG14])
	require.NoError(t, err)
	theirs, err := lds.ParseDG14(other.Files[lds.DG14])
	require.NoError(t, err)
	offered.ChipAuth, offered.ChipKeys = theirs.ChipAuth, theirs.ChipKeys
	offered.ChipAuth[0].KeyID, offered.ChipKeys[0].KeyID = &id, &id
	card.ChipKeys = append(card.ChipKeys, key)
	card.Files[lds.DG14], err = offered.EncodeDG14()
	require.NoError(t, err)
	e, err := readAsAnnounced(insert(card), emrtd.Options{Password: mrz(t, card.MRZ), Files: []lds.File{lds.DG1}})
	require.NoError(t, err)
	require.NotNil(t, e.Mapping)
	require.NotNil(t, e.Chip)
	assert.Equal(t, pki.ChipPerformed, e.Chip.Outcome)
	assert.NotEmpty(t, e.Files[lds.DG1])
}
