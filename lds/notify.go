package lds

import (
	"errors"
	"fmt"

	"cnie/apdu/tlv"
)

// PersonToNotify is somebody to be told in an emergency. ICAO 9303-10 §4.7.16.
type PersonToNotify struct {
	Recorded  Date
	FullName  string // as stored: "SURNAME<<GIVEN<NAMES"; see Names
	Telephone string
	Address   []string
}

// Names splits FullName into the primary and the secondary identifier.
func (p PersonToNotify) Names() (surname, given string) { return splitName(p.FullName) }

// String hides the person.
func (p PersonToNotify) String() string { return "EF.DG16 [person hidden]" }

func (p *PersonToNotify) elements() []element {
	return []element{
		{0x5F50, &p.Recorded},
		{0x5F51, &p.FullName},
		{0x5F52, &p.Telephone},
		{0x5F53, &p.Address},
	}
}

// PersonsToNotify is DG16. The card's holder can change it where the issuer lets
// him, so that EF.SOD need not have a hash of it.
type PersonsToNotify struct {
	Persons    []PersonToNotify
	Deviations []string // what was odd, by tag; never content
}

// tagPerson is the template of the first person; the next has A2, and so on up
// to AF.
const (
	tagPerson  tlv.Tag = 0xA1
	maxPersons         = 15
)

// ParseDG16 parses EF.DG16.
func ParseDG16(b []byte) (PersonsToNotify, error) {
	p, err := parseDG16(b)
	return p, fileError(DG16, err)
}

func parseDG16(b []byte) (PersonsToNotify, error) {
	outer, err := tlv.One(b, tlv.Tag(DG16.Tag()))
	if err != nil {
		return PersonsToNotify{}, err
	}
	all, err := tlv.ReadAll(outer.Value, maxPersons+1)
	if err != nil {
		return PersonsToNotify{}, err
	}
	if len(all) == 0 || all[0].Tag != tagCount || len(all[0].Value) != 1 {
		return PersonsToNotify{}, errors.New("number of persons is missing")
	}
	var list PersonsToNotify
	if int(all[0].Value[0]) != len(all)-1 {
		list.Deviations = append(list.Deviations, "02: number of persons does not fit")
	}
	for i, e := range all[1:] {
		if err := list.add(tagPerson+tlv.Tag(i), e); err != nil {
			return PersonsToNotify{}, fmt.Errorf("person %d: %w", i+1, err)
		}
	}
	return list, nil
}

func (p *PersonsToNotify) add(want tlv.Tag, e tlv.Element) error {
	if e.Tag < tagPerson || e.Tag >= tagPerson+maxPersons {
		return fmt.Errorf("data object %v in a list of persons", e.Tag)
	}
	if e.Tag != want {
		p.Deviations = append(p.Deviations, fmt.Sprintf("%v: want %v in this place", e.Tag, want))
	}
	parts, err := tlv.ReadAll(e.Value, maxElements)
	if err != nil {
		return err
	}
	var person PersonToNotify
	_, odd, err := fill(parts, person.elements())
	p.Persons, p.Deviations = append(p.Persons, person), append(p.Deviations, odd...)
	return err
}

// Encode gives the bytes of EF.DG16.
func (p PersonsToNotify) Encode() ([]byte, error) {
	if len(p.Persons) > maxPersons {
		return nil, &FileError{DG16, fmt.Errorf("more than %d persons", maxPersons)}
	}
	parts := [][]byte{tlv.Encode(tagCount, []byte{byte(len(p.Persons))})}
	for i, person := range p.Persons {
		_, body, err := encodeFields(person.elements())
		if err != nil {
			return nil, &FileError{DG16, fmt.Errorf("person %d: %w", i+1, err)}
		}
		parts = append(parts, tlv.Encode(tagPerson+tlv.Tag(i), body))
	}
	return tlv.Encode(tlv.Tag(DG16.Tag()), parts...), nil
}
