package lds

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/vectors"
)

// The worked examples of ICAO Doc 9303: parts 4, 5, 6 and 7, appendix D of part 11,
// and two synthetic Moroccan cards.
var published = []struct {
	name, text string
	want       MRZ
}{
	{
		"9303-5 TD1",
		"I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
		MRZ{TD1, "I", "UTO", "D23145890", "", "", "UTO", "740812", "F", "120415", "ERIKSSON", "ANNA MARIA"},
	},
	{
		"9303-11 D.2 TD1, long document number",
		"I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<",
		MRZ{TD1, "I", "UTO", "D23145890734", "", "", "UTO", "340712", "M", "950712", "STEVENSON", "PETER JOHN"},
	},
	{
		"9303-6 TD2",
		"I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6",
		MRZ{TD2, "I", "UTO", "D23145890", "", "", "UTO", "740812", "F", "120415", "ERIKSSON", "ANNA MARIA"},
	},
	{
		"9303-11 D.2 TD2, long document number",
		"I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<\nD23145890<UTO3407127M95071227349<<<8",
		MRZ{TD2, "I", "UTO", "D23145890734", "", "", "UTO", "340712", "M", "950712", "STEVENSON", "PETER JOHN"},
	},
	{
		"9303-4 TD3",
		"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
		MRZ{TD3, "P", "UTO", "L898902C3", "ZE184226B", "", "UTO", "740812", "F", "120415", "ERIKSSON", "ANNA MARIA"},
	},
	{
		"9303-7 MRV-A",
		"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<",
		MRZ{MRVA, "V", "UTO", "L8988901C", "6ZE184226B", "", "XXX", "400907", "F", "961210", "ERIKSSON", "ANNA MARIA"},
	},
	{
		"9303-7 MRV-B",
		"V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<",
		MRZ{MRVB, "V", "UTO", "L8988901C", "", "", "XXX", "400907", "F", "961210", "ERIKSSON", "ANNA MARIA"},
	},
	{
		"Moroccan card, ID",
		"IDMARZZZ0SIM1<4ZZ000001<<<<<<<\n9001011F3501014MAR<<<<<<<<<<<9\nSPECIMEN<<SIMULATEUR<<<<<<<<<<",
		MRZ{TD1, "ID", "MAR", "ZZZ0SIM1", "ZZ000001", "", "MAR", "900101", "F", "350101", "SPECIMEN", "SIMULATEUR"},
	},
	{
		"Moroccan card, I<",
		"I<MARZZZ0SIM2<7Z000002<<<<<<<<\n8506151M3006151MAR<<<<<<<<<<<5\nSPECIMEN<<ANCIEN<<<<<<<<<<<<<<",
		MRZ{TD1, "I", "MAR", "ZZZ0SIM2", "Z000002", "", "MAR", "850615", "M", "300615", "SPECIMEN", "ANCIEN"},
	},
}

func TestMRZ(t *testing.T) {
	for _, v := range published {
		t.Run(v.name, func(t *testing.T) {
			got, err := ParseMRZ(v.text)
			require.NoError(t, err)
			assert.Equal(t, v.want, got)
			lines, err := got.Lines()
			require.NoError(t, err)
			assert.Equal(t, strings.Fields(v.text), lines)
			dg1, err := got.Encode()
			require.NoError(t, err)
			again, err := ParseDG1(dg1)
			require.NoError(t, err)
			assert.Equal(t, got, again)
		})
	}
}

// Any single wrong character under a check digit is found: 7, 3 and 1 have no
// common factor with 10, but a change of value by 10 is invisible to them.
func TestMRZCheckDigits(t *testing.T) {
	for _, v := range published {
		text := strings.Join(strings.Fields(v.text), "")
		l, err := layoutOf(text)
		require.NoError(t, err)
		for _, at := range []int{l.number.from, l.birth.from, l.birth.to, l.expiry.to, l.expiry.to - 1} {
			for _, c := range "0123456789" {
				changed := text[:at] + string(c) + text[at+1:]
				if (value(text[at])-value(byte(c)))%10 == 0 {
					continue
				}
				_, err := ParseMRZ(changed)
				assert.Error(t, err, "%s at %d", v.name, at)
			}
		}
	}
}

func TestMRZRefused(t *testing.T) {
	td1 := strings.Join(strings.Fields(published[0].text), "")
	replace := func(at int, s string) string { return td1[:at] + s + td1[at+len(s):] }
	for name, text := range map[string]string{
		"empty":                            "",
		"too short":                        td1[:89],
		"too long":                         td1 + "<",
		"small letters":                    strings.ToLower(td1),
		"not ASCII":                        replace(60, "É"),
		"passport code on a card":          replace(0, "P"),
		"composite":                        replace(59, "7"),
		"no check digit for a long number": replace(14, "<"),
		"no filler after a long number":    "A0000X2X1YZ999<7XY9Y00000000003407127M9507122000000000000002000000000000000000000000000000",
		"optional field, under composite":  replace(20, "4"),
		"sex":                              replace(37, "Q"),
	} {
		_, err := ParseMRZ(text)
		assert.Error(t, err, name)
	}
}

func TestMRZCannotEncode(t *testing.T) {
	for name, change := range map[string]func(*MRZ){
		"no format":           func(m *MRZ) { m.Format = 0 },
		"no document code":    func(m *MRZ) { m.DocumentCode = "" },
		"filler in the code":  func(m *MRZ) { m.DocumentCode = "<I" },
		"no document number":  func(m *MRZ) { m.DocumentNumber = "" },
		"long number":         func(m *MRZ) { m.DocumentNumber = strings.Repeat("A", maxDocumentNumber+1) },
		"letters in a date":   func(m *MRZ) { m.BirthDate = "90JA01" },
		"half a date":         func(m *MRZ) { m.ExpiryDate = "3501" },
		"sex":                 func(m *MRZ) { m.Sex = "X" },
		"accents in the name": func(m *MRZ) { m.Surname = "MÜLLER" },
	} {
		m := published[7].want
		change(&m)
		_, err := m.Encode()
		var f *FileError
		assert.ErrorAs(t, err, &f, name)
	}
}

func TestMRZErrorsHideTheHolder(t *testing.T) {
	_, err := ParseMRZ(strings.Replace(published[0].text, "7408122", "7408123", 1))
	require.Error(t, err)
	for _, secret := range []string{"ERIKSSON", "740812", "D23145890"} {
		assert.NotContains(t, err.Error(), secret)
	}
	m := published[0].want
	assert.NotContains(t, m.String(), "ERIKSSON")
	assert.Equal(t, "[secret]", m.Key().String())
}

func TestMRZKeySeed(t *testing.T) {
	for _, v := range []struct {
		clause string
		key    MRZKey
		seed   string
	}{
		{"9303-11 D.2, TD2", MRZKey{"D23145890734", "340712", "950712"}, "D23145890734934071279507122"},
		{"9303-11 D.2, TD1", MRZKey{"L898902C", "690806", "940623"}, "L898902C<369080619406236"},
		{"filled up", MRZKey{"ZZZ0SIM1", "900101", "350101"}, "ZZZ0SIM1<490010113501014"},
		{"with its filler", MRZKey{"ZZZ0SIM1<", "900101", "350101"}, "ZZZ0SIM1<490010113501014"},
	} {
		assert.NoError(t, v.key.Check(), v.clause)
		assert.Equal(t, v.seed, string(v.key.Seed()), v.clause)
	}
	for _, bad := range []MRZKey{{}, {"<<<", "900101", "350101"}, {"A1", "90010", "350101"}, {"a1", "900101", "350101"}} {
		assert.Error(t, bad.Check())
	}
}

func TestCheckDigit(t *testing.T) {
	// ICAO 9303-3 §4.9, worked examples.
	assert.Equal(t, byte('3'), CheckDigit("520727"))
	assert.Equal(t, byte('5'), CheckDigit("AB2134<<<"))
}

func TestCIN(t *testing.T) {
	for _, v := range published {
		m, err := ParseMRZ(v.text)
		require.NoError(t, err)
		got, ok := m.CIN()
		assert.Equal(t, m.IssuingState == "MAR", ok, v.name)
		if ok {
			assert.Equal(t, m.Optional1, got)
		}
	}
	odd := MRZ{Format: TD1, DocumentCode: "ID", IssuingState: "MAR", Optional1: "123"}
	_, ok := odd.CIN()
	assert.False(t, ok)
}

func TestLongDocumentNumberKeepsOptionalField(t *testing.T) {
	m := MRZ{TD1, "I", "UTO", "ZZZ0123456789", "AB", "CD", "UTO", "74<<<<", "", "300101", "SPECIMEN", ""}
	lines, err := m.Lines()
	require.NoError(t, err)
	again, err := ParseMRZ(strings.Join(lines, "\n"))
	require.NoError(t, err)
	assert.Equal(t, m, again)
	m.DocumentNumber = strings.Repeat("Z", 22)
	_, err = m.Lines()
	assert.Error(t, err, "no room for the optional field")
	m.Optional1 = ""
	lines, err = m.Lines()
	require.NoError(t, err)
	again, err = ParseMRZ(strings.Join(lines, ""))
	require.NoError(t, err)
	assert.Equal(t, m, again)
}

// ICAO 9303-5 §4.2.2: the second identifier does not vanish, and the last
// character is a letter.
func TestLongNamesAreCut(t *testing.T) {
	for _, v := range []struct{ surname, given, line string }{
		{"NILAVADHANANANDA", "CHAYAPA DEJTHAMRONG KRASUANG", "NILAVADHANANANDA<<CHAYAPA<DEJT"},
		{"BENNELONG WOOLOOMOOLOO WARRANDYTE WARNAMBOOL", "DINGO", "BENNELONG<WOOLOOMOOLOO<WARR<<D"},
		{"BENNELONG WOOLOOMOOLOO WARA WARNAMBOOL", "DINGO", "BENNELONG<WOOLOOMOOLOO<WARA<<D"},
		{"BENNELONG WOOLOOMOOLOO WAR WARNAMBOOL", "DINGO", "BENNELONG<WOOLOOMOOLOO<WAR<<DI"},
		{"BENNELONG WOOLOOMOOLOO WARRANDYTE", "", "BENNELONG<WOOLOOMOOLOO<WARRAND"},
		{"BENNELONG WOOLOOMOOLOO ABCDEF WA", "", "BENNELONG<WOOLOOMOOLOO<ABCDE<W"},
		{"PAPANDROPOULOUS", "JONATHON ALEX M", "PAPANDROPOULOUS<<JONATHON<ALEX"},
		{"PAPANDROPOULOUS", "JONATHON ALE MARIA", "PAPANDROPOULOUS<<JONATHON<AL<M"},
		{"PAPANDROPOULOUS", "JONATHAN J J MARIA", "PAPANDROPOULOUS<<JONATHA<J<J<M"},
		{"PAPANDROPOULOUS", "JONATHON ALEC", "PAPANDROPOULOUS<<JONATHON<ALEC"}, // not cut
	} {
		m := published[7].want
		m.Surname, m.GivenNames = v.surname, v.given
		lines, err := m.Lines()
		require.NoError(t, err)
		assert.Equal(t, v.line, lines[2])
	}
}

func TestCenturies(t *testing.T) {
	ref := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)
	for _, v := range []struct{ birth, want string }{
		{"900101", "1990-01-01"},
		{"261122", "2026-11-22"},
		{"261123", "1926-11-23"},
		{"270101", "1927-01-01"},
		{"000229", "2000-02-29"},
		{"85<<<<", "1985"},
		{"8506<<", "1985-06"},
		{"<<<<<<", ""},
	} {
		d, ok := MRZ{BirthDate: v.birth}.Birth(ref)
		assert.True(t, ok, v.birth)
		assert.Equal(t, v.want, d.String())
	}
	for _, bad := range []string{"", "901301", "900230", "90<<01", "+10101", "<<0101"} {
		_, ok := MRZ{BirthDate: bad}.Birth(ref)
		assert.False(t, ok, bad)
	}
	for expiry, want := range map[string]string{"350101": "2035-01-01", "760101": "2076-01-01", "990101": "1999-01-01", "7701<<": "1977-01"} {
		d, ok := MRZ{ExpiryDate: expiry}.Expiry(ref)
		assert.True(t, ok)
		assert.Equal(t, want, d.String())
	}
}

func TestDateComparison(t *testing.T) {
	today := time.Date(2026, 11, 22, 23, 59, 0, 0, time.UTC)
	for _, v := range []struct {
		d             Date
		before, after bool
	}{
		{Date{2026, 11, 22}, false, false},
		{Date{2026, 11, 21}, true, false},
		{Date{2026, 11, 23}, false, true},
		{Date{2026, 11, 0}, false, false},
		{Date{2026, 10, 0}, true, false},
		{Date{2026, 0, 0}, false, false},
		{Date{2025, 0, 0}, true, false},
		{Date{}, false, false},
	} {
		assert.Equal(t, v.before, v.d.Before(today), v.d)
		assert.Equal(t, v.after, v.d.After(today), v.d)
	}
}

func TestBSISpecimenDG1(t *testing.T) {
	b := vectors.File(t, "bsi2008", "Datagroup1.bin")
	m, err := ParseDG1(b)
	require.NoError(t, err)
	assert.Equal(t, TD3, m.Format)
	assert.Equal(t, "MUSTERMANN", m.Surname)
	assert.Equal(t, "D", m.IssuingState)
	again, err := m.Encode()
	require.NoError(t, err)
	assert.Equal(t, b, again)
}
