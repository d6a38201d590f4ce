package spelling

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSlips(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "ab", 1}, {"ab", "abc", 1},
		{"clnoe", "clone", 1}, {"chekcsum", "checksum", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 1},
	} {
		assert.Equal(t, c.want, slips(c.a, c.b), "%s %s", c.a, c.b)
		assert.Equal(t, c.want, slips(c.b, c.a), "%s %s", c.b, c.a)
	}
}

func TestNearest(t *testing.T) {
	type fault string
	known := []fault{"clone", "photo-swapped", "sm-flip-checksum"}
	for typed, want := range map[string]fault{
		"clon": "clone", "CLONE": "clone", "photo-swaped": "photo-swapped", "sm-flip-chekcsum": "sm-flip-checksum",
		"": "", "entirely": "", strings.Repeat("x", 1<<20): "",
	} {
		assert.Equal(t, want, Nearest(typed, known), "%.20s", typed)
	}
	assert.Empty(t, Nearest[string]("anything", nil))
}
