package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/doctor"
	"cnie/simulator"
)

// examined is what `cnie doctor --json` prints.
type examined struct {
	Ready    bool
	Findings []doctor.Finding
}

func (e examined) find(id string) doctor.Finding {
	for _, f := range e.Findings {
		if f.ID == id {
			return f
		}
	}
	return doctor.Finding{}
}

func parseExamined(t *testing.T, o outcome) examined {
	t.Helper()
	var e examined
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &e), o.stdout+o.stderr)
	assert.Equal(t, e.Ready, o.code == exitOK)
	assert.Empty(t, o.stderr)
	return e
}

func TestDoctor(t *testing.T) {
	card := citizen(t)
	system := simulator.NewSystem("ACR1252", simulator.New(card))
	o := cnie(t, system, "doctor", "--trust", anchors(t))
	assert.Equal(t, exitOK, o.code, o.stdout)
	for _, line := range []string{
		"✓ The smart-card service answers.\n", "✓ The reader is ACR1252 00.\n", "✓ The card answers.\n",
		"! The trust data hold a specimen authority", "  → Take another folder for --trust", "✓ Cards are judged by the strict default policy.\n",
		"\nNothing stands in the way of reading cards.\n",
	} {
		assert.Contains(t, o.stdout, line)
	}
	for _, secret := range append(card.MRZLines, card.CAN, card.MRZ.DocumentNumber, "SIMULATEUR") {
		assert.NotContains(t, o.stdout+o.stderr, secret)
	}

	held, err := system.Connect(t.Context(), "ACR1252 00")
	require.NoError(t, err)
	defer held.Close()
	o = cnie(t, system, "doctor")
	assert.Equal(t, exitUnavailable, o.code)
	assert.Contains(t, o.stdout, "✗ Another program holds the card.\n  → Close what uses cards")
	assert.Contains(t, o.stdout, "before what ✗ marks is mended (1).\n")
	assert.Empty(t, o.stderr)
}

func TestDoctorLooksAtFiles(t *testing.T) {
	system := simulator.NewSystem("ACR1252", nil)
	dir := t.TempDir()
	mistaken := filepath.Join(dir, "counter.yaml")
	require.NoError(t, os.WriteFile(mistaken, []byte("alow-bac: true\n"), 0o600))
	lenient := filepath.Join(dir, "lenient.yaml")
	require.NoError(t, os.WriteFile(lenient, []byte("name: the town hall\nallow-crl-age-days: 3000\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "CSCA1.der"), []byte("not a certificate"), 0o600))
	old := anchorsAt(t, "2024-06-01T12:00:00Z")
	for _, c := range []struct {
		args  []string
		id    string
		level doctor.Level
		part  string
	}{
		{[]string{"--trust", old}, "age", doctor.Remark, "revocation list of MA of 2024-06-01"},
		{[]string{"--trust", old, "--policy", lenient}, "age", "", ""},
		{[]string{"--policy", lenient}, "policy", doctor.OK, "the town hall"},
		{[]string{"--policy", mistaken}, "policy", doctor.Blocking, `counter.yaml:1:1: unknown field "alow-bac"`},
		{[]string{"--trust", dir}, "trust", doctor.Blocking, "CSCA1.der"},
		{nil, "trust", doctor.Remark, "There are no trust anchors"},
		{[]string{"--trust", anchorsAt(t, "2090-01-01T12:00:00Z")}, "clock", doctor.Blocking, "was made on 2090-01-01"},
		{[]string{"--reader", "Omnikey"}, "reader", doctor.Blocking, "ACR1252 00"},
	} {
		e := parseExamined(t, cnie(t, system, append([]string{"doctor", "--json"}, c.args...)...))
		f := e.find(c.id)
		assert.Equal(t, c.level, f.Level, "%v: %s", c.args, f.Sentence)
		assert.Contains(t, f.Sentence+f.Fix, c.part, c.args)
	}
	o := cnie(t, system, "doctor", "who")
	assert.Equal(t, exitUsage, o.code)
}
