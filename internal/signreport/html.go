package signreport

import (
	"bytes"
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"strings"

	"cnie/internal/report"
	"cnie/pki/adsig"
)

//go:embed report.html.tmpl
var page string

var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"style": func() template.CSS { return report.Style },
	"sign":  report.Sign, "word": report.Word, "moment": moment, "outcome": Outcome, "class": class,
	"facts": Signature.all, "line": Stamp.line,
}).Parse(page))

// HTML writes the view as one page without scripts or outside resources. Nothing
// is written when the page cannot be made whole.
func (v View) HTML(w io.Writer) error {
	var whole bytes.Buffer
	if err := pageTemplate.Execute(&whole, v); err != nil {
		return err
	}
	_, err := whole.WriteTo(w)
	return err
}

// class is the look of an indication: the house's pages know three.
func class(i adsig.Indication) string {
	switch i {
	case adsig.TotalPassed:
		return "accepted"
	case adsig.TotalFailed:
		return "refused"
	}
	return "inconclusive"
}

// Title is what the page is headed with.
func (v View) Title() string {
	switch worst, counts := v.Worst(), v.counts(); {
	case worst == "":
		return "No signature was judged"
	case len(counts) == 1 && v.problems() == 0:
		return string(worst)
	default:
		return "Not all TOTAL-PASSED"
	}
}

// Summary counts what the signatures came to.
func (v View) Summary() string {
	counts := v.counts()
	var parts []string
	for _, i := range []adsig.Indication{adsig.TotalPassed, adsig.Indeterminate, adsig.TotalFailed} {
		if n := counts[i]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, i))
		}
	}
	if n := v.problems(); n > 0 && len(parts) > 0 {
		parts = append(parts, fmt.Sprintf("%d not judged", n))
	}
	text := fmt.Sprintf("%d files", len(v.Files))
	if len(v.Files) == 1 {
		text = v.Files[0].Name
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text
}

func (v View) counts() map[adsig.Indication]int {
	counts := map[adsig.Indication]int{}
	for _, f := range v.Files {
		for _, s := range f.Signatures {
			counts[s.Indication]++
		}
	}
	return counts
}
