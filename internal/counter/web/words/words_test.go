package words

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
)

func TestEveryKeyInEveryLanguage(t *testing.T) {
	want := Keys()
	for _, l := range Languages {
		assert.Equal(t, want, slices.Sorted(maps.Keys(catalogues[l.Tag])), l.Tag)
		for key := range catalogues[l.Tag] {
			text := l.In(key)
			assert.NotEmpty(t, text.Text, "%s %s", l.Tag, key)
			assert.Equal(t, strings.TrimSpace(text.Text), text.Text, "%s %s", l.Tag, key)
		}
	}
}

// What is said to be in a language is in its script, and Tifinagh is never mixed
// with the Arabic that stands in for it.
func TestTextsAreInTheirScript(t *testing.T) {
	scripts := map[string]*unicode.RangeTable{"ar": unicode.Arabic, "fr": unicode.Latin, "en": unicode.Latin, "zgh": unicode.Tifinagh}
	for _, l := range Languages {
		for _, key := range Keys() {
			text := l.In(key)
			assert.True(t, strings.ContainsFunc(text.Text, func(r rune) bool { return unicode.Is(scripts[text.Tag], r) }), "%s %s: %s", l.Tag, key, text.Text)
			for tag, script := range scripts {
				if tag != text.Tag && (text.Tag == "ar" || text.Tag == "zgh") && script != unicode.Latin {
					assert.False(t, strings.ContainsFunc(text.Text, func(r rune) bool { return unicode.Is(script, r) && unicode.IsLetter(r) }), "%s %s", l.Tag, key)
				}
			}
		}
	}
}

var hole = regexp.MustCompile(`\{\d\}`)

func TestHolesAgree(t *testing.T) {
	for _, key := range Keys() {
		want := hole.FindAllString(Find("en").In(key).Text, -1)
		for _, l := range Languages {
			assert.ElementsMatch(t, want, hole.FindAllString(l.In(key).Text, -1), "%s %s", l.Tag, key)
		}
	}
}

func TestSentencesAreShort(t *testing.T) {
	for _, l := range Languages {
		for _, key := range Keys() {
			for sentence := range strings.SplitSeq(l.In(key).Text, ". ") {
				assert.LessOrEqual(t, len(strings.Fields(sentence)), 20, "%s %s", l.Tag, key)
			}
		}
	}
}

func TestOf(t *testing.T) {
	text := Find("zgh").Of(map[string]string{"fr": "Mairie", "ar": "الجماعة"})
	assert.Equal(t, "ar", text.Tag)
	assert.Equal(t, "rtl", text.Dir)
	assert.Equal(t, "Mairie", Find("fr").Of(map[string]string{"fr": "Mairie"}).Text)
	assert.Empty(t, Find("fr").Of(nil).Text)
}
