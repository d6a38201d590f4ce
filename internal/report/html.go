package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"
	"unicode/utf8"

	"cnie/pki"
)

//go:embed report.html.tmpl
var page string

//go:embed slip.html.tmpl
var slip string

// Style is the look of the page, for pages of the same house.
//
//go:embed style.css
var Style template.CSS

var functions = template.FuncMap{
	"style": func() template.CSS { return Style },
	"sign":  Sign, "word": Word, "mark": verdictSign, "moment": moment,
	"remarkable": remarkable,
}

var (
	pageTemplate = template.Must(template.New("report").Funcs(functions).Parse(page))
	slipTemplate = template.Must(template.New("slip").Funcs(functions).Parse(slip))
)

// HTML writes the view as one page without scripts or outside resources; a
// content security policy in it says so to the browser. It prints on A4. Nothing
// is written when the page cannot be made whole.
func (v View) HTML(w io.Writer) error { return execute(w, pageTemplate, v) }

// Slip writes what the person whose card it was may take along, as a page for
// paper of 58 mm: the verdict, the axes, when and under which id, and which
// fields were shown, without their values or the photo.
func (v View) Slip(w io.Writer) error {
	return execute(w, slipTemplate, struct {
		View
		Height int
	}{v, v.slipHeight()})
}

func execute(w io.Writer, t *template.Template, view any) error {
	var whole bytes.Buffer
	if err := t.Execute(&whole, view); err != nil {
		return err
	}
	_, err := whole.WriteTo(w)
	return err
}

// remarkable outcomes are told on a slip with their reasons.
func remarkable(o pki.Outcome) bool { return o != pki.Passed && o != pki.NotApplicable }

// slipHeight is how many millimetres of paper a slip takes. A style sheet cannot
// say "as long as it has to be", and a roll has no pages, so this counts lines
// and is generous; what is longer still goes on to a second page.
func (v View) slipHeight() int {
	const columns, perLine, fixed, most = 26, 4.1, 62, 600
	rows := 0
	count := func(texts ...string) {
		for _, s := range texts {
			rows += 1 + utf8.RuneCountInString(s)/columns
		}
	}
	count(v.Sentence, v.Watermark, v.Withheld, v.Trust, v.Tool)
	count(v.Attested...)
	for _, a := range v.Axes {
		count(a.Name)
		if remarkable(a.Outcome) {
			count(a.Reason)
		}
	}
	names := 0
	for _, name := range v.Shown() {
		names += utf8.RuneCountInString(name) + 2
	}
	rows += names / columns
	return min(most, fixed+int(float64(rows)*perLine))
}
