package pki

import (
	"slices"
	"strings"

	"cnie/lds"
)

// Release says how much of the holder a report lets out.
type Release uint8

// The releases. Nothing is the zero value.
const (
	Nothing     Release = iota
	Watermarked         // the issuer is not known and the policy allows that
	Everything
)

// Holder is what an intact document says of its holder and of itself. Empty
// fields were not asked for or are not in the document.
type Holder struct {
	Watermark      string `json:"watermark,omitempty"` // to be shown over every field
	DocumentCode   string `json:"document_code,omitempty"`
	DocumentNumber string `json:"document_number,omitempty"`
	IssuingState   string `json:"issuing_state,omitempty"`
	CIN            string `json:"cin,omitempty"` // national number of a CNIE
	Surname        string `json:"surname,omitempty"`
	GivenNames     string `json:"given_names,omitempty"`
	Nationality    string `json:"nationality,omitempty"`
	Sex            string `json:"sex,omitempty"`
	BirthDate      string `json:"birth_date,omitempty"` // as much as is known: 1990-01-01, 1990-01, 1990
	ExpiryDate     string `json:"expiry_date,omitempty"`

	NationalSurname    string `json:"national_surname,omitempty"` // EF.DG11, national script
	NationalGivenNames string `json:"national_given_names,omitempty"`
	PersonalNumber     string `json:"personal_number,omitempty"`
	// A place may stand there in several scripts; each part is an element.
	BirthPlace []string `json:"birth_place,omitempty"`
	Address    []string `json:"address,omitempty"`

	IssuingAuthority string `json:"issuing_authority,omitempty"` // EF.DG12
	IssueDate        string `json:"issue_date,omitempty"`

	// Photo is the first picture in EF.DG2, still hostile bytes. It does not go
	// into JSON: a picture is for eyes, and to be forgotten.
	Photo *lds.Face `json:"-"`
	// Reserved reports a document number and a name that no State gives out:
	// the person does not exist.
	Reserved bool `json:"-"`
}

// Marks laid over released fields.
const (
	MarkSpecimen         = "SPECIMEN"
	MarkUnverifiedIssuer = "ISSUER NOT VERIFIED"
)

// Release decides whether holder fields may be shown: all of them when the card
// is accepted; watermarked when the policy allows an unknown issuer and nothing
// but the issuer's absence stands between the card and acceptance; else none.
func (r Report) Release() Release {
	switch r.Verdict() {
	case Accepted:
		return Everything
	case Inconclusive:
		if r.policy.AllowUnverifiedIssuer && r.onlyIssuerMissing() {
			return Watermarked
		}
	}
	return Nothing
}

// needIssuer are the checks that cannot be made without the country signing
// certificate.
var needIssuer = []CheckID{
	CheckIssuerPath, CheckIssuerPathLength, CheckIssuerStanding, CheckIssuerTrustAge, CheckIssuerAuthorityProfile,
	CheckIssuerAlgorithm, CheckIssuerKeyUsage, CheckValidityCSCA, CheckValidityCertifying, CheckRevocation, CheckRevocationCSCA,
}

// onlyIssuerMissing reports whether each check that could not be made is one
// that needs the country signing certificate.
func (r Report) onlyIssuerMissing() bool {
	if path, found := r.Check(CheckIssuerPath); !found || path.Outcome != NotChecked {
		return false
	}
	for _, check := range r.Checks {
		if check.Outcome == NotChecked && !slices.Contains(needIssuer, check.ID) {
			return false
		}
	}
	for _, axis := range required { // nothing may be open for lack of any check at all
		if !slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Axis == axis }) {
			return false
		}
	}
	return true
}

// Holder gives the holder's fields from the very bytes that were judged, or nil
// when the report releases nothing. Only files whose hash was right are parsed.
func (r Report) Holder() *Holder {
	h := &Holder{}
	switch r.Release() {
	case Nothing:
		return nil
	case Watermarked:
		h.Watermark = MarkUnverifiedIssuer
	}
	if r.Specimen {
		h.Watermark = MarkSpecimen
	}
	for file, fill := range map[lds.File]func(*Holder, []byte, Report){
		lds.DG1: (*Holder).fillMRZ, lds.DG2: (*Holder).fillPhoto, lds.DG11: (*Holder).fillDetails, lds.DG12: (*Holder).fillDocument,
	} {
		if r.intact[file] {
			fill(h, r.evidence.Files[file], r)
		}
	}
	return h
}

func (h *Holder) fillMRZ(dg1 []byte, r Report) {
	m, err := lds.ParseDG1(dg1)
	if err != nil {
		return
	}
	h.DocumentCode, h.DocumentNumber, h.IssuingState = m.DocumentCode, m.DocumentNumber, m.IssuingState
	h.Surname, h.GivenNames, h.Nationality, h.Sex = m.Surname, m.GivenNames, m.Nationality, m.Sex
	h.CIN, _ = m.CIN()
	if date, ok := m.Birth(r.At); ok {
		h.BirthDate = date.String()
	}
	if date, ok := m.Expiry(r.At); ok {
		h.ExpiryDate = date.String()
	}
	h.Reserved = strings.HasPrefix(m.DocumentNumber, "ZZZ") && strings.Contains(m.Surname, "SPECIMEN")
}

func (h *Holder) fillPhoto(dg2 []byte, _ Report) {
	if faces, err := lds.ParseDG2(dg2); err == nil && len(faces) > 0 {
		h.Photo = &faces[0]
	}
}

func (h *Holder) fillDetails(dg11 []byte, _ Report) {
	d, err := lds.ParseDG11(dg11)
	if err != nil {
		return
	}
	h.NationalSurname, h.NationalGivenNames = d.Names()
	h.PersonalNumber = d.PersonalNumber
	h.BirthPlace, h.Address = d.BirthPlace, d.Address
}

func (h *Holder) fillDocument(dg12 []byte, _ Report) {
	if d, err := lds.ParseDG12(dg12); err == nil {
		h.IssuingAuthority, h.IssueDate = d.IssuingAuthority, d.IssueDate.String()
	}
}
