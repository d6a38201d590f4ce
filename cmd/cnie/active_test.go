package main

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/pki"
	"cnie/pki/seal"
	"cnie/simulator"
	"cnie/simulator/persona"
)

func cardOf(t testing.TB, name string) *persona.Card {
	t.Helper()
	p, err := persona.Load(name)
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	return card
}

// Whoever set the challenge learns from the chip itself that the card was there:
// no word of the terminal's is needed for that, and the report says so.
func TestTheChipAnswersTheChallenge(t *testing.T) {
	for _, name := range []string{"active-and-chip", "active-only", "active-chained"} {
		c := newCounter(t)
		a := c.read(t, cardOf(t, name), "--challenge", question)
		assert.Equal(t, pki.Accepted, a.Verdict)
		o, now := c.check(t, "--trust", c.trust, "--challenge", question)
		require.Equal(t, exitOK, o.code, o.stderr)
		assert.True(t, now.Attested.Answered)
		assert.True(t, now.Attested.Compared)
		text := cnie(t, nil, "check", c.evidence, "--trust", c.trust, "--challenge", question).stdout
		assert.Contains(t, text, "Proved by the chip itself")
		assert.Contains(t, text, "Everything else is attested by the terminal")
		assert.NotContains(t, text, "rests on the terminal's word")

		text = cnie(t, nil, "check", c.evidence, "--trust", c.trust).stdout
		assert.Contains(t, text, "Attested by the terminal", "nobody said that the challenge is his")
		assert.Contains(t, text, "itself signed an answer to that challenge")
		assert.NotContains(t, text, "Proved")

		_, now = c.check(t, "--challenge", question)
		assert.False(t, now.Attested.Answered, "under an unknown issuer")
	}
}

func TestAttestedByTheTerminalOnly(t *testing.T) {
	c := newCounter(t)
	for name, args := range map[string][]string{"active-and-chip": nil, "specimen": {"--challenge", question}} {
		c.read(t, cardOf(t, name), args...)
		o, a := c.check(t, "--trust", c.trust)
		require.Equal(t, exitOK, o.code, o.stderr)
		assert.False(t, a.Attested.Answered, name)
		assert.Contains(t, cnie(t, nil, "check", c.evidence, "--trust", c.trust).stdout, "rests on the terminal's word")
	}
}

// A terminal can sign whatever it likes, but not in the name of the chip.
func TestALyingTerminal(t *testing.T) {
	c := newCounter(t)
	c.read(t, cardOf(t, "active-only"))
	file, err := os.Open(c.evidence)
	require.NoError(t, err)
	defer file.Close()
	saved, err := seal.Open(file)
	require.NoError(t, err)
	asked, err := hex.DecodeString(question)
	require.NoError(t, err)
	tell := func(change func(*seal.Statement)) (outcome, answer) {
		lie := saved.Statement
		lie.Challenge = asked // an old reading, shown again
		transcript := *saved.Evidence.Active
		lie.Evidence.Active = &transcript
		change(&lie)
		key, err := terminalKey("")
		require.NoError(t, err)
		signed, err := seal.Sign(lie, key)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(c.evidence, signed, 0o600))
		return c.check(t, "--trust", c.trust, "--challenge", question)
	}
	o, a := tell(func(*seal.Statement) {})
	assert.Equal(t, exitOK, o.code, o.stderr)
	assert.True(t, a.Attested.Compared)
	assert.False(t, a.Attested.Answered, "the terminal says that it answers, the chip does not")

	o, a = tell(func(s *seal.Statement) {
		s.Evidence.Active.Challenge = pki.ActiveNonce(asked, s.Evidence.Files[lds.SOD])
	})
	assert.Equal(t, exitRefused, o.code)
	assert.Equal(t, []string{"chip.active"}, failed(a))
	assert.False(t, a.Attested.Answered)
}

// What a copied chip can do when it has to sign; over the wire nothing can be
// replayed into a session.
func TestCopiesCannotSign(t *testing.T) {
	trust := anchors(t)
	for name, spoil := range map[string]func(*persona.Card){
		"another key": func(c *persona.Card) { c.ActiveKey = c.ActiveKey.Other() },
		"no key":      func(c *persona.Card) { c.ActiveKey = nil },
	} {
		for _, who := range []string{"active-rsa", "active-rsa-sha1", "active-ec", "active-only", "active-chained"} {
			card := cardOf(t, who)
			spoil(card)
			o, a := verify(t, simulator.New(card), "--can", card.CAN, "--trust", trust)
			assert.Equal(t, exitRefused, o.code, o.stderr)
			assert.Equal(t, []string{"chip.active"}, failed(a), "%s, %s", who, name)
			assert.Nil(t, a.Holder)
		}
	}
}

// An answer of an earlier session, replayed on the wire, breaks the channel.
func TestReplayedOnTheWire(t *testing.T) {
	card, trust := cardOf(t, "active-and-chip"), anchors(t)
	var recorded []byte
	play := func(replay bool) (outcome, answer) {
		wire := func(next func([]byte) []byte) func([]byte) []byte {
			return func(command []byte) []byte {
				answer := next(command)
				if command[1] != 0x88 {
					return answer
				}
				if replay {
					return recorded
				}
				recorded = bytes.Clone(answer)
				return answer
			}
		}
		return verify(t, simulator.New(card, simulator.WithWire(wire)), "--can", card.CAN, "--trust", trust)
	}
	o, _ := play(false)
	require.Equal(t, exitOK, o.code, o.stderr)
	o, a := play(true)
	assert.Equal(t, exitRefused, o.code)
	assert.ElementsMatch(t, []string{"access.channel", "chip.active"}, failed(a))
}

// Nothing that is signed for a check from afar gives the holder away.
func TestDebugLogOfASignature(t *testing.T) {
	card := cardOf(t, "active-only")
	o := cnie(t, simulator.NewSystem("Simulated", simulator.New(card)), "verify", "--can", card.CAN, "--trust", anchors(t), "--debug")
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Contains(t, o.stderr, "active authentication")
	for _, secret := range []string{card.CAN, card.MRZ.DocumentNumber, hex.EncodeToString(card.ActiveKey.Private)} {
		assert.NotContains(t, strings.ToLower(o.stderr), strings.ToLower(secret))
	}
}
