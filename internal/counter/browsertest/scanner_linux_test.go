//go:build cgo

package browsertest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
)

// zone is the machine-readable zone of the marker's card, in lines.
func zone(t *testing.T) []string {
	t.Helper()
	lines, err := lds.MRZ{Format: lds.TD1, DocumentCode: "ID", IssuingState: "MAR", DocumentNumber: "ZZZNPKLQA", Optional1: "ZZ080482",
		Nationality: "MAR", BirthDate: "900131", Sex: "F", ExpiryDate: "350101", Surname: "SPECIMEN", GivenNames: "MARKER BETA"}.Lines()
	require.NoError(t, err)
	return lines
}

// american are the keys of an American keyboard, which scanners pretend to be.
func american(c rune) key {
	switch {
	case c == '<':
		return key{"<", "Comma", true}
	case c >= '0' && c <= '9':
		return key{string(c), "Digit" + string(c), false}
	}
	return key{string(c), "Key" + string(c), true}
}

// Where the system has another layout, the American keys type something else.
var (
	frenchDigits = []string{"à", "&", "é", "\"", "'", "(", "-", "è", "_", "ç"}
	frenchKeys   = map[string]string{"KeyA": "Q", "KeyQ": "A", "KeyW": "Z", "KeyZ": "W", "KeyM": "?", "Comma": "?"}
	arabicDigits = []string{"٠", "١", "٢", "٣", "٤", "٥", "٦", "٧", "٨", "٩"}
	arabicKeys   = map[string]string{"KeyA": "ش", "KeyB": "لا", "KeyC": "ؤ", "KeyD": "ي", "KeyE": "ث", "KeyF": "ب", "KeyI": "ه", "KeyK": "ن", "KeyL": "م",
		"KeyM": "ة", "KeyN": "ى", "KeyP": "ح", "KeyQ": "ض", "KeyR": "ق", "KeyS": "س", "KeyZ": "ئ", "Comma": ","}
)

func onFrench(c rune) key { return on(c, frenchDigits, frenchKeys) }
func onArabic(c rune) key { return on(c, arabicDigits, arabicKeys) }

func on(c rune, digits []string, keys map[string]string) key {
	k := american(c)
	if c >= '0' && c <= '9' {
		k.name = digits[c-'0']
	} else if other, ok := keys[k.code]; ok {
		k.name = other
	}
	return k
}

// french is a scanner that was told of the French layout.
func french(c rune) key {
	switch {
	case c == '<':
		return key{"<", "IntlBackslash", false}
	case c >= '0' && c <= '9':
		return key{string(c), "Digit" + string(c), true}
	}
	k := american(c)
	for code, typed := range frenchKeys {
		if typed == string(c) {
			k.code = code
		}
	}
	return k
}

// A scanner types the zone and Enter, whether the cursor is in the field or not,
// in one line or three, whatever the layout: the card opens.
func TestScanner(t *testing.T) {
	for _, row := range []struct {
		name  string
		type_ func(rune) key
		focus string // where the cursor is
		lines bool   // Enter after each
	}{
		{"in the field", american, "#password", false},
		{"anywhere", american, "", true},
		{"French layout", onFrench, "", false},
		{"Arabic layout", onArabic, "#password", true},
		{"set to French", french, "", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := newRoom(t, 1, "fr")
			r.start("age")
			r.hand("insert", world.marker)
			r.clerk.state("waiting-password")
			r.clerk.focus()
			r.clerk.script(`document.activeElement.blur()`)
			if row.focus != "" {
				r.clerk.reach(row.focus)
			}
			r.clerk.press(burst(zone(t), row.type_, row.lines)...)
			r.clerk.state("asking")
			assert.NotContains(t, r.clerk.text("document.documentElement.outerHTML"), "ZZZNPKLQA")
		})
	}
}

func burst(lines []string, typed func(rune) key, each bool) (keys []key) {
	enter := key{name: "Enter", code: "Enter"}
	if !each {
		lines = []string{strings.Join(lines, "")}
	}
	for _, line := range lines {
		for _, c := range line {
			keys = append(keys, typed(c))
		}
		keys = append(keys, enter)
	}
	return keys
}

// A zone that is scanned when nobody asked for it starts nothing, answers
// nothing, and stays in no field.
func TestScannerAtTheWrongMoment(t *testing.T) {
	r := newRoom(t, 1, "fr")
	r.clerk.until(there("reader"))
	r.clerk.script(`document.getElementById("operator").value = "clerk-1"; document.getElementById("ticket").value = "A"; document.getElementById("ticket").focus()`)
	r.clerk.focus()
	r.clerk.press(burst(zone(t), american, true)...)
	r.clerk.until(`document.getElementById("ticket").value === "A"`)
	r.clerk.state("idle")
	r.start("age")
	r.hand("insert", world.marker)
	r.clerk.password(can)
	r.clerk.state("asking")
	r.citizen.focus()
	r.citizen.press(burst(zone(t), american, true)...)
	r.citizen.moment("ask")
	r.clerk.state("asking")
	r.citizen.strike("1")
	r.clerk.state("deciding")
	r.clerk.focus()
	r.clerk.press(burst(zone(t), american, false)...)
	r.clerk.strike("2")
	r.clerk.state("done")
	assert.Equal(t, "refused", r.clerk.text(there("result")+".dataset.result"), "it was the clerk's 2, and not a digit of the zone")
}
