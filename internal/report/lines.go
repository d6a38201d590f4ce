package report

import (
	"io"

	"github.com/rivo/uniseg"

	"cnie/pki"
)

// Lines writes other reports with the same hand: wrapped to the device, hanging
// under their labels, in its colours and signs.
type Lines struct{ t text }

// NewLines writes to a device.
func NewLines(w io.Writer, o TextOptions) *Lines {
	if o.Width > 0 {
		o.Width = max(o.Width, minWidth)
	}
	return &Lines{text{w: w, TextOptions: o}}
}

// Err is the first error of the device.
func (l *Lines) Err() error { return l.t.err }

// Gap leaves a line empty.
func (l *Lines) Gap() { l.t.line("") }

// Paragraph writes a sentence or several.
func (l *Lines) Paragraph(s string) { l.t.paragraph(s) }

// Verdict writes a verdict in the colour of its outcome, and beside it what it is
// about.
func (l *Lines) Verdict(o pki.Outcome, verdict, about string) {
	l.t.hang("", l.t.sign(o)+" "+l.t.paint(outcomeColour(o), verdict), uniseg.StringWidth(verdict)+4, about)
}

// Field writes a label and, to its right, what it says. Width is how far right.
func (l *Lines) Field(label string, width int, content string) { l.t.hang("  ", label, width, content) }

// Finding writes a check: its outcome, its name, the rule and what was found.
func (l *Lines) Finding(o pki.Outcome, id, clause, reason string) {
	l.t.finding(o, id, clause, reason)
}

// Printable makes text of strangers harmless, as every report does.
func Printable(s string) string { return printable(s) }
