package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/lds/cardspec"
	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
)

// inspectCard runs `cnie card inspect` on one chip.
func inspectCard(t testing.TB, chip *simulator.Chip, args ...string) (outcome, cardShown) {
	t.Helper()
	o := cnie(t, simulator.NewSystem("Simulated", chip), append([]string{"card", "inspect", "--json"}, args...)...)
	var shown cardShown
	if o.stdout != "" {
		require.NoError(t, json.Unmarshal([]byte(o.stdout), &shown), o.stdout)
	}
	return o, shown
}

func TestCardInspect(t *testing.T) {
	card := cardOf(t, "specimen")
	applet, err := piv.ForCard(card)
	require.NoError(t, err)
	o, shown := inspectCard(t, simulator.New(card, simulator.WithApplet(applet)))
	require.Equal(t, exitOK, o.code, o.stderr)
	id := 12
	assert.Equal(t, []paceShown{{OID: "0.4.0.127.0.7.2.2.4.2.2", Protocol: "PACE-ECDH-GM-AES-128", Parameters: "P-256", ID: &id}}, shown.PACE)
	assert.True(t, shown.Travel && shown.PIV)
	assert.False(t, shown.Basic)
	assert.Equal(t, []fileShown{{lds.CardAccess, len(card.Files[lds.CardAccess])}}, shown.Files)
	assert.Equal(t, lengthShown{Extended: true, Usable: 1024}, shown.Length)
	assert.Nil(t, shown.Opened)
	assert.Equal(t, card.ATR, []byte(shown.ATR))
}

// With the CAN the data groups are listed, and still nothing of the holder shows.
func TestCardInspectOpened(t *testing.T) {
	for _, name := range []string{"specimen", "every-group"} {
		card := cardOf(t, name)
		o, shown := inspectCard(t, simulator.New(card), "--can", card.CAN, "--spec", "cnie2")
		require.Equal(t, exitOK, o.code, o.stderr)
		require.NotNil(t, shown.Opened)
		assert.Equal(t, "PACE", shown.Opened.Protocol)
		assert.Equal(t, "SHA-256", shown.Opened.Hash)
		for f := lds.DG1; f <= lds.DG16; f++ {
			assert.Equal(t, card.Files[f] != nil, strings.Contains(o.stdout, `"`+f.Short()+`"`), f)
		}
		text := cnie(t, simulator.NewSystem("Simulated", simulator.New(card)), "card", "inspect", "--can", card.CAN, "--debug")
		require.Equal(t, exitOK, text.code, text.stderr)
		assert.Contains(t, text.stdout, "EF.SOD lists DG1, DG2")
		assert.Equal(t, name == "every-group", strings.Contains(text.stdout, "never read"))
		for _, secret := range []string{card.CAN, card.MRZ.DocumentNumber, card.MRZ.BirthDate, "ZZ0", "SPECIMEN"} {
			assert.NotContains(t, o.stdout+o.stderr+text.stdout+text.stderr, secret)
		}
	}
}

func TestCardInspectText(t *testing.T) {
	card := cardOf(t, "small-buffer")
	dir, err := lds.EncodeDIR([]lds.Application{{AID: lds.AID, Label: "eMRTD\x1b[31m"}, {AID: []byte{0xF0, 1}}})
	require.NoError(t, err)
	card.Files[lds.DIR] = dir
	o := cnie(t, simulator.NewSystem("Simulated", simulator.New(card)), "card", "inspect", "--spec", "cnie2")
	require.Equal(t, exitOK, o.code, o.stderr)
	for _, line := range []string{
		"Card in Simulated 00, ATR 3B85800180738421C092\n", "Opens by PACE-ECDH-GM-AES-128 on P-256\n",
		"Application: travel document (eMRTD)\n", `EF.DIR names A0000002471001, travel document, "eMRTD\x1b[31m"` + "\n", "EF.DIR names F001\n",
		"EF.ATR/INFO: 18 bytes, readable without a key\n", "Commands of extended length, answers of up to 158 bytes\n",
		"The card has room for commands of 160 and answers of 160 bytes\n",
		"Compared with: Carte nationale d'identité électronique, second generation (Morocco, since 2020)\n",
		"✓ EF.CardAccess: there (assumed)\n", "? EF.DIR: there; so far nobody said\n",
	} {
		assert.Contains(t, o.stdout, line)
	}
	assert.NotContains(t, o.stdout, "DG1", "EF.SOD was not read")
	assert.NotContains(t, o.stdout, "\x1b")
}

func TestCardInspectOfOthers(t *testing.T) {
	card := cardOf(t, "bac-only")
	o, shown := inspectCard(t, simulator.New(card), "--spec", "cnie2")
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.True(t, shown.Basic)
	assert.Empty(t, shown.PACE)
	require.NotNil(t, shown.Comparison)
	assert.Contains(t, shown.Comparison.Findings, comparedField{"PACE", "assumed", "there", "not there", false})
	o, shown = inspectCard(t, simulator.New(card), "--mrz", strings.Join(card.MRZLines, ""), "--allow-bac")
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Equal(t, "BAC", shown.Opened.Protocol)
	o, shown = inspectCard(t, simulator.New(card), "--mrz", strings.Join(card.MRZLines, ""))
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Nil(t, shown.Opened, "BAC was not allowed")
}

func TestCardInspectRefusals(t *testing.T) {
	card := cardOf(t, "specimen")
	for name, c := range map[string]struct {
		args []string
		code int
	}{
		"wrong CAN":     {[]string{"--can", "999999"}, exitWrongPassword},
		"short CAN":     {[]string{"--can", "1"}, exitUsage},
		"broken MRZ":    {[]string{"--mrz", "ID"}, exitUsage},
		"both":          {[]string{"--can", card.CAN, "--mrz", strings.Join(card.MRZLines, "")}, exitUsage},
		"unknown kind":  {[]string{"--spec", "library-card"}, exitUsage},
		"no such place": {[]string{"--reader", "elsewhere"}, exitUnavailable},
	} {
		o, _ := inspectCard(t, simulator.New(card), c.args...)
		assert.Equal(t, c.code, o.code, name)
		assert.Empty(t, o.stdout, name)
		assert.True(t, strings.HasPrefix(o.stderr, "cnie: "), name)
	}
	o := cnie(t, simulator.NewSystem("Simulated", nil), "card", "inspect")
	assert.Equal(t, exitUnavailable, o.code)
	assert.Contains(t, cnie(t, simulator.NewSystem("Simulated", nil), "card").stdout, "inspect")
}

// Every shipped persona is of the kind that its zone says, and shows nothing that
// the specification of its kind excludes, but for the answers to reset and the
// access protocols by which some of them differ on purpose.
func TestPersonasFitTheirSpecification(t *testing.T) {
	for _, name := range persona.Names() {
		card := cardOf(t, name)
		zone, err := lds.ParseMRZ(strings.Join(card.MRZLines, ""))
		require.NoError(t, err)
		spec, known := cardspec.For(zone)
		if !known {
			assert.Equal(t, lds.TD2, zone.Format, name)
			continue
		}
		args := []string{"--mrz", strings.Join(card.MRZLines, ""), "--allow-bac", "--spec", spec.Name}
		o, shown := inspectCard(t, simulator.New(card), args...)
		require.Equal(t, exitOK, o.code, "%s: %s", name, o.stderr)
		require.NotNil(t, shown.Opened, name)
		for _, f := range shown.Comparison.Findings {
			differs := f.Field == "ATR" || len(card.PACE) == 0 && (f.Field == "PACE" || f.Field == "EF.CardAccess")
			assert.True(t, f.Fits || differs, "%s: %s", name, f.Field)
		}
	}
}
