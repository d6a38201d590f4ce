package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/pki"
	"cnie/pki/seal"
	"cnie/simulator"
	"cnie/simulator/persona"
)

const question = "00112233445566778899aabbccddeeff"

// counter is a terminal of its own, with a folder for its settings, and what it has
// saved of one card.
type counter struct {
	dir, trust, evidence, public, identity, recipient string
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "settings"))
	t.Setenv("HOME", dir)
	c := &counter{dir: dir, trust: anchors(t), evidence: filepath.Join(dir, "card.evidence"), public: filepath.Join(dir, "counter.pub")}
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	c.identity, c.recipient = c.write(t, "age.key", key.String()), key.Recipient().String()
	o := cnie(t, nil, "terminal")
	require.Equal(t, exitOK, o.code, o.stderr)
	c.write(t, "counter.pub", o.stdout)
	return c
}

func (c *counter) write(t *testing.T, name, content string) string {
	t.Helper()
	name = filepath.Join(c.dir, name)
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	return name
}

// read verifies a card and saves evidence.
func (c *counter) read(t *testing.T, card *persona.Card, args ...string) answer {
	t.Helper()
	o, a := verify(t, simulator.New(card), append([]string{"--can", card.CAN, "--trust", c.trust, "--save-evidence", c.evidence}, args...)...)
	require.NotEmpty(t, a.Verdict, o.stderr)
	return a
}

// check runs `cnie check --json` on the saved evidence, on a machine without a
// card reader.
func (c *counter) check(t *testing.T, args ...string) (outcome, answer) {
	t.Helper()
	o := cnie(t, nil, append([]string{"check", c.evidence, "--json"}, args...)...)
	var a answer
	if o.stdout != "" {
		require.NoError(t, json.Unmarshal([]byte(o.stdout), &a))
	}
	return o, a
}

// The same evidence, anchors and policy give the same report elsewhere, and it
// says whose word it is.
func TestCheckGivesTheSameReport(t *testing.T) {
	c := newCounter(t)
	then := c.read(t, citizen(t), "--challenge", question, "--recipient", c.recipient)
	o, now := c.check(t, "--trust", c.trust, "--identity", c.identity, "--terminal", c.public, "--challenge", question)
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Equal(t, then.ID, now.ID)
	assert.Equal(t, then.Verdict, now.Verdict)
	assert.Equal(t, then.Checks, now.Checks)
	assert.Equal(t, then.Holder, now.Holder)
	assert.Equal(t, then.Access, now.Access)
	assert.Equal(t, then.Card, now.Card)
	assert.Nil(t, then.Attested)
	require.NotNil(t, now.Attested)
	assert.True(t, now.Attested.Known)
	assert.True(t, now.Attested.Compared)
	assert.True(t, now.Attested.Encrypted)
	assert.Equal(t, question, now.Attested.Challenge)
	assert.Equal(t, pki.Accepted, now.Attested.Judged.Verdict)
	assert.Equal(t, now.Attested.ReadAt.UTC(), now.At, "judged for the time of the reading")

	text := cnie(t, nil, "check", c.evidence, "--trust", c.trust, "--identity", c.identity)
	assert.Equal(t, exitOK, text.code)
	assert.True(t, strings.HasPrefix(text.stdout, "ACCEPTED  SPECIMEN\n"), text.stdout)
	for _, part := range []string{"Attested by the terminal SHA256:", "nobody vouches for", "Only Active Authentication", question, now.ID} {
		assert.Contains(t, text.stdout, part)
	}
}

func TestSavedEvidence(t *testing.T) {
	c := newCounter(t)
	card := citizen(t)
	a := c.read(t, card)
	mode, err := os.Stat(c.evidence)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), mode.Mode().Perm())
	file, err := os.Open(c.evidence)
	require.NoError(t, err)
	defer file.Close()
	saved, err := seal.Open(file)
	require.NoError(t, err)
	assert.Equal(t, card.Files[lds.DG1], saved.Evidence.Files[lds.DG1])
	assert.Equal(t, a.Access, saved.Evidence.Access)
	assert.NotEmpty(t, saved.Evidence.Chip.EphemeralPrivate)
	assert.NotEmpty(t, saved.Evidence.Chip.Response)
	assert.False(t, saved.Evidence.ReadUntil.Before(saved.Evidence.ReadAt))
	content, err := os.ReadFile(c.evidence)
	require.NoError(t, err)
	assert.NotContains(t, string(content), `"`+card.CAN+`"`)
}

// Whoever judges brings anchors, a time and a policy of his own.
func TestCheckJudgesByItself(t *testing.T) {
	c := newCounter(t)
	c.read(t, citizen(t))
	o, a := c.check(t)
	assert.Equal(t, exitInconclusive, o.code, "no anchors")
	assert.Nil(t, a.Holder, "what is released follows the same rule as at the counter")
	assert.NotContains(t, o.stdout, "SIMULATEUR")
	o, a = c.check(t, "--allow-unverified-issuer")
	assert.Equal(t, exitInconclusive, o.code)
	require.NotNil(t, a.Holder)
	assert.Equal(t, pki.MarkUnverifiedIssuer, a.Holder.Watermark)
	o, a = c.check(t, "--trust", c.trust, "--at", "2050-01-01T00:00:00Z")
	assert.Equal(t, exitRefused, o.code)
	assert.Contains(t, failed(a), "validity.document")
	assert.Nil(t, a.Holder)
	o, _ = c.check(t, "--trust", c.trust, "--policy", c.write(t, "bad.yaml", "allow-everything: true\n"))
	assert.Equal(t, exitConfiguration, o.code)
	assert.Contains(t, o.stderr, "bad.yaml:1:")
	o, _ = c.check(t, "--trust", c.trust, "--policy", c.write(t, "good.yaml", "name: town hall\n"))
	assert.Equal(t, exitOK, o.code, o.stderr)
}

// A refused card leaves evidence too, which says what was wrong.
func TestEvidenceOfACopiedChip(t *testing.T) {
	c := newCounter(t)
	card := citizen(t)
	card.ChipKeys = someoneElse(t).ChipKeys
	c.read(t, card, "--recipient", c.recipient)
	o, a := c.check(t, "--trust", c.trust, "--identity", c.identity)
	assert.Equal(t, exitRefused, o.code, o.stderr)
	assert.Equal(t, []string{"chip.authentication"}, failed(a))
	assert.Nil(t, a.Holder)
}

// Of people who may exist, evidence is saved encrypted or not at all.
func TestEvidenceInClearIsForSpecimens(t *testing.T) {
	c := newCounter(t)
	card := citizen(t)
	args := []string{"--can", card.CAN, "--save-evidence", c.evidence} // without anchors nobody is known to be a specimen
	o, _ := verify(t, simulator.New(card), args...)
	assert.Equal(t, exitNotPermitted, o.code)
	assert.Contains(t, o.stderr, "--recipient")
	assert.NoFileExists(t, c.evidence)
	assert.Empty(t, o.stdout)
	o, _ = verify(t, simulator.New(card), append(args, "--recipient", c.recipient)...)
	assert.Equal(t, exitInconclusive, o.code, o.stderr)
	content, err := os.ReadFile(c.evidence)
	require.NoError(t, err)
	assert.True(t, bytes.HasPrefix(content, []byte("age-encryption.org/v1\n")))
}

// No changed byte goes unnoticed, whatever it is part of; only a byte among the
// recipients can look like a file for others.
func TestCheckFindsEveryChangedByte(t *testing.T) {
	c := newCounter(t)
	for name, args := range map[string][]string{"clear": {"--read", "dg1"}, "encrypted": {"--read", "dg1", "--recipient", c.recipient}} {
		c.read(t, citizen(t), args...)
		good, err := os.ReadFile(c.evidence)
		require.NoError(t, err)
		step := max(1, len(good)/150)
		if !testing.Short() {
			step = max(1, len(good)/1500)
		}
		for at := 0; at < len(good); at += step {
			spoilt := bytes.Clone(good)
			spoilt[at] ^= 1
			require.NoError(t, os.WriteFile(c.evidence, spoilt, 0o600))
			o := cnie(t, nil, "check", c.evidence, "--trust", c.trust, "--identity", c.identity)
			require.Contains(t, []int{exitMalformed, exitNotPermitted}, o.code, "%s: byte %d", name, at)
			if o.code == exitNotPermitted {
				require.Less(t, at, 200, "%s: the list of recipients is over", name)
			}
			require.Empty(t, o.stdout)
			require.Equal(t, 1, strings.Count(o.stderr, "\n"), o.stderr)
		}
	}
}

func TestCheckArguments(t *testing.T) {
	c := newCounter(t)
	c.read(t, citizen(t), "--challenge", question)
	clear := c.evidence
	c.evidence = filepath.Join(c.dir, "encrypted")
	c.read(t, citizen(t), "--recipient", c.recipient)
	other, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	stranger, _, err := seal.GenerateKey()
	require.NoError(t, err)
	content, err := os.ReadFile(clear)
	require.NoError(t, err)
	huge := c.write(t, "huge", strings.Repeat("x", seal.MaxSize+1))
	cut := c.write(t, "cut", string(content[:len(content)/2]))
	forged := c.write(t, "forged", strings.Replace(string(content), `"protocol":"PACE"`, `"protocol":"BAC."`, 1))
	for _, k := range []struct {
		args     []string
		code     int
		sentence string
	}{
		{[]string{"check"}, exitUsage, "takes one file"},
		{[]string{"check", clear, clear}, exitUsage, "takes one file"},
		{[]string{"check", filepath.Join(c.dir, "none")}, exitIO, "cannot read"},
		{[]string{"check", c.dir}, exitIO, "cannot read"},
		{[]string{"check", c.public}, exitMalformed, "no evidence"},
		{[]string{"check", huge}, exitMalformed, "longer than evidence"},
		{[]string{"check", cut}, exitMalformed, "not whole"},
		{[]string{"check", forged}, exitMalformed, "after the terminal signed it"},
		{[]string{"check", c.evidence}, exitNotPermitted, "give --identity"},
		{[]string{"check", c.evidence, "--identity", c.write(t, "other.key", other.String())}, exitNotPermitted, "encrypted to others"},
		{[]string{"check", c.evidence, "--identity", c.public}, exitMalformed, "no age private key"},
		{[]string{"check", c.evidence, "--identity", huge}, exitIO, "longer"},
		{[]string{"check", clear, "--terminal", stranger.Public().String()}, exitNotPermitted, "another terminal, SHA256:"},
		{[]string{"check", clear, "--terminal", stranger.Public().Fingerprint()}, exitNotPermitted, "another terminal, SHA256:"},
		{[]string{"check", clear, "--terminal", clear}, exitUsage, "cnie terminal"},
		{[]string{"check", clear, "--terminal", "counter 7"}, exitUsage, "cnie terminal"},
		{[]string{"check", clear, "--challenge", "ffeeddccbbaa99887766554433221100"}, exitNotPermitted, "another challenge"},
		{[]string{"check", clear, "--challenge", "0011"}, exitUsage, "openssl rand"},
		{[]string{"check", c.evidence, "--identity", c.identity, "--challenge", question}, exitNotPermitted, "no challenge"},
		{[]string{"check", clear, "--at", "then"}, exitUsage, "--at takes"},
		{[]string{"check", clear, "--trust", c.dir + "/none"}, exitMalformed, "trust anchors"},
		{[]string{"check", clear, "--report", c.dir + "/none/r.html"}, exitIO, "cannot write"},
		{[]string{"verify", "--can", "123456", "--challenge", question}, exitUsage, "--save-evidence"},
		{[]string{"verify", "--can", "123456", "--save-evidence", "e", "--recipient", "me"}, exitUsage, "age-keygen"},
		{[]string{"verify", "--can", "123456", "--save-evidence", "e", "--recipient", "age1me"}, exitUsage, "age-keygen"},
		{[]string{"verify", "--can", "123456", "--save-evidence", "e", "--challenge", "x"}, exitUsage, "openssl rand"},
		{[]string{"verify", "--can", "123456", "--save-evidence", "e", "--terminal-key", c.public}, exitMalformed, "ssh-keygen"},
		{[]string{"verify", "--can", "123456", "--save-evidence", "e", "--terminal-key", c.dir + "/no.key"}, exitUsage, "ssh-keygen"},
	} {
		t.Run(strings.Join(k.args[1:], " "), func(t *testing.T) {
			o := cnie(t, simulator.NewSystem("Simulated"), k.args...)
			assert.Equal(t, k.code, o.code, o.stderr)
			assert.Contains(t, o.stderr, k.sentence)
			assert.Equal(t, 1, strings.Count(o.stderr, "\n"), "one sentence: %s", o.stderr)
			assert.Empty(t, o.stdout)
		})
	}
}

// The key is made once, for its owner only, and OpenSSH understands it.
func TestTerminalKey(t *testing.T) {
	c := newCounter(t)
	again := cnie(t, nil, "terminal")
	public, err := os.ReadFile(c.public)
	require.NoError(t, err)
	assert.Equal(t, string(public), again.stdout)
	file := filepath.Join(c.dir, "settings", "cnie", "terminal.key")
	mode, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), mode.Mode().Perm())
	entries, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing is left beside it")

	shown, err := exec.Command("ssh-keygen", "-y", "-f", file).Output()
	require.NoError(t, err)
	assert.Equal(t, strings.Fields(string(public))[:2], strings.Fields(string(shown))[:2])
	fingerprint, err := exec.Command("ssh-keygen", "-lf", c.public).Output()
	require.NoError(t, err)
	o := cnie(t, nil, "terminal", "--json")
	var answer map[string]string
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &answer))
	assert.Contains(t, string(fingerprint), answer["fingerprint"])

	require.NoError(t, os.Chmod(file, 0o644))
	o = cnie(t, nil, "terminal")
	assert.Equal(t, exitNotPermitted, o.code)
	assert.Contains(t, o.stderr, "chmod 600")

	o = cnie(t, nil, "terminal", "--terminal-key", c.write(t, "damaged.key", "-----BEGIN OPENSSH PRIVATE KEY-----\n"))
	assert.Equal(t, exitMalformed, o.code)
	assert.Contains(t, o.stderr, "ssh-keygen -t ed25519")
}

// Two programs that start together on a new machine agree on one key.
func TestTerminalKeyIsMadeOnce(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	made := make(chan string, 8)
	for range cap(made) {
		go func() {
			key, err := terminalKey("")
			if err != nil {
				made <- err.Error()
				return
			}
			made <- key.Public().String()
		}()
	}
	first := <-made
	assert.True(t, strings.HasPrefix(first, "ssh-ed25519 "), first)
	for range cap(made) - 1 {
		assert.Equal(t, first, <-made)
	}
}

func TestReportsOfEvidence(t *testing.T) {
	c := newCounter(t)
	c.read(t, citizen(t))
	page, slip := filepath.Join(c.dir, "page.html"), filepath.Join(c.dir, "slip.html")
	o, a := c.check(t, "--trust", c.trust, "--report", page)
	require.Equal(t, exitOK, o.code, o.stderr)
	o, _ = c.check(t, "--trust", c.trust, "--report", slip, "--paper", "58mm")
	require.Equal(t, exitOK, o.code, o.stderr)
	whole, err := os.ReadFile(page)
	require.NoError(t, err)
	short, err := os.ReadFile(slip)
	require.NoError(t, err)
	for _, content := range []string{string(whole), string(short)} {
		assert.Contains(t, content, "Attested by the terminal SHA256:")
		assert.Contains(t, content, a.ID)
	}
	assert.Contains(t, string(whole), a.Holder.GivenNames)
	assert.NotContains(t, string(short), a.Holder.GivenNames)
	assert.NotContains(t, string(short), "data:image")
}
