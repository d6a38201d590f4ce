package lds

import "cnie/apdu/tlv"

const (
	tagOtherName   tlv.Tag = 0x5F0F
	tagOtherPerson tlv.Tag = 0x5F1A
)

// PersonalDetails is DG11: what the document says about its holder beyond the
// MRZ, in the national script. Fields that are not there are empty.
// ICAO 9303-10 §4.7.11.
type PersonalDetails struct {
	FullName         string // as stored: "SURNAME<<GIVEN<NAMES"; see Names
	OtherNames       []string
	PersonalNumber   string
	BirthDate        Date
	BirthPlace       []string
	Address          []string
	Telephone        string
	Profession       string
	Title            string
	Summary          string
	CitizenshipProof []byte // an image
	OtherDocuments   []string
	Custody          string
	Deviations       []string // what was odd, by tag; never content
}

func (p *PersonalDetails) elements() []element {
	return []element{
		{0x5F0E, &p.FullName},
		{tagOthers, others{tagOtherName, &p.OtherNames}},
		{0x5F10, &p.PersonalNumber},
		{0x5F2B, &p.BirthDate},
		{0x5F11, &p.BirthPlace},
		{0x5F42, &p.Address},
		{0x5F12, &p.Telephone},
		{0x5F13, &p.Profession},
		{0x5F14, &p.Title},
		{0x5F15, &p.Summary},
		{0x5F16, &p.CitizenshipProof},
		{0x5F17, &p.OtherDocuments},
		{0x5F18, &p.Custody},
	}
}

// Names splits FullName into the primary and the secondary identifier.
func (p PersonalDetails) Names() (surname, given string) { return splitName(p.FullName) }

// String hides the holder.
func (p PersonalDetails) String() string { return "EF.DG11 [holder hidden]" }

// ParseDG11 parses EF.DG11.
func ParseDG11(b []byte) (PersonalDetails, error) {
	var p PersonalDetails
	odd, err := parseElements(DG11, b, p.elements())
	if err != nil {
		return PersonalDetails{}, err
	}
	p.Deviations = odd
	return p, nil
}

// Encode gives the bytes of EF.DG11.
func (p PersonalDetails) Encode() ([]byte, error) { return encodeElements(DG11, p.elements()) }

// DocumentDetails is DG12: what the document says about itself. Fields that are
// not there are empty. ICAO 9303-10 §4.7.12.
type DocumentDetails struct {
	IssuingAuthority string
	IssueDate        Date
	OtherPersons     []string
	Endorsements     string
	TaxOrExit        string
	Front, Rear      []byte // images
	Personalised     Moment
	SystemSerial     string   // of the personalisation system
	Deviations       []string // what was odd, by tag; never content
}

func (d *DocumentDetails) elements() []element {
	return []element{
		{0x5F19, &d.IssuingAuthority},
		{0x5F26, &d.IssueDate},
		{tagOthers, others{tagOtherPerson, &d.OtherPersons}},
		{0x5F1B, &d.Endorsements},
		{0x5F1C, &d.TaxOrExit},
		{0x5F1D, &d.Front},
		{0x5F1E, &d.Rear},
		{0x5F55, &d.Personalised},
		{0x5F56, &d.SystemSerial},
	}
}

// ParseDG12 parses EF.DG12.
func ParseDG12(b []byte) (DocumentDetails, error) {
	var d DocumentDetails
	odd, err := parseElements(DG12, b, d.elements())
	if err != nil {
		return DocumentDetails{}, err
	}
	d.Deviations = odd
	return d, nil
}

// Encode gives the bytes of EF.DG12.
func (d DocumentDetails) Encode() ([]byte, error) { return encodeElements(DG12, d.elements()) }
