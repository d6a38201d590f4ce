// Package report shows a judge's report to people: as lines for a terminal and
// as one HTML page that needs nothing but itself.
//
// Both say the same in the same order: the verdict, what to do next, then the
// seven axes, then the holder, if the report releases one, then every check.
// The verdict comes before any field of the holder, and each field names the
// check that it stands on. Colour never carries meaning alone; each outcome has
// a sign and a word.
//
// A [View] is everything that is shown, and all that the two writers see.
package report

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"cnie/internal/photo"
	"cnie/lds"
	"cnie/pki"
)

// View is a report made ready for showing.
type View struct {
	Verdict   pki.Verdict
	Sentence  string // what the verdict means
	Next      string // what to do now
	Watermark string
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

// Field is one fact about the holder or the document.
type Field struct {
	Label string
	Lines []Line
	Check pki.CheckID // what it stands on
	Code  bool        // numbers and zones: monospaced, always left to right
}

// Line is one run of text in one direction: a place may stand in a document in
// two scripts, and joining them would make neither readable.
type Line struct {
	Text   string
	Arabic bool
}

func lines(parts ...string) (all []Line) {
	for _, part := range parts {
		if part != "" {
			all = append(all, Line{Text: printable(part), Arabic: isArabic(part)})
		}
	}
	return all
}

// Photo is the portrait as a data URL.
type Photo struct {
	Source        template.URL
	Width, Height int
}

// Context is what a report does not know of itself.
type Context struct {
	Rules []string
	Trust string
	Tool  string
	// Holder is what to show; nil: nothing, for the reason in Withheld.
	Holder   *pki.Holder
	Withheld string
}

// New prepares a report for showing. A photo that cannot be decoded is left out
// and said to be.
func New(r pki.Report, c Context) View {
	v := View{
		Verdict: r.Verdict(), Checks: r.Checks, At: r.At,
		Rules: c.Rules, Trust: c.Trust, Tool: c.Tool, Withheld: c.Withheld,
	}
	v.Sentence, v.Next = advice(r)
	if r.Specimen {
		v.Watermark = pki.MarkSpecimen
	}
	for _, axis := range pki.Axes {
		v.Axes = append(v.Axes, summarise(r, axis))
	}
	if c.Holder != nil {
		v.Watermark = c.Holder.Watermark
		v.Fields = fields(c.Holder)
		v.showPhoto(c.Holder.Photo)
	}
	return v
}

// advice says what the verdict means and what to do, a sentence each.
func advice(r pki.Report) (sentence, next string) {
	switch r.Verdict() {
	case pki.Accepted:
		return "The card is genuine, its data are intact and it is in force.",
			"Compare the photo with the person in front of you."
	case pki.Refused:
		i := slices.IndexFunc(r.Checks, func(c pki.Check) bool { return c.Outcome == pki.Failed })
		return "Do not rely on this card: " + r.Checks[i].Reason + ".",
			"Keep to your procedure for doubtful documents; reading the card once more is harmless."
	}
	var open []string
	for _, axis := range r.Open() {
		open = append(open, string(axis))
	}
	return "Nothing is wrong with the card, but not everything could be checked: " + strings.Join(open, ", ") + ".",
		"Import what is missing (trust anchors, revocation lists) and read again, or decide by your procedure."
}

var questions = map[pki.Axis]string{
	pki.AxisAccess:     "Was the chip opened safely?",
	pki.AxisIntegrity:  "Are the data those that were signed?",
	pki.AxisIssuer:     "Did the State sign them?",
	pki.AxisChip:       "Is the chip the original?",
	pki.AxisValidity:   "Is everything in force?",
	pki.AxisRevocation: "Is the signer unrevoked?",
	pki.AxisHolder:     "Did the holder prove a PIN?",
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
		a.Reason = reasons[0]
	}
	return a
}

func (v *View) showPhoto(face *lds.Face) {
	if face == nil {
		return
	}
	picture, err := photo.Render(*face)
	if err != nil {
		v.Fields = append(v.Fields, Field{Label: "Photo", Lines: lines("cannot be shown: " + err.Error()), Check: pki.CheckIntegrityOf(lds.DG2)})
		return
	}
	source := "data:" + picture.MIME + ";base64," + base64.StdEncoding.EncodeToString(picture.Data)
	v.Photo = &Photo{Source: template.URL(source), Width: picture.Width, Height: picture.Height} //nolint:gosec // MIME type and base64 alphabet only
}

// fields lists what is known of the holder, Latin and Arabic names next to each
// other, as they are in the document and never transliterated.
func fields(h *pki.Holder) []Field {
	dg1, dg11, dg12 := pki.CheckIntegrityOf(lds.DG1), pki.CheckIntegrityOf(lds.DG11), pki.CheckIntegrityOf(lds.DG12)
	all := []Field{
		{Label: "Surname", Lines: lines(h.Surname), Check: dg1},
		{Label: "Given names", Lines: lines(h.GivenNames), Check: dg1},
		{Label: "Surname, national script", Lines: lines(h.NationalSurname), Check: dg11},
		{Label: "Given names, national script", Lines: lines(h.NationalGivenNames), Check: dg11},
		{Label: "Date of birth", Lines: lines(h.BirthDate), Check: dg1, Code: true},
		{Label: "Place of birth", Lines: lines(h.BirthPlace...), Check: dg11},
		{Label: "Sex", Lines: lines(h.Sex), Check: dg1},
		{Label: "Nationality", Lines: lines(h.Nationality), Check: dg1, Code: true},
		{Label: "National number (CIN)", Lines: lines(h.CIN), Check: dg1, Code: true},
		{Label: "Personal number", Lines: lines(h.PersonalNumber), Check: dg11, Code: true},
		{Label: "Address", Lines: lines(h.Address...), Check: dg11},
		{Label: "Document", Lines: lines(strings.TrimSpace(h.DocumentCode + " " + h.IssuingState)), Check: dg1, Code: true},
		{Label: "Document number", Lines: lines(h.DocumentNumber), Check: dg1, Code: true},
		{Label: "Date of expiry", Lines: lines(h.ExpiryDate), Check: dg1, Code: true},
		{Label: "Issued by", Lines: lines(h.IssuingAuthority), Check: dg12},
		{Label: "Date of issue", Lines: lines(h.IssueDate), Check: dg12, Code: true},
	}
	return slices.DeleteFunc(all, func(f Field) bool { return len(f.Lines) == 0 })
}

// isArabic reports whether the first letter is of the Arabic script.
func isArabic(s string) bool {
	for _, r := range s {
		if r >= 0x0600 && r <= 0x06FF || r >= 0x0750 && r <= 0x077F || r >= 0xFB50 && r <= 0xFEFF {
			return true
		}
		if r >= 'A' {
			return false
		}
	}
	return false
}

// Sign is the mark of an outcome, for those who see no colours.
func Sign(o pki.Outcome) string {
	switch o {
	case pki.Passed:
		return "✓"
	case pki.Warned:
		return "!"
	case pki.Failed:
		return "✗"
	case pki.NotApplicable:
		return "–"
	}
	return "?"
}

// Word is an outcome in words that need no explanation.
func Word(o pki.Outcome) string {
	switch o {
	case pki.Passed:
		return "passed"
	case pki.Warned:
		return "passed, with a remark"
	case pki.Failed:
		return "failed"
	case pki.NotApplicable:
		return "does not apply"
	}
	return "not checked"
}
