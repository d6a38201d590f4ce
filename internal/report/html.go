package report

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"

	"cnie/pki"
)

//go:embed report.html.tmpl
var page string

var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"sign": Sign, "word": Word,
	"mark": func(v pki.Verdict) string {
		switch v {
		case pki.Accepted:
			return "✓"
		case pki.Refused:
			return "✗"
		}
		return "?"
	},
}).Parse(page))

// HTML writes the view as one page without scripts or outside resources; a
// content security policy in it says so to the browser. Nothing is written when
// the page cannot be made whole.
func (v View) HTML(w io.Writer) error {
	var whole bytes.Buffer
	if err := pageTemplate.Execute(&whole, v); err != nil {
		return err
	}
	_, err := whole.WriteTo(w)
	return err
}
