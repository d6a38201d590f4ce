package web

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/counter/web/assets"
)

// texts are the colours in which something is written, and on what; controls are
// borders, signs and the mark of the focus. Colours are as style.css names them.
var texts = map[string][]string{
	"ink":     {"paper", "ground", "good-ground", "bad-ground", "open-ground", "#e6edf6"},
	"soft":    {"paper", "ground"},
	"accent":  {"paper", "ground", "#e6edf6"},
	"good":    {"paper", "ground", "good-ground"},
	"bad":     {"paper", "ground", "bad-ground"},
	"open":    {"paper", "ground", "open-ground"},
	"#fff":    {"accent", "good", "bad", "open"},
	"#3b2500": {"open-ground"},
	"#5c0a10": {"bad-ground"},
	"#1f1600": {"#ffe08a", "#ffd35c"},
	"#5b3200": {"#ffe9b0"},
}

var controls = map[string][]string{
	"line":   {"paper", "ground"},
	"accent": {"paper", "ground"},
	"good":   {"paper", "ground"},
	"bad":    {"paper", "ground"},
	"open":   {"paper", "ground"},
}

// ornaments say nothing that words beside them do not.
const ornaments = "#aab4be #c9d1d9 #8fb3e6"

// luminance is the relative luminance of WCAG 2.2.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	hex := strings.TrimPrefix(colour, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	rgb, err := strconv.ParseUint(hex, 16, 24)
	require.NoError(t, err, colour)
	part := func(shift int) float64 {
		c := float64(rgb>>shift&0xFF) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	assert.InDelta(t, 21, contrast(t, "#000", "#fff"), 0.001)
	assert.InDelta(t, 4.54, contrast(t, "#767676", "#ffffff"), 0.01, "a pair that is known")

	content, err := fs.ReadFile(assets.Files, "style.css")
	require.NoError(t, err)
	named, measured := map[string]string{}, ornaments
	for _, found := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]+)`).FindAllStringSubmatch(string(content), -1) {
		named[found[1]] = found[2]
	}
	require.Len(t, named, 12)
	value := func(name string) string {
		measured += " " + name
		if strings.HasPrefix(name, "#") {
			return name
		}
		require.Contains(t, named, name)
		measured += " " + named[name]
		return named[name]
	}
	lowest := func(pairs map[string][]string) (float64, string) {
		least, which := 99.0, ""
		for front, grounds := range pairs {
			for _, ground := range grounds {
				if c := contrast(t, value(front), value(ground)); c < least {
					least, which = c, front+" on "+ground
				}
			}
		}
		return least, which
	}
	text, pair := lowest(texts)
	assert.GreaterOrEqual(t, text, 4.5, pair)
	control, border := lowest(controls)
	assert.GreaterOrEqual(t, control, 3.0, border)
	t.Logf("lowest: text %.2f (%s), controls %.2f (%s)", text, pair, control, border)
	for _, colour := range regexp.MustCompile(`#[0-9a-f]{3,6}\b`).FindAllString(string(content), -1) {
		assert.Contains(t, strings.Fields(measured), colour, "a colour that nobody measures")
	}
	said, err := os.ReadFile("../../../docs/counter.md")
	require.NoError(t, err)
	// Cut, not rounded: what is said is never more than what was measured.
	for _, figure := range []float64{text, control} {
		shown := fmt.Sprintf("%.1f:1", math.Floor(figure*10)/10)
		assert.True(t, strings.Contains(string(said), shown), "docs/counter.md says another figure than %s", shown)
	}
}
