package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/pki"
	"cnie/simulator"
	"cnie/simulator/persona"
)

func policyFile(t testing.TB, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "counter.yaml")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

func TestPolicyExplain(t *testing.T) {
	none := simulator.NewSystem("Simulated")
	o := cnie(t, none, "policy", "explain")
	require.Equal(t, exitOK, o.code, o.stderr)
	for _, part := range []string{"Policy: the strict default.", "opened by PACE.", "90 days", "access, integrity, issuer, chip, validity, revocation."} {
		assert.Contains(t, o.stdout, part)
	}
	assert.NotContains(t, o.stdout, "Judged for", "a policy in a file has no time")

	file := policyFile(t, "name: town hall\nallow-bac: true\nallow-crl-age-days: 120\nallow-open: [revocation]\n")
	o = cnie(t, none, "policy", "explain", file)
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Regexp(t, `^Policy: town hall \(SHA-256 [0-9a-f]{8}…\)\.\n`, o.stdout)
	for _, part := range []string{"Basic Access Control is allowed", "120 days", "may stay open: revocation"} {
		assert.Contains(t, o.stdout, part)
	}

	o = cnie(t, none, "policy", "explain", "--json", file)
	var said struct {
		Rules  []string
		Policy map[string]any
	}
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &said))
	assert.NotEmpty(t, said.Rules)
	assert.Equal(t, map[string]any{"name": "town hall", "allow-bac": true, "allow-crl-age-days": 120.0, "allow-open": []any{"revocation"}}, said.Policy)
}

func TestPolicySchema(t *testing.T) {
	o := cnie(t, simulator.NewSystem("Simulated"), "policy", "schema")
	assert.Equal(t, exitOK, o.code)
	published, err := os.ReadFile("../../docs/policy.schema.json")
	require.NoError(t, err)
	assert.Equal(t, string(published), o.stdout)
}

func TestPolicyMistakes(t *testing.T) {
	file := policyFile(t, "allow-bac: true\nallow-luck: true\n")
	for _, args := range [][]string{{"policy", "explain", file}, {"verify", "--can", "123456", "--policy", file}} {
		o := cnie(t, simulator.NewSystem("Simulated"), args...)
		assert.Equal(t, exitConfiguration, o.code)
		assert.Equal(t, "cnie: "+file+":2:1: unknown field \"allow-luck\"; correct the policy file\n", o.stderr)
		assert.Empty(t, o.stdout)
	}
	o := cnie(t, simulator.NewSystem("Simulated"), "policy", "explain", "/nowhere")
	assert.Equal(t, exitIO, o.code, o.stderr)
	o = cnie(t, simulator.NewSystem("Simulated"), "policy", "explain", file, file)
	assert.Equal(t, exitUsage, o.code)
}

// TestPolicyOfARun judges a card that only Basic Access Control opens: the file
// decides, and an argument can take away from it but add nothing.
func TestPolicyOfARun(t *testing.T) {
	p, err := persona.Load("bac-only")
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	trust, strict, allows := anchors(t), policyFile(t, "{}"), policyFile(t, "name: town hall\nallow-bac: true\n")
	cases := []struct {
		args  []string
		code  int
		title string
	}{
		{nil, exitRefused, "Policy: the strict default."},
		{[]string{"--allow-bac"}, exitOK, "Policy: the strict default, relaxed on the command line."},
		{[]string{"--policy", allows}, exitOK, "Policy: town hall (SHA-256 "},
		{[]string{"--policy", allows, "--allow-bac"}, exitOK, "Policy: town hall (SHA-256 "},
		{[]string{"--policy", allows, "--allow-bac=false"}, exitRefused, ", without allow-bac."},
		{[]string{"--policy", strict}, exitRefused, strict},
		{[]string{"--policy", strict, "--allow-bac"}, exitNotPermitted, ""},
	}
	for _, c := range cases {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			o, a := verify(t, simulator.New(card), append([]string{"--mrz", strings.Join(card.MRZLines, ""), "--trust", trust}, c.args...)...)
			require.Equal(t, c.code, o.code, o.stderr)
			if c.code == exitNotPermitted {
				assert.Contains(t, o.stderr, "does not allow what --allow-bac asks for")
				assert.Empty(t, o.stdout)
				return
			}
			assert.Contains(t, a.Policy[0], c.title)
			if c.code == exitOK {
				assert.Equal(t, pki.Accepted, a.Verdict)
			}
		})
	}
}
