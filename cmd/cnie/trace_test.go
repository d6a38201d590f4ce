package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu/trace"
	"cnie/internal/remake"
	"cnie/internal/traces"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// recordVerify runs `cnie trace record` on a chip and opens what it wrote, if it
// wrote anything.
func recordVerify(t *testing.T, chip *simulator.Chip, options []string, args ...string) (outcome, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "card.trace")
	line := append(append([]string{"trace", "record", file}, options...), append([]string{"--", "verify"}, args...)...)
	return cnie(t, simulator.NewSystem("Simulated", chip), line...), file
}

func opened(t *testing.T, file string, identities ...age.Identity) (*trace.Trace, bool) {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	recorded, encrypted, err := traces.Open(f, identities...)
	require.NoError(t, err)
	return recorded, encrypted
}

func TestTraceOfASpecimen(t *testing.T) {
	card, trust := citizen(t), anchors(t)
	o, file := recordVerify(t, simulator.New(card), nil, "--can", card.CAN, "--trust", trust)
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.True(t, strings.HasPrefix(o.stdout, "ACCEPTED"), o.stdout)
	assert.Equal(t, "Trace: "+file+", with content, in clear, since the card is a specimen\n", o.stderr)
	mode, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), mode.Mode().Perm())

	recorded, encrypted := opened(t, file)
	assert.False(t, encrypted)
	assert.Equal(t, trace.Full, recorded.Header.Content)
	assert.True(t, recorded.Header.Specimen)
	assert.Equal(t, trace.Session{Files: []string{"dg1", "dg2", "dg11"}, Password: "CAN"}, recorded.Header.Session)
	assert.Equal(t, "Simulated 00", recorded.Header.Reader)
	assert.Equal(t, trace.Connect, recorded.Entries[0].Event)
	assert.Equal(t, trace.Close, recorded.Entries[len(recorded.Entries)-1].Event)

	shown := cnie(t, simulator.NewSystem("Simulated"), "trace", "show", file)
	require.Equal(t, exitOK, shown.code, shown.stderr)
	for _, what := range []string{
		"read EF.CardAccess: 1 command", "PACE: 5 commands", "GENERAL AUTHENTICATE 4, authentication tokens",
		"SELECT an application", "read EF.SOD", "READ BINARY, the proof of the new keys", "read EF.DG2",
	} {
		assert.Contains(t, shown.stdout, what)
	}
	for _, secret := range append([]string{card.CAN, "SIMULATEUR", card.MRZ.DocumentNumber}, card.MRZLines...) {
		assert.NotContains(t, shown.stdout, secret)
	}
	asJSON := cnie(t, simulator.NewSystem("Simulated"), "trace", "show", "--json", file)
	assert.True(t, json.Valid([]byte(asJSON.stdout)))
}

// secretsOf is what a redacted trace of a card must not have, in any spelling
// that a trace could have it in.
func secretsOf(card *persona.Card) (secrets []string) {
	for _, text := range append([]string{card.CAN, "SIMULATEUR", "SPECIMEN", card.MRZ.DocumentNumber, card.MRZ.BirthDate, card.MRZ.ExpiryDate}, card.MRZLines...) {
		secrets = append(secrets, text, trace.Hex(text).String())
	}
	for _, file := range card.Files {
		for at := 0; at+8 <= len(file); at += 8 {
			secrets = append(secrets, trace.Hex(file[at:at+8]).String())
		}
	}
	return secrets
}

// Without the trust anchors nobody knows that this is a specimen: it is treated
// as the card of somebody.
func TestTraceOfAnUnknownCardIsRedacted(t *testing.T) {
	card := citizen(t)
	o, file := recordVerify(t, simulator.New(card), nil, "--can", card.CAN)
	require.Equal(t, exitInconclusive, o.code, o.stderr)
	assert.Contains(t, o.stderr, "redacted to headers, lengths and status words")
	assert.Equal(t, 1, strings.Count(o.stderr, "\n"), "one sentence")
	recorded, _ := opened(t, file)
	assert.Equal(t, trace.Redacted, recorded.Header.Content)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, secret := range secretsOf(card) {
		require.NotContains(t, string(text), secret)
	}
	assert.NotContains(t, string(text), "random")
}

func TestTraceForRecipients(t *testing.T) {
	card := citizen(t)
	mine, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	o, file := recordVerify(t, simulator.New(card), []string{"--age-recipient", mine.Recipient().String()}, "--can", card.CAN)
	require.Equal(t, exitInconclusive, o.code, o.stderr)
	assert.Contains(t, o.stderr, "with content, encrypted\n")
	recorded, encrypted := opened(t, file, mine)
	assert.True(t, encrypted)
	assert.Equal(t, trace.Full, recorded.Header.Content)
	assert.False(t, recorded.Header.Specimen)

	identity := filepath.Join(t.TempDir(), "age.key")
	require.NoError(t, os.WriteFile(identity, []byte(mine.String()+"\n"), 0o600))
	shown := cnie(t, simulator.NewSystem("Simulated"), "trace", "show", "--identity", identity, file)
	assert.Equal(t, exitOK, shown.code, shown.stderr)
	assert.Contains(t, shown.stdout, "PACE: 5 commands")
	locked := cnie(t, simulator.NewSystem("Simulated"), "trace", "show", file)
	assert.Equal(t, exitNotPermitted, locked.code)
	assert.Contains(t, locked.stderr, "--identity FILE")
}

// A failure is what one records for: the trace is there and ends where the card
// did, redacted, since nobody came to know whose card it was.
func TestTraceOfAFailure(t *testing.T) {
	card, trust := citizen(t), anchors(t)
	var system *simulator.System
	n := 0
	system = simulator.NewSystem("Simulated", simulator.New(card, simulator.WithWire(func(next func([]byte) []byte) func([]byte) []byte {
		return func(command []byte) []byte {
			if n++; n == 25 {
				require.NoError(t, system.Remove(onlyReader(t, system)))
			}
			return next(command)
		}
	})))
	file := filepath.Join(t.TempDir(), "card.trace")
	o := cnie(t, system, "trace", "record", file, "--", "verify", "--can", card.CAN, "--trust", trust)
	assert.Equal(t, exitTryAgain, o.code)
	assert.True(t, strings.HasPrefix(o.stderr, "cnie: the card was removed"), o.stderr)
	recorded, _ := opened(t, file)
	assert.Equal(t, trace.Redacted, recorded.Header.Content)
	shown := cnie(t, simulator.NewSystem("Simulated"), "trace", "show", file)
	assert.Contains(t, shown.stdout, "READ BINARY: the card was removed\nclosed the connection\n")

	o, file = recordVerify(t, simulator.New(card), nil, "--can", "999999", "--trust", trust)
	assert.Equal(t, exitWrongPassword, o.code)
	shown = cnie(t, simulator.NewSystem("Simulated"), "trace", "show", file)
	assert.Contains(t, shown.stdout, "authentication tokens: wrong secret")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "999999")
}

// What `cnie trace record` records of any kind of card, a replay and a rebuilt
// card go through without another command.
func TestRecordedSessionsPlay(t *testing.T) {
	for _, name := range []string{"specimen", "active-rsa", "active-chained", "bac-only", "passport", "tdes"} {
		p, err := persona.Load(name)
		require.NoError(t, err)
		card, err := p.Card()
		require.NoError(t, err)
		secret, args := remake.Secret{CAN: card.CAN}, []string{"--can", card.CAN}
		if len(card.PACE) == 0 {
			key := card.MRZ
			secret = remake.Secret{MRZ: key}
			args = []string{"--allow-bac", "--doc", key.DocumentNumber, "--birth", key.BirthDate, "--expiry", key.ExpiryDate}
		}
		o, file := recordVerify(t, simulator.New(card), nil, append(args, "--trust", anchors(t))...)
		require.Equal(t, exitOK, o.code, "%s: %s%s", name, o.stdout, o.stderr)
		recorded, _ := opened(t, file)
		password, err := secret.Password()
		require.NoError(t, err)
		evidence, player, err := remake.Read(t.Context(), recorded, password)
		require.NoError(t, err, name)
		require.NoError(t, player.Err(), name)
		assert.True(t, evidence.Replayed)
		made, _, err := remake.Trace(t.Context(), recorded, password)
		require.NoError(t, err, name)
		assert.Empty(t, made.Header.Unequal, name)
	}
}

// Nothing is written when no card was reached.
func TestTraceOfNothing(t *testing.T) {
	for _, args := range [][]string{{"--can", "12345"}, {"--can", "123456", "--reader", "none"}} {
		o, file := recordVerify(t, simulator.New(citizen(t)), nil, args...)
		assert.NotEqual(t, exitOK, o.code)
		assert.Equal(t, 1, strings.Count(o.stderr, "\n"), o.stderr)
		assert.NoFileExists(t, file)
	}
}

func TestTraceArguments(t *testing.T) {
	there := filepath.Join(t.TempDir(), "card.trace")
	require.NoError(t, os.WriteFile(there, []byte("no trace\n"), 0o600))
	cases := []struct {
		args     []string
		code     int
		sentence string
	}{
		{[]string{"trace", "record", "f"}, exitUsage, "-- and a verify command"},
		{[]string{"trace", "record", "f", "verify", "--can", "123456"}, exitUsage, "--help"},
		{[]string{"trace", "record", "f", "--", "trust", "list"}, exitUsage, "-- and a verify command"},
		{[]string{"trace", "record", "--age-recipient", "somebody", "f", "--", "verify"}, exitUsage, "age-keygen"},
		{[]string{"trace", "record", "/nowhere/card.trace", "--", "verify", "--can", "123456"}, exitIO, "no such folder"},
		{[]string{"trace", "show"}, exitUsage, "takes one file"},
		{[]string{"trace", "show", "/nowhere"}, exitIO, "cannot read"},
		{[]string{"trace", "show", there}, exitMalformed, "is no trace"},
		{[]string{"trace", "show", "--identity", there, there}, exitMalformed, "no age private key"},
		{[]string{"trace", "play"}, exitUsage, "takes no argument"},
	}
	for _, c := range cases {
		o := cnie(t, simulator.NewSystem("Simulated", simulator.New(citizen(t))), c.args...)
		assert.Equal(t, c.code, o.code, "%v: %s", c.args, o.stderr)
		assert.Contains(t, o.stderr, c.sentence, "%v", c.args)
		assert.Equal(t, 1, strings.Count(o.stderr, "\n"), "one sentence: %s", o.stderr)
		assert.Empty(t, o.stdout)
	}
}
