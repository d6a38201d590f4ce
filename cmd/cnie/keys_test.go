package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
)

// signatureCard is a specimen's card with keys.
func signatureCard(t testing.TB, change func(*piv.Contents), options ...simulator.Option) *simulator.Chip {
	t.Helper()
	contents, err := piv.Specimen("SPECIMEN AMINA", nil)
	require.NoError(t, err)
	if change != nil {
		change(contents)
	}
	return simulator.New(&persona.Card{BAC: true}, append(options, simulator.WithApplet(piv.New(contents)))...)
}

// listed parses what `cnie keys --json` prints.
func keysOf(t testing.TB, o outcome) keyList {
	t.Helper()
	var list keyList
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &list), o.stderr)
	return list
}

func TestKeys(t *testing.T) {
	system := simulator.NewSystem("Simulated", signatureCard(t, nil), nil, simulator.New(citizen(t)))
	o := cnie(t, system, "keys")
	require.Equal(t, exitOK, o.code, o.stderr)
	lines := strings.Split(strings.TrimSpace(o.stdout), "\n")
	require.Len(t, lines, 5)
	assert.Equal(t, []string{"KEY", "ALGORITHM", "PIN", "UNTIL", "ON", "HOLDER"}, strings.Fields(lines[0]))
	assert.Equal(t, "9C   P-256      each time         2049-12-31  Simulated 00  SPECIMEN AMINA", lines[1])
	assert.Contains(t, lines[2], "9A   RSA-2048   as the card asks")
	assert.Equal(t, "Simulated 02: the card has no keys that this program knows how to use (no PIV application); its maker's PKCS #11 module may, with --pkcs11 FILE\n", o.stderr)

	o = cnie(t, system, "keys", "--json", "--reader", "00")
	require.Equal(t, exitOK, o.code, o.stderr)
	list := keysOf(t, o)
	require.Len(t, list.Keys, 4)
	assert.Empty(t, list.Problems)
	signature := list.Keys[0]
	assert.Equal(t, "9C", signature.Slot)
	assert.Equal(t, "P-256", signature.Algorithm)
	assert.Equal(t, "SPECIMEN AMINA", signature.Holder)
	assert.Equal(t, "Simulated 00", signature.Reader)
	assert.True(t, signature.PINEachTime)
	assert.True(t, signature.Certificate)
	assert.Len(t, signature.Token, 32)
	assert.Equal(t, 2049, signature.NotAfter.Year())
}

// One certificate that cannot be read does not hide the other keys.
func TestKeysWithABadCertificate(t *testing.T) {
	chip := signatureCard(t, func(c *piv.Contents) { c.Objects[piv.Signature.Certificate()] = []byte{0x70, 1, 0} })
	o := cnie(t, simulator.NewSystem("Simulated", chip), "keys")
	require.Equal(t, exitOK, o.code)
	assert.NotContains(t, o.stdout, "9C")
	assert.Contains(t, o.stdout, "9A")
	assert.Contains(t, o.stderr, "Simulated 00: read certificate 9C: ")
}

func TestNoKeys(t *testing.T) {
	var removed *simulator.System
	wire := func(func([]byte) []byte) func([]byte) []byte {
		return func([]byte) []byte {
			require.NoError(t, removed.Remove("Simulated 00"))
			return []byte{0x90, 0x00}
		}
	}
	removed = simulator.NewSystem("Simulated", signatureCard(t, nil, simulator.WithWire(wire)))
	empty := func(c *piv.Contents) { clear(c.Objects) }
	for name, c := range map[string]struct {
		system *simulator.System
		args   []string
		code   int
		says   string
	}{
		"no reader":          {simulator.NewSystem("Simulated"), nil, exitUnavailable, "no card reader was found"},
		"no card":            {simulator.NewSystem("Simulated", nil), nil, exitUnavailable, "there is no card in the reader"},
		"no such reader":     {simulator.NewSystem("Simulated", signatureCard(t, nil)), []string{"--reader", "another"}, exitUnavailable, "no reader's name contains"},
		"a travel document":  {simulator.NewSystem("Simulated", simulator.New(citizen(t))), nil, exitUnavailable, "no PIV application"},
		"an empty card":      {simulator.NewSystem("Simulated", signatureCard(t, empty)), nil, exitUnavailable, "no key that can sign was found"},
		"removed":            {removed, nil, exitTryAgain, "the card was removed"},
		"reader and module":  {simulator.NewSystem("Simulated"), []string{"--reader", "a", "--pkcs11", "b"}, exitUsage, "give one of them"},
		"a URI that is none": {simulator.NewSystem("Simulated"), []string{"--pkcs11", "pkcs11:colour=red"}, exitUsage, "an attribute is unknown"},
		"a PIN in the URI":   {simulator.NewSystem("Simulated"), []string{"--pkcs11", "pkcs11:?pin-value=4711"}, exitUsage, "a PIN does not belong there"},
		"an argument":        {simulator.NewSystem("Simulated"), []string{"9C"}, exitUsage, "takes no argument"},
	} {
		t.Run(name, func(t *testing.T) {
			o := cnie(t, c.system, append([]string{"keys"}, c.args...)...)
			assert.Equal(t, c.code, o.code, o.stderr)
			assert.Contains(t, o.stderr, c.says)
			assert.Equal(t, 1, strings.Count(o.stderr, "\n"), "one sentence")
			assert.NotContains(t, o.stderr, "4711")
			assert.Empty(t, o.stdout)
		})
	}
	o := cnie(t, simulator.NewSystem("Simulated", nil), "keys", "--json")
	assert.Equal(t, exitOK, o.code)
	assert.JSONEq(t, `{"keys": []}`, o.stdout)
	o = cnie(t, simulator.NewSystem("Simulated", simulator.New(citizen(t))), "keys", "--json")
	assert.Equal(t, exitUnavailable, o.code)
	assert.Len(t, keysOf(t, o).Problems, 1)
}

// Two cards without keys are told apart.
func TestNoKeysOnTwoCards(t *testing.T) {
	o := cnie(t, simulator.NewSystem("Simulated", simulator.New(citizen(t)), simulator.New(citizen(t))), "keys")
	assert.Equal(t, exitUnavailable, o.code)
	assert.Contains(t, o.stderr, "Simulated 00: the card has no keys")
	assert.Contains(t, o.stderr, "Simulated 01: the card has no keys")
}

// The holder's name and the certificate are no part of what --debug tells.
func TestKeysDebug(t *testing.T) {
	o := cnie(t, simulator.NewSystem("Simulated", signatureCard(t, nil)), "keys", "--debug")
	require.Equal(t, exitOK, o.code)
	assert.Contains(t, o.stderr, "apdu")
	assert.False(t, bytes.Contains([]byte(o.stderr), []byte("AMINA")))
}
