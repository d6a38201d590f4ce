package report

import (
	"slices"
	"strings"

	"cnie/lds"
	"cnie/pki"
)

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

const photoLabel = "Photo"

func lines(parts ...string) (all []Line) {
	for _, part := range parts {
		if part = printable(part); part != "" {
			all = append(all, Line{Text: part, Arabic: isArabic(part)})
		}
	}
	return all
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
