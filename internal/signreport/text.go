package signreport

import (
	"io"

	"cnie/internal/report"
	"cnie/pki/adsig"
)

// Text writes the view as lines.
func (v View) Text(w io.Writer, o report.TextOptions) error {
	l := report.NewLines(w, o)
	for i, f := range v.Files {
		if i > 0 {
			l.Gap()
		}
		f.text(l, o.Details)
	}
	l.Gap()
	l.Paragraph("Judged for " + moment(v.At) + ". " + v.Trust)
	if o.Details {
		for _, rule := range v.Rules {
			l.Paragraph(rule)
		}
	}
	return l.Err()
}

const labels = 18

func (f File) text(l *report.Lines, details bool) {
	if f.Problem != "" {
		l.Verdict(Outcome(adsig.Indeterminate), "NOT JUDGED", f.Problem)
		return
	}
	for i, s := range f.Signatures {
		if i > 0 {
			l.Gap()
		}
		verdict := string(s.Indication)
		if s.Sub != "" {
			verdict += " " + string(s.Sub)
		}
		l.Verdict(Outcome(s.Indication), verdict, f.Name)
		l.Paragraph(s.Sentence)
		f.format(l)
		for _, fact := range s.all() {
			l.Field(fact.Label, labels, fact.Value)
		}
		if details {
			l.Gap()
			findings(l, s.Checks)
			for _, stamp := range s.Stamps {
				l.Gap()
				l.Paragraph("Timestamp " + stamp.line())
				findings(l, stamp.Checks)
			}
		}
	}
	if len(f.Signatures) > 0 {
		return // which have told of them
	}
	for _, stamp := range f.Stamps {
		l.Field("Over the file", labels, stamp.line())
		for _, fact := range stamp.Facts {
			l.Field(fact.Label, labels, fact.Value)
		}
		if details {
			findings(l, stamp.Checks)
		}
	}
}

func (f File) format(l *report.Lines) {
	text := f.Format
	if f.Content != "" {
		text += ", over " + f.Content
	}
	l.Field("Format", labels, text)
}

func findings(l *report.Lines, checks []adsig.Check) {
	for _, c := range checks {
		reason := c.Reason
		if c.Sub != "" {
			reason += " (" + string(c.Sub) + ")"
		}
		l.Finding(c.Outcome, string(c.ID), c.Clause, reason)
	}
}
