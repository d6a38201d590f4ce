package traces

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"cnie/apdu/trace"
)

// Total sums up a session, times in microseconds.
type Total struct {
	Commands int   `json:"commands"`
	Sent     int   `json:"bytes_sent"`
	Received int   `json:"bytes_received"`
	Card     int64 `json:"card"` // the card's part of the time
	Whole    int64 `json:"whole"`
}

func total(t *trace.Trace, steps []trace.Step) (sum Total) {
	for _, s := range steps {
		sum.Commands += s.Commands
		sum.Sent += s.Sent
		sum.Received += s.Received
		sum.Card += s.Took
	}
	for _, e := range t.Entries {
		sum.Whole = max(sum.Whole, e.At+e.Took)
	}
	return sum
}

// JSON writes what [Text] shows, as one object.
func JSON(w io.Writer, t *trace.Trace) error {
	steps := t.Decode(Names)
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		trace.Header
		Total Total        `json:"total"`
		Steps []trace.Step `json:"steps"`
	}{t.Header, total(t, steps), steps})
}

// Text shows a session step by step, in lines no wider than so many columns; 0:
// as wide as they are. Nothing is decrypted.
func Text(w io.Writer, t *trace.Trace, width int) error {
	steps := t.Decode(Names)
	p := &page{w: w, width: width}
	p.header(t.Header)
	p.line("")
	p.line("   #      ms  sent   recv  status  what happened")
	for _, s := range steps {
		p.step(s)
	}
	sum := total(t, steps)
	p.line("")
	p.line("%s, %d bytes sent, %d received.", commands(sum.Commands), sum.Sent, sum.Received)
	p.line("%s ms in all, %s ms of them the card's.", milliseconds(sum.Whole), milliseconds(sum.Card))
	return p.err
}

// page writes lines and keeps the first error.
type page struct {
	w     io.Writer
	width int
	err   error
}

func (p *page) line(format string, args ...any) {
	if p.err != nil {
		return
	}
	text := fmt.Sprintf(format, args...)
	if p.width > 1 && utf8.RuneCountInString(text) > p.width {
		text = string([]rune(text)[:p.width-1]) + "…"
	}
	_, p.err = fmt.Fprintln(p.w, strings.TrimRight(text, " "))
}

// paragraph writes text that is not to be cut.
func (p *page) paragraph(format string, args ...any) {
	width := p.width
	p.width = 0
	p.line(format, args...)
	p.width = width
}

func (p *page) header(h trace.Header) {
	p.paragraph("Recorded %s by %s.", h.At.Format("2006-01-02 15:04:05 MST"), harmless(h.Program))
	p.paragraph("Reader: %s. ATR: %s.", harmless(h.Reader), h.ATR)
	if len(h.Session.Files) > 0 {
		p.paragraph("Asked for: %s, with the %s.", harmless(strings.Join(h.Session.Files, ", ")), harmless(h.Session.Password))
	}
	switch {
	case h.Remade:
		p.paragraph("SPECIMEN: rebuilt after a recorded card, about a person who does not exist.")
	case h.Specimen:
		p.paragraph("SPECIMEN: the card of a person who does not exist.")
	}
	for _, what := range h.Unequal {
		p.paragraph("Other than at the real card: %s.", harmless(what))
	}
	if h.Content == trace.Full {
		p.paragraph("With content. What secure messaging covers is not decrypted here.")
	} else {
		p.paragraph("Redacted: headers, lengths, status words and times; no content.")
	}
}

func (p *page) step(s trace.Step) {
	if s.Commands > 0 {
		p.line("%s: %s, %s ms", harmless(s.Name), commands(s.Commands), milliseconds(s.Took))
	}
	for _, l := range s.Lines {
		if l.Number == 0 {
			p.line("%s%s", harmless(l.What), because(l))
			continue
		}
		status := l.SW
		if l.Secured {
			status += " s"
		}
		what := l.What
		if l.Count > 1 {
			what = fmt.Sprintf("%d × %s", l.Count, what)
		}
		p.line("%4d %7s %5d %6d  %-6s  %s%s", l.Number, milliseconds(l.Took), l.Sent, l.Received, status, harmless(what), because(l))
	}
}

// because adds what a status word means, when it is not the usual one.
func because(l trace.Line) string {
	if l.Meaning == "" || l.Meaning == "done" {
		return ""
	}
	return ": " + l.Meaning
}

func commands(n int) string {
	if n == 1 {
		return "1 command"
	}
	return fmt.Sprintf("%d commands", n)
}

func milliseconds(us int64) string { return fmt.Sprintf("%.1f", float64(us)/1000) }

// harmless writes what a file says so that no terminal obeys it.
func harmless(s string) string {
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
