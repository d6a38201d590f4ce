package visible

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"

	"cnie/pki/adsig/pdf"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/shaping"
)

// clusterText is what glyphs that were shaped together say.
func clusterText(cluster []shaping.Glyph, text []rune) []rune {
	from := min(cluster[0].TextIndex(), len(text))
	return text[from:min(from+cluster[0].RunesCount(), len(text))]
}

// note marks glyphs as used and remembers what each says, for those who search
// or copy. It reports false where a glyph that says one thing elsewhere says
// another here, so that it has to be told at the place.
func (t *typeface) note(cluster []shaping.Glyph, text []rune) bool {
	rest := slices.Clone(clusterText(cluster, text))
	var open []font.GID
	told := true
	for _, g := range cluster {
		t.used[g.GlyphID] = true
		i := slices.IndexFunc(rest, func(r rune) bool { n, ok := t.face.NominalGlyph(r); return ok && n == g.GlyphID })
		if i < 0 {
			open = append(open, g.GlyphID)
			continue
		}
		told = t.says(g.GlyphID, string(rest[i])) && told
		rest = slices.Delete(rest, i, i+1)
	}
	switch {
	case len(open) == 1 && len(rest) > 0:
		return t.says(open[0], string(rest)) && told
	case len(open) == 0 && len(rest) == 0:
		return told
	}
	return false
}

func (t *typeface) says(g font.GID, text string) bool {
	if known, ok := t.text[g]; ok {
		return known == text
	}
	t.text[g] = text
	return true
}

func utf16Hex(text []rune) string {
	var b strings.Builder
	for _, unit := range utf16.Encode(text) {
		fmt.Fprintf(&b, "%04X", unit)
	}
	return b.String()
}

// toUnicode is the character map that says what the codes mean (ISO 32000-2
// §9.10.3).
func (t *typeface) toUnicode() (*pdf.Stream, error) {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for part := range slices.Chunk(slices.Sorted(maps.Keys(t.text)), 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(part))
		for _, g := range part {
			fmt.Fprintf(&b, "<%04X> <%s>\n", uint16(g), utf16Hex([]rune(t.text[g])))
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return packed(pdf.Dict{}, b.Bytes())
}
