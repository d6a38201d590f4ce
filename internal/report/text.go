package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"
	"github.com/rivo/uniseg"

	"cnie/pki"
)

// minWidth is what a receipt printer has; nothing is set narrower.
const minWidth = 32

// TextOptions say what the device can show.
type TextOptions struct {
	Width   int  // in columns; 0: lines are as long as they are
	Colours bool // it understands colours
	ASCII   bool // it knows no signs beyond ASCII; names stay as they are
	Details bool // list every check
}

// Text writes the view as lines. It moves no cursor and clears nothing, so that
// it is right on paper and in a pipe too.
func (v View) Text(w io.Writer, o TextOptions) error {
	t := &text{w: w, TextOptions: o}
	if t.Width > 0 {
		t.Width = max(t.Width, minWidth)
	}
	verdict := strings.ToUpper(string(v.Verdict))
	t.hang("", t.paint(verdictColour(v.Verdict), verdict), uniseg.StringWidth(verdict)+2, v.Watermark)
	t.paragraph(v.Sentence)
	t.paragraph("Next: " + v.Next)
	for _, sentence := range v.Attested {
		t.paragraph(sentence)
	}
	t.line("")
	for _, a := range v.Axes {
		t.hang("  ", t.sign(a.Outcome)+" "+pad(a.Name, 10), 13, a.Reason)
	}
	t.line("")
	t.holder(v)
	if o.Details {
		t.checks(v.Checks)
	}
	if v.ID != "" {
		t.line("")
		t.paragraph("Report " + v.ID + ", judged for " + moment(v.At) + ".")
	}
	return t.err
}

type text struct {
	TextOptions
	w   io.Writer
	err error
}

func (t *text) line(s string) {
	if t.err == nil {
		_, t.err = fmt.Fprintln(t.w, strings.TrimRight(s, " "))
	}
}

// plain spells out the few signs of the program's own that ASCII lacks.
var plain = strings.NewReplacer("✓", "+", "✗", "x", "–", "-", "…", "...", "§", "section ")

func (t *text) spell(s string) string {
	if t.ASCII {
		return plain.Replace(s)
	}
	return s
}

func (t *text) paragraph(s string) {
	for _, line := range wrap(t.spell(s), t.Width) {
		t.line(line)
	}
}

// hang writes text to the right of a label, all lines of it; label is width
// columns wide, whatever colour adds to it. On a narrow device the text stands
// below the label.
func (t *text) hang(indent, label string, width int, content string) {
	left, s := len(indent)+width, t.spell(content)
	if t.Width > 0 && t.Width-left < minColumn {
		t.line(indent + label)
		for _, line := range wrap(s, max(1, t.Width-len(indent)-2)) {
			t.line(indent + "  " + line)
		}
		return
	}
	fill := strings.Repeat(" ", max(0, width-visible(label)))
	for i, line := range wrap(s, max(0, t.Width-left)) {
		if i == 0 {
			t.line(indent + label + fill + line)
			continue
		}
		t.line(strings.Repeat(" ", left) + line)
	}
}

// visible is the width of a label without the colours in it.
func visible(label string) int {
	width := 0
	for i, part := range strings.Split(label, "\x1b[") {
		if i > 0 {
			_, part, _ = strings.Cut(part, "m")
		}
		width += uniseg.StringWidth(part)
	}
	return width
}

func (t *text) sign(o pki.Outcome) string {
	return t.paint(outcomeColour(o), t.spell(Sign(o)))
}

func (t *text) paint(attribute color.Attribute, s string) string {
	c := color.New(attribute, color.Bold)
	if t.Colours {
		c.EnableColor()
	} else {
		c.DisableColor()
	}
	return c.Sprint(s)
}

func (t *text) holder(v View) {
	if len(v.Fields) == 0 {
		if v.Withheld != "" {
			t.paragraph("No holder field is shown: " + v.Withheld + ".")
		}
		return
	}
	width := 0
	for _, f := range v.Fields {
		width = max(width, uniseg.StringWidth(f.Label)+2)
	}
	for _, f := range v.Fields {
		label := f.Label
		for _, l := range f.Lines {
			t.hang("  ", label, width, l.Text)
			label = ""
		}
	}
}

func (t *text) checks(checks []pki.Check) {
	t.line("")
	for _, c := range checks {
		t.finding(c.Outcome, string(c.ID), c.Clause, c.Reason)
	}
}

func (t *text) finding(o pki.Outcome, name, rule, reason string) {
	id, clause := 22, 22
	if t.ASCII {
		clause = 29
	}
	if sign := t.sign(o) + " "; t.Width > 0 && t.Width < id+clause+2*minColumn {
		t.hang("  ", sign+name, id+2, reason+" ("+rule+")")
	} else {
		t.hang("  ", sign+pad(name, id)+pad(t.spell(rule), clause), id+clause+2, reason)
	}
}

func verdictColour(v pki.Verdict) color.Attribute {
	switch v {
	case pki.Accepted:
		return color.FgGreen
	case pki.Refused:
		return color.FgRed
	}
	return color.FgYellow
}

func outcomeColour(o pki.Outcome) color.Attribute {
	switch o {
	case pki.Passed:
		return color.FgGreen
	case pki.Failed:
		return color.FgRed
	case pki.NotApplicable:
		return color.FgWhite
	}
	return color.FgYellow
}
