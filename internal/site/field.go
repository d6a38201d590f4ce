package site

import (
	"slices"

	"cnie/lds"
	"cnie/pki"
)

// Field is one thing that a card says of its holder or of itself.
type Field string

// The fields. Fingerprints and irises are none, and never read.
const (
	Photo              Field = "photo"
	Surname            Field = "surname"
	GivenNames         Field = "given_names"
	NationalSurname    Field = "national_surname"
	NationalGivenNames Field = "national_given_names"
	CIN                Field = "cin"
	DocumentNumber     Field = "document_number"
	BirthDate          Field = "birth_date"
	BirthPlace         Field = "birth_place"
	Sex                Field = "sex"
	Nationality        Field = "nationality"
	Address            Field = "address"
	PersonalNumber     Field = "personal_number"
	ExpiryDate         Field = "expiry_date"
	IssuingAuthority   Field = "issuing_authority"
	IssueDate          Field = "issue_date"
)

// Answer is a question that the desk answers itself, so that yes or no leaves
// it and the fields do not.
type Answer string

// The questions.
const (
	Over16     Answer = "over-16"
	Over18     Answer = "over-18"
	LivesIn    Answer = "lives-in"
	SamePerson Answer = "same-person"
)

// place is where a field stands and how it gets from one holder to another.
type place struct {
	field Field
	file  lds.File
	copy  func(to, from *pki.Holder)
}

// places has every field, in the order in which a desk shows them.
var places = []place{
	{Photo, lds.DG2, func(to, from *pki.Holder) { to.Photo = from.Photo }},
	{Surname, lds.DG1, func(to, from *pki.Holder) { to.Surname = from.Surname }},
	{GivenNames, lds.DG1, func(to, from *pki.Holder) { to.GivenNames = from.GivenNames }},
	{NationalSurname, lds.DG11, func(to, from *pki.Holder) { to.NationalSurname = from.NationalSurname }},
	{NationalGivenNames, lds.DG11, func(to, from *pki.Holder) { to.NationalGivenNames = from.NationalGivenNames }},
	{CIN, lds.DG1, func(to, from *pki.Holder) { to.CIN = from.CIN }},
	{DocumentNumber, lds.DG1, func(to, from *pki.Holder) { to.DocumentNumber = from.DocumentNumber }},
	{BirthDate, lds.DG1, func(to, from *pki.Holder) { to.BirthDate = from.BirthDate }},
	{BirthPlace, lds.DG11, func(to, from *pki.Holder) { to.BirthPlace = from.BirthPlace }},
	{Sex, lds.DG1, func(to, from *pki.Holder) { to.Sex = from.Sex }},
	{Nationality, lds.DG1, func(to, from *pki.Holder) { to.Nationality = from.Nationality }},
	{Address, lds.DG11, func(to, from *pki.Holder) { to.Address = from.Address }},
	{PersonalNumber, lds.DG11, func(to, from *pki.Holder) { to.PersonalNumber = from.PersonalNumber }},
	{ExpiryDate, lds.DG1, func(to, from *pki.Holder) { to.ExpiryDate = from.ExpiryDate }},
	{IssuingAuthority, lds.DG12, func(to, from *pki.Holder) { to.IssuingAuthority = from.IssuingAuthority }},
	{IssueDate, lds.DG12, func(to, from *pki.Holder) { to.IssueDate = from.IssueDate }},
}

// File is the file that a field stands in; 0 for what is no field.
func (f Field) File() lds.File {
	for _, at := range places {
		if at.field == f {
			return at.file
		}
	}
	return 0
}

// answered are the files that a question looks at besides EF.DG1: where names
// stand in the national script, and the address.
var answered = map[Answer][]lds.File{Over16: nil, Over18: nil, LivesIn: {lds.DG11}, SamePerson: {lds.DG11}}

// Files are the files that the purpose needs. EF.DG1 always is one: the judge
// takes the issuing State and the date of expiry from it.
func (p Purpose) Files() []lds.File {
	files := []lds.File{lds.DG1}
	for _, at := range places {
		if slices.Contains(p.Fields, at.field) {
			files = append(files, at.file)
		}
	}
	for _, question := range p.Answers {
		files = append(files, answered[question]...)
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// Select copies what the purpose may see, and the marks that say what the
// fields are worth. Nothing is nothing.
func (p Purpose) Select(h *pki.Holder) *pki.Holder {
	if h == nil {
		return nil
	}
	selected := &pki.Holder{Watermark: h.Watermark, Reserved: h.Reserved}
	for _, at := range places {
		if slices.Contains(p.Fields, at.field) {
			at.copy(selected, h)
		}
	}
	return selected
}

// MayAsk reports whether a question is one of the purpose's: lives-in with the
// name of a place, the others without any. same-person takes the record to
// compare with, which is not the site's to know.
func (p Purpose) MayAsk(question Answer, argument string) bool {
	return slices.Contains(p.Answers, question) && (question != LivesIn || slices.Contains(p.Places, argument))
}

// ForGuardian is the part of a minor's purpose that the guardian's card is read
// for, as a purpose of its own.
func (p Purpose) ForGuardian() Purpose {
	p.Notice, p.Fields, p.Answers, p.Places, p.Release = p.GuardianNotice, p.GuardianFields, nil, nil, nil
	p.Guardian, p.GuardianFields, p.GuardianNotice = false, nil, nil
	return p
}
