// Package report shows a judge's report to people: as lines for a terminal, as
// one HTML page that needs nothing but itself and prints on A4, and as a slip of
// 58 mm for the person whose card it was.
//
// All say the same in the same order: the verdict, what to do next, whose word
// it is, then the seven axes and the holder, if the report releases one, then
// every check. The verdict comes before any field of the holder, and each field
// names the check that it stands on. Colour never carries meaning alone; each
// outcome has a sign and a word. A slip leaves the building in somebody's pocket,
// so it names the fields that were shown and never repeats them.
//
// A [View] is everything that is shown, and all that the writers see. Text that
// came from a card is made harmless on its way into it.
package report

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"time"

	"cnie/internal/photo"
	"cnie/lds"
	"cnie/pki"
)

// View is a report made ready for showing.
type View struct {
	ID        string // of the report; empty: it has none
	Verdict   pki.Verdict
	Sentence  string // what the verdict means
	Next      string // what to do now
	Watermark string
	Attested  []string // whose word the report stands on; empty: this program's
	Whose     string   // the same as a heading
	Axes      []Axis
	Fields    []Field
	Photo     *Photo
	Withheld  string // why there are no holder fields, when there are none
	Checks    []pki.Check
	Rules     []string // the policy in words
	Trust     string   // where trust came from
	At        time.Time
	Tool      string // name and version
}

// Axis is one line of the summary.
type Axis struct {
	Name, Question string
	Outcome        pki.Outcome
	Reason         string // of the check that decided
}

// Photo is the portrait as a data URL.
type Photo struct {
	Source        template.URL
	Width, Height int
}

// Context is what a report does not know of itself.
type Context struct {
	ID    string
	Rules []string
	Trust string
	Tool  string
	// Attested says where the evidence came from; nil: this program read it.
	Attested *Attestation
	// Holder is what to show; nil: nothing, for the reason in Withheld.
	Holder   *pki.Holder
	Withheld string
}

// New prepares a report for showing. A photo that cannot be decoded is left out
// and said to be.
func New(r pki.Report, c Context) View {
	v := View{
		ID: printable(c.ID), Verdict: r.Verdict(), At: r.At,
		Trust: printable(c.Trust), Tool: printable(c.Tool), Withheld: printable(c.Withheld),
	}
	for _, rule := range c.Rules {
		v.Rules = append(v.Rules, printable(rule))
	}
	for _, check := range r.Checks {
		check.Reason = printable(check.Reason)
		v.Checks = append(v.Checks, check)
	}
	v.Sentence, v.Next = advice(r)
	if c.Attested != nil {
		v.Next, v.Whose = c.Attested.next(v.Verdict), c.Attested.heading()
		v.Attested = c.Attested.sentences(r)
	}
	if r.Specimen {
		v.Watermark = pki.MarkSpecimen
	}
	for _, axis := range pki.Axes {
		v.Axes = append(v.Axes, summarise(r, axis))
	}
	if c.Holder != nil {
		v.Watermark = printable(c.Holder.Watermark)
		v.Fields = fields(c.Holder)
		v.showPhoto(c.Holder.Photo)
	}
	return v
}

// summarise picks the reason of the check that made the axis what it is.
func summarise(r pki.Report, axis pki.Axis) Axis {
	a := Axis{Name: string(axis), Question: questions[axis], Outcome: r.Axis(axis)}
	var reasons []string
	for _, check := range r.Checks {
		if check.Axis == axis && check.Outcome == a.Outcome {
			reasons = append(reasons, check.Reason)
		}
	}
	switch {
	case len(reasons) == 0:
		a.Reason = "nothing was checked"
	case a.Outcome == pki.Passed && len(reasons) > 1:
		a.Reason = fmt.Sprintf("%d checks passed", len(reasons))
	default:
		a.Reason = printable(reasons[0])
	}
	return a
}

func (v *View) showPhoto(face *lds.Face) {
	if face == nil {
		return
	}
	picture, err := photo.Render(*face)
	if err != nil {
		v.Fields = append(v.Fields, Field{Label: photoLabel, Lines: lines("cannot be shown: " + err.Error()), Check: pki.CheckIntegrityOf(lds.DG2)})
		return
	}
	source := "data:" + picture.MIME + ";base64," + base64.StdEncoding.EncodeToString(picture.Data)
	v.Photo = &Photo{Source: template.URL(source), Width: picture.Width, Height: picture.Height} //nolint:gosec // MIME type and base64 alphabet only
}

// Shown names what the view shows of the holder, without the values.
func (v View) Shown() []string {
	var names []string
	if v.Photo != nil {
		names = append(names, photoLabel)
	}
	for _, f := range v.Fields {
		names = append(names, f.Label)
	}
	return names
}
