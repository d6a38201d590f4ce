package lds

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"cnie/apdu/tlv"
)

// Format is the layout of a machine readable zone.
type Format uint8

// The three sizes of document and the two sizes of visa, ICAO 9303-4 … 9303-7.
const (
	TD1  Format = iota + 1 // card, 3 lines of 30
	TD2                    // 2 lines of 36
	TD3                    // passport, 2 lines of 44
	MRVA                   // visa, 2 lines of 44
	MRVB                   // visa, 2 lines of 36
)

// String gives "TD1" and so on.
func (f Format) String() string { return name(uint8(f), "TD1", "TD2", "TD3", "MRV-A", "MRV-B") }

// MRZ is a machine readable zone taken apart; every check digit has been checked.
// Trailing fillers are gone, fillers inside names are spaces. Dates are YYMMDD as
// printed, where '<' stands for what is unknown; see [MRZ.Birth].
type MRZ struct {
	Format         Format
	DocumentCode   string // one or two letters: "I", "ID", "P"
	IssuingState   string // one to three letters: "MAR", "D"
	DocumentNumber string // whole, also when the zone splits it
	Optional1      string // after the document number; TD3: personal number
	Optional2      string // TD1 only
	Nationality    string
	BirthDate      string
	Sex            string // "M", "F", or empty for unspecified
	ExpiryDate     string
	Surname        string // the primary identifier
	GivenNames     string // the secondary identifier, may be empty
}

// Key gives what opens the chip of this document.
func (m MRZ) Key() MRZKey { return MRZKey{m.DocumentNumber, m.BirthDate, m.ExpiryDate} }

// String hides the holder.
func (m MRZ) String() string { return m.Format.String() + " [holder hidden]" }

// cin is a loose grammar: the official one is not published, so that a check
// for more would refuse real cards.
var cin = regexp.MustCompile(`^[A-Z]{1,2}[0-9]{1,8}$`)

// CIN gives the national number of a Moroccan identity card, which fills the
// first optional field; false when this is no such card or the field is something
// else. No check digit of its own protects it.
func (m MRZ) CIN() (string, bool) {
	moroccan := m.Format == TD1 && m.IssuingState == "MAR" && (m.DocumentCode == "I" || m.DocumentCode == "ID")
	if !moroccan || !cin.MatchString(m.Optional1) {
		return "", false
	}
	return m.Optional1, true
}

const tagMRZ tlv.Tag = 0x5F1F

const maxDocumentNumber = 22 // TD1: nine, then thirteen in the optional field

// ParseDG1 parses EF.DG1.
func ParseDG1(b []byte) (MRZ, error) {
	outer, err := tlv.One(b, tlv.Tag(DG1.Tag()))
	if err != nil {
		return MRZ{}, &FileError{DG1, err}
	}
	inner, err := tlv.One(outer.Value, tagMRZ)
	if err != nil {
		return MRZ{}, &FileError{DG1, err}
	}
	m, err := ParseMRZ(string(inner.Value))
	return m, fileError(DG1, err)
}

// Encode gives the bytes of EF.DG1.
func (m MRZ) Encode() ([]byte, error) {
	lines, err := m.Lines()
	if err != nil {
		return nil, &FileError{DG1, err}
	}
	return tlv.Encode(tlv.Tag(DG1.Tag()), tlv.Encode(tagMRZ, []byte(strings.Join(lines, "")))), nil
}

// ParseMRZ parses a zone given as one string or as lines, and checks every check
// digit. Line ends and spaces are ignored.
func ParseMRZ(text string) (MRZ, error) {
	text = strings.Join(strings.Fields(text), "")
	if !inAlphabet(text) {
		return MRZ{}, errors.New("character that no MRZ has")
	}
	l, err := layoutOf(text)
	if err != nil {
		return MRZ{}, err
	}
	return l.parse(text)
}

// Lines writes the zone with its check digits. Fields that do not fit are an error,
// except names, which are cut as ICAO 9303-5 §4.2.2 and its sisters have it.
func (m MRZ) Lines() ([]string, error) {
	for _, l := range layouts {
		if l.format == m.Format {
			return l.lines(m)
		}
	}
	return nil, fmt.Errorf("no MRZ layout %d", uint8(m.Format))
}
