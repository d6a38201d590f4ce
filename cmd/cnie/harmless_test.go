package main

import (
	"os"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/pki/seal"
	"cnie/simulator/persona"
)

// steering is text that a terminal obeys or that turns a line around.
const steering = "a\x1b[2J\u009b2J\x7f\u202e\u2066b\u2028\U000e0041\ufeffc"

// unshaped lists the characters of an output that have no shape of their own.
func unshaped(text string) (found []rune) {
	for _, r := range text {
		if !unicode.IsGraphic(r) && r != '\n' {
			found = append(found, r)
		}
	}
	return found
}

// Evidence may say anything of the terminal that signed it, and a card of its
// holder: JSON has it whole and escaped, text without.
func TestSteeringEvidence(t *testing.T) {
	c := newCounter(t)
	card := citizen(t)
	details, err := lds.ParseDG11(card.Files[lds.DG11])
	require.NoError(t, err)
	details.FullName, details.Address = steering+"<<"+steering, []string{steering}
	card.Files[lds.DG11], err = details.Encode()
	require.NoError(t, err)
	p, err := persona.Load(persona.Names()[0])
	require.NoError(t, err)
	signer, options, err := p.Signer()
	require.NoError(t, err)
	card.Files[lds.SOD], err = signer.SignSOD(card.Files, options)
	require.NoError(t, err)
	a := c.read(t, card)
	require.Equal(t, []string{steering}, a.Holder.Address)
	_, file, err := seal.GenerateKey()
	require.NoError(t, err)
	key, err := seal.ParseKey(file)
	require.NoError(t, err)
	saved, err := os.Open(c.evidence)
	require.NoError(t, err)
	defer saved.Close()
	sealed, err := seal.Open(saved)
	require.NoError(t, err)
	s := sealed.Statement
	s.Tool, s.Judged.Trust, s.Judged.Policy = steering, steering, []string{steering}
	s.Evidence.Access.Parameters, s.Evidence.Access.Cipher = steering, steering
	signed, err := seal.Sign(s, key)
	require.NoError(t, err)
	c.write(t, "card.evidence", string(signed))
	o, a := c.check(t, "--trust", c.trust)
	require.NotEmpty(t, a.Verdict, o.stderr)
	assert.Equal(t, steering, a.Attested.Tool)
	assert.Equal(t, steering, a.Access.Cipher)
	assert.Empty(t, unshaped(o.stdout))
	assert.Contains(t, o.stdout, `\u009b2J\u007f\u202e\u2066b\u2028\udb40\udc41\ufeffc`)
	o = cnie(t, nil, "check", c.evidence, "--trust", c.trust, "--details")
	assert.Empty(t, unshaped(o.stdout))
	assert.Empty(t, unshaped(o.stderr))
}

// The same of file names, notes and policies.
func TestSteeringNames(t *testing.T) {
	a := newAtlas(t)
	member := a.file("csca"+steering+".der", a.morocco.Certificate)
	policy := a.file("policy.yaml", []byte("name: \"counter\\u009b\\u202e\\e[2J\"\n"))
	for _, args := range [][]string{
		{"trust", "import", member, "--trust", a.dir},
		{"trust", "import", member, "--trust", a.dir, "--json"},
		{"trust", "import", a.file("noise"+steering, []byte("noise")), "--trust", a.dir},
		{"trust", "list", "--trust", a.dir},
		{"trust", "list", "--trust", a.dir, "--json"},
		{"trust", "list", "--versions", "--trust", a.dir},
		{"trust", "status", "--trust", a.dir},
		{"policy", "explain", policy},
		{"policy", "explain", policy, "--json"},
		{"check", a.file(steering, nil)},
		{"trace", "show", a.file(steering, nil)},
	} {
		o := cnie(t, nil, args...)
		assert.NotEmpty(t, o.stdout+o.stderr, args)
		assert.Empty(t, unshaped(o.stdout), args)
		assert.Empty(t, unshaped(o.stderr), args)
	}
}

// A challenge that was given and is empty is a script's variable that was not set,
// and no leave to take evidence that answers none.
func TestEmptyChallenge(t *testing.T) {
	c := newCounter(t)
	c.read(t, citizen(t))
	o, _ := c.check(t, "--trust", c.trust)
	require.Equal(t, exitOK, o.code, o.stderr)
	o, _ = c.check(t, "--trust", c.trust, "--challenge", "")
	assert.Equal(t, exitUsage, o.code, o.stderr)
	o = cnie(t, nil, "verify", "--can", "123456", "--save-evidence", c.evidence, "--challenge", "")
	assert.Equal(t, exitUsage, o.code, o.stderr)
}
