package receipt

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"unicode/utf8"
)

// Paper is what a receipt is printed on.
type Paper string

// Papers.
const (
	Roll Paper = "58mm" // of a slip printer
	A4   Paper = "a4"
)

//go:embed receipt.html.tmpl
var page string

var pageTemplate = template.Must(template.New("receipt").Funcs(template.FuncMap{"in": in}).Parse(page))

// column is the receipt in one language.
type column struct {
	Language, Direction string
	Receipt             Facts
	Controller          string
	Fields, Answers     []string
	Basis, Authority    string
}

// Say gives a fixed phrase.
func (c column) Say(phrase string) string { return in(phrases[phrase], spokenFor(c.Language)) }

// HTML writes the receipt as one page without scripts or outside resources, in the
// languages given, side by side on A4 and one below the other on a roll; without
// any, in Arabic and French. Nothing is written when the page cannot be made whole.
func (r Receipt) HTML(w io.Writer, paper Paper, languages ...string) error {
	if paper != Roll && paper != A4 {
		return fmt.Errorf("print a receipt: unknown paper %q", string(paper))
	}
	if len(languages) == 0 {
		languages = []string{"ar", "fr"}
	}
	modules, err := r.modules()
	if err != nil {
		return err
	}
	view := struct {
		Paper   Paper
		Height  int // mm, of a roll
		Columns []column
		Receipt
		QR         drawing
		Time, Keep string
		Leaf       string
	}{Paper: paper, Receipt: r, QR: draw(modules), Time: r.facts.Time.Format("2006-01-02 15:04"), Keep: r.facts.Keep.Format(dayForm)}
	view.Leaf = fmt.Sprintf("%x…", r.Proof.Leaf[:8])
	for _, language := range languages {
		c := r.column(language)
		view.Columns = append(view.Columns, c)
		view.Height += c.height()
	}
	view.Height += 70
	var whole bytes.Buffer
	if err := pageTemplate.Execute(&whole, view); err != nil {
		return fmt.Errorf("print a receipt: %w", err)
	}
	_, err = whole.WriteTo(w)
	return err
}

func (r Receipt) column(language string) column {
	f, spoken := r.facts, spokenFor(language)
	c := column{
		Language: language, Direction: "ltr", Receipt: f, Controller: in(f.Controller.Name, language),
		Basis: in(basisWords[f.Basis], spoken), Authority: in(authorityName, spoken),
	}
	if language == "ar" {
		c.Direction = "rtl"
	}
	for _, name := range f.Fields {
		c.Fields = append(c.Fields, in(fieldWords[name], spoken))
	}
	for _, name := range f.Answers {
		c.Answers = append(c.Answers, in(questionWords[name], spoken))
	}
	return c
}

// height estimates a column on a roll, which holds some 30 characters in a line of
// 4 mm: a page that is too long is cut, one too short goes on a second.
func (c column) height() int {
	lines := 34 + len(c.Fields) + len(c.Answers)
	for _, text := range []string{c.Controller, c.Receipt.Controller.Address, c.Receipt.Controller.Contact, in(c.Receipt.Title, c.Language), in(c.Receipt.Object, c.Language)} {
		lines += utf8.RuneCountInString(text)/28 + 1
	}
	return 4 * lines
}
