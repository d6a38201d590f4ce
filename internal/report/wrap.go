package report

import (
	"strings"

	"github.com/rivo/uniseg"
)

// minColumn is the narrowest column worth breaking text into.
const minColumn = 16

// wrap breaks text into lines of at most width columns, at spaces where it can
// and inside a word where it must, never inside a letter with its marks. Width 0
// leaves it in one line.
func wrap(text string, width int) []string {
	if width <= 0 || uniseg.StringWidth(text) <= width {
		return []string{text}
	}
	var out []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case uniseg.StringWidth(line)+1+uniseg.StringWidth(word) <= width:
			line += " " + word
		default:
			out, line = append(out, line), word
		}
		for uniseg.StringWidth(line) > width {
			head, tail := split(line, width)
			if tail == "" {
				break // one letter, wider than the device
			}
			out, line = append(out, head), tail
		}
	}
	return append(out, line)
}

// split cuts a word that is too long; at least one letter goes to the head.
func split(word string, width int) (head, tail string) {
	used := 0
	letters := uniseg.NewGraphemes(word)
	for letters.Next() {
		from, _ := letters.Positions()
		if used+letters.Width() > width && from > 0 {
			return word[:from], word[from:]
		}
		used += letters.Width()
	}
	return word, ""
}

// pad fills text up to a width in columns.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-uniseg.StringWidth(text)))
}
