package lds

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu/tlv"
)

func personal() PersonalDetails {
	return PersonalDetails{
		FullName:         "عينة<<محاكاة",
		OtherNames:       []string{"SPECIMEN<<AUTRE", "عينة"},
		PersonalNumber:   "ZZ000001",
		BirthDate:        Date{1990, 1, 1},
		BirthPlace:       []string{"الرباط", "RABAT"},
		Address:          []string{"1, RUE DE L'EXEMPLE", "RABAT", "MAROC"},
		Telephone:        "+212 5 00 00 00 00",
		Profession:       "SPÉCIMEN",
		Title:            "DR",
		Summary:          "…",
		CitizenshipProof: []byte{0xFF, 0xD8, 0xFF},
		OtherDocuments:   []string{"ZZZ1", "ZZZ2"},
		Custody:          "x",
	}
}

func document() DocumentDetails {
	return DocumentDetails{
		IssuingAuthority: "المديرية العامة – SPECIMEN",
		IssueDate:        Date{2025, 1, 2},
		OtherPersons:     []string{"SPECIMEN<<ENFANT"},
		Endorsements:     "none",
		TaxOrExit:        "none",
		Front:            []byte{1}, Rear: []byte{2},
		Personalised: Moment{Date{2025, 1, 2}, 3, 4, 5},
		SystemSerial: "SIM-1",
	}
}

func TestDG11RoundTrip(t *testing.T) {
	for _, want := range []PersonalDetails{personal(), {}, {FullName: "SPECIMEN"}, {BirthDate: Date{1950, 0, 0}}} {
		b, err := want.Encode()
		require.NoError(t, err)
		got, err := ParseDG11(b)
		require.NoError(t, err)
		assert.Equal(t, want, got, "no deviations")
		again, err := got.Encode()
		require.NoError(t, err)
		assert.Equal(t, b, again)
	}
	surname, given := personal().Names()
	assert.Equal(t, "عينة", surname)
	assert.Equal(t, "محاكاة", given)
}

func TestDG12RoundTrip(t *testing.T) {
	for _, want := range []DocumentDetails{document(), {}} {
		b, err := want.Encode()
		require.NoError(t, err)
		got, err := ParseDG12(b)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

// The example of ICAO 9303-10 §4.7.11.2: name and place of birth with an address.
func TestDG11Published(t *testing.T) {
	b := tlv.Encode(0x6B,
		unhex(t, "5C0A5F0E5F115F425F125F13"),
		tlv.Encode(0x5F0E, []byte("SMITH<<JOHN<J")),
		tlv.Encode(0x5F11, []byte("ANYTOWN<MN")),
		tlv.Encode(0x5F42, []byte("123 MAPLE RD<ANYTOWN<MN")),
		tlv.Encode(0x5F12, []byte("16125551212")),
		tlv.Encode(0x5F13, []byte("TRAVEL<AGENT")))
	p, err := ParseDG11(b)
	require.NoError(t, err)
	assert.Empty(t, p.Deviations)
	assert.Equal(t, []string{"123 MAPLE RD", "ANYTOWN", "MN"}, p.Address)
	surname, given := p.Names()
	assert.Equal(t, []string{"SMITH", "JOHN J"}, []string{surname, given})
}

func dg11(list string, elements ...[]byte) []byte {
	return tlv.Encode(0x6B, append([][]byte{tlv.Encode(tagTagList, unhexOrPanic(list))}, elements...)...)
}

func TestDG11Dates(t *testing.T) {
	for name, v := range map[string]struct {
		value []byte
		want  string
		odd   bool
	}{
		"text":              {[]byte("19900131"), "1990-01-31", false},
		"BCD":               {[]byte{0x19, 0x90, 0x01, 0x31}, "1990-01-31", false},
		"unknown day":       {[]byte("19900100"), "1990-01", false},
		"unknown, fillers":  {[]byte("1990<<<<"), "1990", false},
		"unknown month BCD": {[]byte{0x19, 0x90, 0, 0}, "1990", false},
		"no such day":       {[]byte("19900231"), "", true},
		"hexadecimal":       {[]byte{0x19, 0x9A, 0x01, 0x31}, "", true},
		"six digits":        {[]byte("900131"), "", true},
		"empty":             {nil, "", true},
	} {
		p, err := ParseDG11(dg11("5F2B", tlv.Encode(0x5F2B, v.value)))
		require.NoError(t, err, name)
		assert.Equal(t, v.want, p.BirthDate.String(), name)
		assert.Equal(t, v.odd, len(p.Deviations) > 0, name)
	}
}

func TestDG12Moment(t *testing.T) {
	for _, value := range [][]byte{[]byte("20250102030405"), {0x20, 0x25, 1, 2, 3, 4, 5}} {
		b := tlv.Encode(0x6C, unhex(t, "5C025F55"), tlv.Encode(0x5F55, value))
		d, err := ParseDG12(b)
		require.NoError(t, err)
		assert.Empty(t, d.Deviations)
		assert.Equal(t, document().Personalised, d.Personalised)
	}
	d, err := ParseDG12(tlv.Encode(0x6C, unhex(t, "5C025F55"), tlv.Encode(0x5F55, []byte("20250102250405"))))
	require.NoError(t, err)
	assert.Equal(t, []string{"5F55: not a date and time"}, d.Deviations)
}

func TestDG11Deviations(t *testing.T) {
	p, err := ParseDG11(dg11("5F0E5F105F0F",
		tlv.Encode(0x5F0E, []byte("SPECIMEN\xFF<<É")),
		tlv.Encode(0x5F14, []byte("DR")),
		tlv.Encode(0x5F7A, nil),
		tlv.Encode(0xA0, tlv.Encode(0x02, []byte{2}), tlv.Encode(0x5F0F, []byte("X")))))
	require.NoError(t, err)
	assert.Equal(t, "SPECIMEN\uFFFD<<É", p.FullName)
	assert.Equal(t, []string{"X"}, p.OtherNames)
	assert.ElementsMatch(t, []string{
		"5F0E: text is not UTF-8",
		"5F7A: tag is not one of this file's",
		"A0: count does not fit",
		"5F10: announced, not there",
		"5F14: there, not announced",
	}, p.Deviations)
}

// Issuers leave fields empty that they announce, and whole files.
func TestDG11Empty(t *testing.T) {
	p, err := ParseDG11(dg11("5F0E5F0F5F425F125F16",
		tlv.Encode(0x5F0E), tlv.Encode(0xA0), tlv.Encode(0x5F42), tlv.Encode(0x5F12), tlv.Encode(0x5F16)))
	require.NoError(t, err)
	assert.Equal(t, []string{"A0: template is empty"}, p.Deviations)
	p.Deviations, p.CitizenshipProof = nil, nil
	assert.Equal(t, PersonalDetails{}, p)
	d, err := ParseDG12([]byte{0x6C, 0})
	require.NoError(t, err)
	assert.Equal(t, []string{"5C: no tag list"}, d.Deviations)
}

func TestDG11Refused(t *testing.T) {
	name := tlv.Encode(0x5F0E, []byte("A"))
	other := tlv.Encode(0x5F0F, []byte("A"))
	for what, b := range map[string][]byte{
		"empty":              nil,
		"wrong tag":          {0x6C, 0},
		"twice":              dg11("5F0E", name, name),
		"text of 5000 bytes": dg11("5F0E", tlv.Encode(0x5F0E, bytes.Repeat([]byte("A"), 5000))),
		"no count":           dg11("A0", tlv.Encode(0xA0, other)),
		"other tag in list":  dg11("A0", tlv.Encode(0xA0, []byte{2, 1, 1}, name)),
		"33 names":           dg11("A0", tlv.Encode(0xA0, []byte{2, 1, 33}, bytes.Repeat(other, 33))),
		"65 objects":         dg11("", bytes.Repeat([]byte{0x81, 0}, 65)),
		"cut off":            dg11("5F0E", name[:3]),
	} {
		_, err := ParseDG11(b)
		var f *FileError
		require.ErrorAs(t, err, &f, what)
		assert.Equal(t, DG11, f.File)
	}
}

func TestDetailsCannotEncode(t *testing.T) {
	for what, p := range map[string]PersonalDetails{
		"not UTF-8":   {FullName: "\xFF"},
		"too long":    {FullName: strings.Repeat("A", maxText+1)},
		"separator":   {Address: []string{"A<B"}},
		"many names":  {OtherNames: make([]string, maxRepeated+1)},
		"name":        {OtherNames: []string{"\xFF"}},
		"bad date":    {BirthDate: Date{1990, 2, 31}},
		"year only 0": {BirthDate: Date{0, 2, 1}},
	} {
		_, err := p.Encode()
		assert.Error(t, err, what)
	}
	_, err := DocumentDetails{Personalised: Moment{Hour: 1}}.Encode()
	assert.Error(t, err)
}
