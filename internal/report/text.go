package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/fatih/color"

	"cnie/pki"
)

// Text writes the view as lines for a terminal, in colour if asked to. With
// details it lists every check.
func (v View) Text(w io.Writer, colours, details bool) error {
	t := &text{w: w, colours: colours}
	t.line("%s  %s", t.paint(verdictColour(v.Verdict), strings.ToUpper(string(v.Verdict))), v.Watermark)
	t.line("%s", v.Sentence)
	t.line("Next: %s", v.Next)
	t.line("")
	for _, a := range v.Axes {
		t.line("  %s %-11s %s", t.paint(outcomeColour(a.Outcome), Sign(a.Outcome)), a.Name, a.Reason)
	}
	t.line("")
	t.holder(v)
	if details {
		t.checks(v.Checks)
	}
	return t.err
}

type text struct {
	w       io.Writer
	colours bool
	err     error
}

func (t *text) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintln(t.w, strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
}

func (t *text) paint(attribute color.Attribute, s string) string {
	c := color.New(attribute, color.Bold)
	if t.colours {
		c.EnableColor()
	} else {
		c.DisableColor()
	}
	return c.Sprint(s)
}

func (t *text) holder(v View) {
	if len(v.Fields) == 0 {
		if v.Withheld != "" {
			t.line("No holder field is shown: %s.", v.Withheld)
		}
		return
	}
	width := 0
	for _, f := range v.Fields {
		width = max(width, utf8.RuneCountInString(f.Label))
	}
	for _, f := range v.Fields {
		label := f.Label
		for _, l := range f.Lines {
			t.line("  %-*s  %s", width, label, l.Text)
			label = ""
		}
	}
}

func (t *text) checks(checks []pki.Check) {
	t.line("")
	for _, c := range checks {
		t.line("  %s %-22s %-21s %s", t.paint(outcomeColour(c.Outcome), Sign(c.Outcome)), c.ID, c.Clause, c.Reason)
	}
}

// printable drops control characters: text from a card must not steer the
// terminal. Direction overrides would let a name rewrite the line it stands on.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7F && r < 0xA0 || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s)
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
