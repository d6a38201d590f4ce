package report

import (
	"strings"
	"unicode"
)

const (
	maxRunes = 400 // of one line; the longest field of Doc 9303-10 has 99 bytes
	maxMarks = 4   // on one letter; vocalised Arabic has two or three
)

// Joiners are format characters that change how letters look, and that Persian
// and Indian names need.
const (
	zeroWidthNonJoiner = '\u200C'
	zeroWidthJoiner    = '\u200D'
)

// printable keeps what has a shape of its own and drops the rest: control
// characters, which would steer a terminal; marks that set the direction of
// writing, with which a name could rewrite the line it stands on; separators of
// lines, private and unassigned characters. Marks that pile up on a letter until
// they cover its neighbours are cut off, and so is what no document would hold.
func printable(s string) string {
	var b strings.Builder
	runes, marks := 0, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.M, r):
			if marks++; marks > maxMarks {
				continue
			}
		case r == zeroWidthJoiner || r == zeroWidthNonJoiner:
		case !unicode.IsGraphic(r):
			continue
		default:
			marks = 0
		}
		if runes++; runes > maxRunes {
			b.WriteString("…")
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

// isArabic reports whether the first letter is of the Arabic script.
func isArabic(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) {
			return unicode.Is(unicode.Arabic, r)
		}
	}
	return false
}
