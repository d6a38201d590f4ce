package report

import (
	"bytes"
	"encoding/hex"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/pki"
)

// hostile are texts that a card, a certificate or a terminal could contain in
// order to be taken for something else.
var hostile = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`'; } </style><script>alert(1)</script>`,
	`</title></head><h1>Accepted</h1>`,
	`{{.Trust}}`,
	"\x1b[2J\x1b[1;1HACCEPTED\x07",
	"\u009b2JACCEPTED",
	"REFUSED\rACCEPTED",
	"one\nACCEPTED  SPECIMEN\n",
	"\u202eDETPECCA",
	"\u2066a\u2067b\u2068c\u2069\u200f\u200e\u061c",
	"a\u2028b\u2029c\u0085d\ufeffe\U000e0041f",
	"a" + strings.Repeat("\u0301", 500),
	strings.Repeat("W", 70_000),
	strings.Repeat("كلمة", 9_000),
	"\xff\xfe\x80\x00",
	"javascript:alert(1)",
}

// everywhere puts one text into every string that a view is made from.
func everywhere(s string) View {
	h := &pki.Holder{}
	for _, field := range reflect.ValueOf(h).Elem().Fields() {
		switch field.Interface().(type) {
		case string:
			field.SetString(s)
		case []string:
			field.Set(reflect.ValueOf([]string{s, s}))
		}
	}
	r := judged(true)
	for i := range r.Checks {
		r.Checks[i].Reason = s
		r.Checks[i].Outcome = pki.Warned
	}
	return New(r, Context{
		ID: s, Rules: []string{s}, Trust: s, Tool: s, Holder: h, Withheld: s,
		Attested: &Attestation{Terminal: s, Challenge: s, Tool: s, Verdict: pki.Verdict(s)},
	})
}

var tags = regexp.MustCompile(`<[!/a-zA-Z][^>]*>`)

// shape is the markup of a page without what stands between.
func shape(t *testing.T, write func(*bytes.Buffer) error) (string, []string) {
	var b bytes.Buffer
	require.NoError(t, write(&b))
	return b.String(), tags.FindAllString(style.ReplaceAllString(b.String(), ""), -1)
}

// Whatever a card says is text: it adds no markup to a page, no line and no
// escape sequence to a terminal, and turns no line around.
func TestHostileText(t *testing.T) {
	innocent := everywhere("Mohammed")
	_, wantPage := shape(t, func(b *bytes.Buffer) error { return innocent.HTML(b) })
	_, wantSlip := shape(t, func(b *bytes.Buffer) error { return innocent.Slip(b) })
	var wantText bytes.Buffer
	require.NoError(t, innocent.Text(&wantText, TextOptions{Details: true}))
	for _, s := range hostile {
		view := everywhere(s)
		page, pageTags := shape(t, func(b *bytes.Buffer) error { return view.HTML(b) })
		slip, slipTags := shape(t, func(b *bytes.Buffer) error { return view.Slip(b) })
		var text bytes.Buffer
		require.NoError(t, view.Text(&text, TextOptions{Details: true}))
		if printable(s) != "" && !isArabic(s) {
			assert.Equal(t, wantPage, pageTags, "%.40q", s)
			assert.Equal(t, wantSlip, slipTags, "%.40q", s)
			assert.Equal(t, strings.Count(wantText.String(), "\n"), strings.Count(text.String(), "\n"), "%.40q", s)
		}
		for _, out := range []string{page, slip, text.String()} {
			assert.True(t, utf8.ValidString(out))
			assert.Equal(t, -1, strings.IndexFunc(out, steers), "%.40q", s)
			assert.Less(t, len(out), 200_000, "%.40q", s)
		}
		var narrow bytes.Buffer
		require.NoError(t, view.Text(&narrow, TextOptions{Details: true, Width: 60}))
		for line := range strings.Lines(narrow.String()) {
			require.LessOrEqual(t, visible(strings.TrimSuffix(line, "\n")), 60, "%.40q", s)
		}
	}
}

// steers is a list of its own, written apart from printable.
func steers(r rune) bool {
	return r < ' ' && r != '\n' || r >= 0x7F && r < 0xA0 || r == 0x061C || r == 0xFEFF ||
		r >= 0x200E && r <= 0x200F || r >= 0x2028 && r <= 0x202E || r >= 0x2060 && r <= 0x206F || r >= 0xE0000
}

func TestNamesStayAsTheyAre(t *testing.T) {
	for _, name := range []string{
		"SPECIMEN", "D'ARTAGNAN-ÉLÈVE", "نموذج", "مُحَمَّد", "علی\u200cرضا", "ⵣⵣⵣ", "1 RUE DU SPECIMEN, n° 3", "e\u0301t\u0308",
	} {
		assert.Equal(t, name, printable(name))
	}
	assert.True(t, isArabic("1 زنقة"))
	assert.False(t, isArabic("RABAT الرباط"))
	assert.False(t, isArabic("12"))
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 10, []string{""}},
		{"as it is", 0, []string{"as it is"}},
		{"one two three", 7, []string{"one two", "three"}},
		{"a wordthatistoolong b", 6, []string{"a", "wordth", "atisto", "olong", "b"}},
		{"éé\u0301éé", 2, []string{"éé\u0301", "éé"}},
		{"日本語", 4, []string{"日本", "語"}},
		{"日本", 1, []string{"日", "本"}}, // a letter wider than the device still comes out
	} {
		assert.Equal(t, c.want, wrap(c.text, c.width), c.text)
	}
	long := strings.Repeat("W", 10_000)
	assert.Equal(t, long, strings.Join(wrap(long, 16), ""))
	assert.True(t, slices.Contains(wrap("a b", 1), "b"))
}

func channels(t *testing.T, colour string) (c [3]float64) {
	if len(colour) == 3 {
		colour = string([]byte{colour[0], colour[0], colour[1], colour[1], colour[2], colour[2]})
	}
	b, err := hex.DecodeString(colour)
	require.NoError(t, err)
	for i := range c {
		c[i] = float64(b[i]) / 255
	}
	return c
}

func contrast(a, b [3]float64) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(c [3]float64) float64 {
	for i, v := range c {
		if c[i] = v / 12.92; v > 0.04045 {
			c[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
}
