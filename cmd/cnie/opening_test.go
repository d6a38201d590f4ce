package main

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/pki"
	"cnie/pki/specimen/cvca"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// guarded is a card with a PIN, in a reader of its own.
func guarded(t *testing.T, name string) (*persona.Persona, *persona.Card, *simulator.Chip, *simulator.System) {
	t.Helper()
	p, err := persona.Load(name)
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	chip := simulator.New(card)
	return p, card, chip, simulator.NewSystem("Simulated", chip)
}

// The PIN is asked for once, with what the card says of its tries, and opens the
// card; a wrong one costs one try, and the last is not spent unasked.
func TestVerifyByPIN(t *testing.T) {
	_, card, chip, system := guarded(t, "pin")
	trust := anchors(t)
	args := []string{"verify", "--json", "--password", "pin", "--trust", trust}
	by := func(pin string, more ...string) (outcome, *holder) {
		h := &holder{pins: []string{pin}}
		return atDesk(t, system, h, append(args, more...)...), h
	}
	o, h := by(card.PIN)
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Equal(t, []string{"PIN of the card"}, h.questions)
	assert.Contains(t, o.stdout, `"password": "PIN"`)
	assert.NotContains(t, o.stdout+o.stderr, card.PIN)

	o, _ = by("000000")
	assert.Equal(t, exitWrongPassword, o.code)
	assert.Equal(t, "cnie: the PIN is wrong; tries left: 2\n", o.stderr)
	assert.Empty(t, o.stdout)
	o, h = by("12")
	assert.Equal(t, exitWrongPassword, o.code)
	assert.Contains(t, o.stderr, "it was not tried")
	assert.Equal(t, 1, chip.Spent().PIN)
	assert.Equal(t, []string{"PIN of the card, 2 tries are left"}, h.questions)

	_, _ = by("000000") // and now it is suspended
	o, h = by(card.PIN)
	assert.Equal(t, exitWrongPassword, o.code)
	assert.Contains(t, o.stderr, "the PIN is suspended with one try left, and it is not spent")
	assert.Empty(t, h.questions, "nobody is asked for what will not be used")
	o, h = by(card.PIN, "--use-last-try")
	assert.Equal(t, exitUsage, o.code)
	assert.Contains(t, o.stderr, "give --can NUMBER too")
	assert.Empty(t, h.questions)
	assert.Equal(t, 2, chip.Spent().PIN)
	o, h = by(card.PIN, "--use-last-try", "--can", card.CAN)
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Equal(t, []string{"PIN of the card, the last try"}, h.questions)
	assert.Zero(t, chip.Spent().PIN)
}

// The CAN of a suspended PIN is asked for where somebody can be asked.
func TestSuspendedPINAsksForTheCAN(t *testing.T) {
	_, card, _, system := guarded(t, "pin-suspended")
	var stdout, stderr strings.Builder
	p := &program{
		system: system, stdin: strings.NewReader(card.CAN + "\n"), stdout: &stdout, stderr: &stderr,
		interactive: true, person: &holder{pins: []string{card.PIN}},
	}
	code := p.run(t.Context(), []string{"verify", "--password", "pin", "--use-last-try", "--trust", anchors(t)})
	assert.Equal(t, exitOK, code, stderr.String())
	assert.Contains(t, stderr.String(), "The CAN comes first, then its last try.\nCAN (six digits")
}

// A blocked PIN says what helps, and that helps: the PUK, without its last try
// spent unasked.
func TestUnblock(t *testing.T) {
	_, card, chip, system := guarded(t, "pin-blocked")
	h := &holder{pins: []string{card.PIN}}
	o := atDesk(t, system, h, "verify", "--password", "pin")
	assert.Equal(t, exitWrongPassword, o.code)
	assert.Contains(t, o.stderr, "`cnie card unblock` gives it its tries back with the PUK")
	assert.Empty(t, h.questions)

	o = atDesk(t, system, &holder{pins: []string{"0000000000"}}, "card", "unblock")
	assert.Equal(t, exitWrongPassword, o.code)
	assert.Equal(t, "cnie: the PUK is wrong; tries left: 9\n", o.stderr)
	h = &holder{pins: []string{card.PUK}}
	o = atDesk(t, system, h, "card", "unblock")
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Equal(t, "The PIN has its tries back.\n", o.stdout)
	assert.Equal(t, []string{"PUK of the card, 9 tries are left"}, h.questions)
	assert.Zero(t, chip.Spent().PIN)
}

func TestUnblockKeepsTheLastTry(t *testing.T) {
	_, card, _, _ := guarded(t, "pin-blocked")
	chip := simulator.New(card, simulator.WithSpent(simulator.Spent{PIN: 3, PUK: 9}))
	system := simulator.NewSystem("Simulated", chip)
	h := &holder{pins: []string{card.PUK}}
	o := atDesk(t, system, h, "card", "unblock")
	assert.Equal(t, exitWrongPassword, o.code)
	assert.Contains(t, o.stderr, "one try of the PUK is left, and it is not spent")
	assert.Empty(t, h.questions)
	o = atDesk(t, system, h, "card", "unblock", "--use-last-try")
	assert.Equal(t, exitOK, o.code, o.stderr)
	assert.Equal(t, []string{"PUK of the card, the last try"}, h.questions)
}

// What cannot be meant is said before a card is touched.
func TestPasswordUsage(t *testing.T) {
	system := simulator.NewSystem("Simulated")
	for want, args := range map[string][]string{
		"takes can, mrz or pin":                  {"--password", "secret"},
		"a PUK opens no file":                    {"--password", "puk"},
		"needs --mrz LINES":                      {"--password", "mrz"},
		"one way to open the card is enough":     {"--password", "mrz", "--can", "123456"},
		"with --password pin give no MRZ":        {"--password", "pin", "--doc", "ZZZ0SIM1"},
		"belongs to --password pin":              {"--use-last-try", "--can", "123456"},
		"typed by its holder at a terminal":      {"--password", "pin"},
		"--max-apdus takes a number of commands": {"--can", "123456", "--max-apdus", "0"},
		"--max-bytes takes a number of bytes":    {"--can", "123456", "--max-bytes", "-1"},
	} {
		o := atDesk(t, system, nil, append([]string{"verify"}, args...)...)
		assert.Equal(t, exitUsage, o.code, want)
		assert.Contains(t, o.stderr, want)
	}
	o := atDesk(t, system, nil, "card", "unblock")
	assert.Equal(t, exitUsage, o.code)
	assert.Contains(t, o.stderr, "the PUK is typed by its holder at a terminal")
	o = atDesk(t, system, &holder{pins: []string{"567890"}}, "trace", "record", filepath.Join(t.TempDir(), "x.trace"), "--", "verify", "--password", "pin")
	assert.Equal(t, exitUsage, o.code)
	assert.Contains(t, o.stderr, "find the PIN by trying")
}

// rights writes what an operator is given for a terminal: certificates and key.
func rights(t *testing.T, authority *cvca.Authority) string {
	t.Helper()
	v, err := authority.Verifier(cvca.HolderOptions{})
	require.NoError(t, err)
	is, err := v.Terminal(cvca.HolderOptions{Rights: cvca.Fingerprints})
	require.NoError(t, err)
	dir := t.TempDir()
	for name, content := range map[string][]byte{"a.cvcert": authority.Certificate, "v.cvcert": v.Certificate, "t.cvcert": is.Certificate} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o644))
	}
	der, err := is.PKCS8()
	require.NoError(t, err)
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "terminal.pem"), key, 0o600))
	return dir
}

// A terminal with rights proves them to a chip that asks, and fingerprints are
// not read all the same.
func TestVerifyWithTerminalCertificates(t *testing.T) {
	trust := anchors(t)
	for _, name := range []string{"inspection", "inspection-rsa", "inspection-cam"} {
		p, card, chip, _ := guarded(t, name)
		authority, err := p.Inspection(2)
		require.NoError(t, err)
		o, a := verify(t, chip, "--can", card.CAN, "--trust", trust, "--terminal-certificates", rights(t, authority))
		require.Equal(t, exitOK, o.code, "%s: %s", name, o.stderr)
		require.NotNil(t, a.Terminal, name)
		assert.Equal(t, pki.ChipPerformed, a.Terminal.Outcome, "%s: %04X", name, a.Terminal.Status)
	}
	_, card, chip, _ := guarded(t, "inspection")
	o, a := verify(t, chip, "--can", card.CAN, "--trust", trust)
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Nil(t, a.Terminal, "nothing was given to prove")
}

// A folder that is not what it should be is found out before a card is touched.
func TestTerminalCertificatesFolder(t *testing.T) {
	p, _, _, _ := guarded(t, "inspection")
	authority, err := p.Inspection(2)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		spoil func(dir string) error
		code  int
		want  string
	}{
		"no certificate": {func(dir string) error {
			return remove(dir, "a.cvcert", "v.cvcert", "t.cvcert")
		}, exitUsage, "card verifiable certificates"},
		"no key": {func(dir string) error { return remove(dir, "terminal.pem") }, exitUsage, "one private key"},
		"two keys": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "other.key"), nil, 0o600)
		}, exitUsage, "has 2"},
		"garbled certificate": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "v.cvcert"), []byte("no certificate"), 0o600)
		}, exitMalformed, "v.cvcert is no card verifiable certificate"},
		"another kind of key": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "terminal.pem"), pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: []byte{0x30, 0}}), 0o600)
		}, exitMalformed, "no private key of a terminal"},
		"a key that others read": {func(dir string) error {
			return os.Chmod(filepath.Join(dir, "terminal.pem"), 0o644)
		}, exitNotPermitted, "others can read the terminal's key"},
	} {
		dir := rights(t, authority)
		require.NoError(t, c.spoil(dir), name)
		o := cnie(t, simulator.NewSystem("Simulated"), "verify", "--can", "123456", "--terminal-certificates", dir)
		assert.Equal(t, c.code, o.code, "%s: %s", name, o.stderr)
		assert.Contains(t, o.stderr, c.want, name)
	}
}

func remove(dir string, names ...string) error {
	for _, name := range names {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// The caps of a session can be set, and end it with a sentence.
func TestVerifyCaps(t *testing.T) {
	card := citizen(t)
	for _, args := range [][]string{{"--max-apdus", "20"}, {"--max-bytes", "4000"}} {
		o, _ := verify(t, simulator.New(card), append(args, "--can", card.CAN)...)
		assert.Equal(t, exitTryAgain, o.code, args)
		assert.Contains(t, o.stderr, "was stopped (--max-apdus and --max-bytes say when)")
		assert.Empty(t, o.stdout)
		o = cnie(t, simulator.NewSystem("Simulated", simulator.New(card)), append(append([]string{"card", "inspect", "--can", card.CAN}, args[0]), "3")...)
		assert.Equal(t, exitTryAgain, o.code, args)
	}
}
