package lds

import (
	"errors"
	"fmt"
	"strings"
)

// span is a half-open range of characters in the zone taken as one string.
type span struct{ from, to int }

func (s span) of(text string) string { return text[s.from:s.to] }
func (s span) size() int             { return s.to - s.from }

// layout says where the fields of a format stand. A check digit is the character
// right after its field. A zero span is a field that the format has not.
type layout struct {
	format      Format
	codes       string // permitted first letters of the document code
	count       int
	width       int
	code, state span
	number      span
	optional1   span
	optional2   span
	nationality span
	birth, sex  span
	expiry      span
	names       span
	personal    bool   // optional1 has a check digit of its own, TD3
	split       bool   // a long document number continues in optional1
	composite   []span // what the last character checks; nil when there is none
}

// The tables of ICAO 9303-5 §4.2 (TD1), 9303-6 §4.2 (TD2), 9303-4 §4.2 (TD3) and
// 9303-7 §4.2 and §5.2 (visas).
var layouts = []layout{
	{
		format: TD1, codes: "IAC", count: 3, width: 30, split: true,
		code: span{0, 2}, state: span{2, 5}, number: span{5, 14}, optional1: span{15, 30},
		birth: span{30, 36}, sex: span{37, 38}, expiry: span{38, 44}, nationality: span{45, 48}, optional2: span{48, 59},
		names:     span{60, 90},
		composite: []span{{5, 30}, {30, 37}, {38, 45}, {48, 59}},
	},
	{
		format: TD2, codes: "IAC", count: 2, width: 36, split: true,
		code: span{0, 2}, state: span{2, 5}, names: span{5, 36},
		number: span{36, 45}, nationality: span{46, 49}, birth: span{49, 55}, sex: span{56, 57}, expiry: span{57, 63}, optional1: span{64, 71},
		composite: []span{{36, 46}, {49, 56}, {57, 71}},
	},
	{
		format: TD3, codes: "P", count: 2, width: 44, personal: true,
		code: span{0, 2}, state: span{2, 5}, names: span{5, 44},
		number: span{44, 53}, nationality: span{54, 57}, birth: span{57, 63}, sex: span{64, 65}, expiry: span{65, 71}, optional1: span{72, 86},
		composite: []span{{44, 54}, {57, 64}, {65, 87}},
	},
	{
		format: MRVA, codes: "V", count: 2, width: 44,
		code: span{0, 2}, state: span{2, 5}, names: span{5, 44},
		number: span{44, 53}, nationality: span{54, 57}, birth: span{57, 63}, sex: span{64, 65}, expiry: span{65, 71}, optional1: span{72, 88},
	},
	{
		format: MRVB, codes: "V", count: 2, width: 36,
		code: span{0, 2}, state: span{2, 5}, names: span{5, 36},
		number: span{36, 45}, nationality: span{46, 49}, birth: span{49, 55}, sex: span{56, 57}, expiry: span{57, 63}, optional1: span{64, 72},
	},
}

func layoutOf(text string) (layout, error) {
	for _, l := range layouts {
		if len(text) == l.count*l.width && strings.IndexByte(l.codes, text[0]) >= 0 {
			return l, nil
		}
	}
	return layout{}, fmt.Errorf("MRZ of %d characters fits no document format", len(text))
}

func (l layout) parse(text string) (MRZ, error) {
	number, optional, err := l.documentNumber(text)
	if err != nil {
		return MRZ{}, err
	}
	if err := l.check(text); err != nil {
		return MRZ{}, err
	}
	m := MRZ{
		Format: l.format, DocumentCode: field(l.code.of(text)), IssuingState: field(l.state.of(text)),
		DocumentNumber: number, Optional1: optional, Optional2: field(l.optional2.of(text)),
		Nationality: field(l.nationality.of(text)), Sex: field(l.sex.of(text)),
		BirthDate: l.birth.of(text), ExpiryDate: l.expiry.of(text),
	}
	m.Surname, m.GivenNames = splitName(l.names.of(text))
	return m, m.plausible()
}

// check verifies every check digit but the document number's.
func (l layout) check(text string) error {
	digit := func(what, covered string, at int) error {
		if text[at] != CheckDigit(covered) {
			return fmt.Errorf("check digit of %s does not fit", what)
		}
		return nil
	}
	errs := []error{
		digit("the birth date", l.birth.of(text), l.birth.to),
		digit("the expiry date", l.expiry.of(text), l.expiry.to),
	}
	// An empty personal number may have '<' for a check digit, ICAO 9303-4 §4.2.2.
	if l.personal && (text[l.optional1.to] != '<' || field(l.optional1.of(text)) != "") {
		errs = append(errs, digit("the personal number", l.optional1.of(text), l.optional1.to))
	}
	if l.composite != nil {
		last := l.composite[len(l.composite)-1]
		errs = append(errs, digit("the whole", joined(text, l.composite), last.to))
	}
	return errors.Join(errs...)
}

// documentNumber checks the number and returns it with what remains of the
// optional field. A number of more than nine characters has '<' in the place of
// its check digit and goes on in the optional field, followed there by the check
// digit and a filler. ICAO 9303-5 §4.2.2, note j.
func (l layout) documentNumber(text string) (number, optional string, err error) {
	number, optional = l.number.of(text), l.optional1.of(text)
	if digit := text[l.number.to]; l.split && digit == '<' {
		more, rest, filled := strings.Cut(optional, "<")
		if len(more) < 2 || !filled {
			return "", "", errors.New("document number has no check digit and filler at its end")
		}
		number += more[:len(more)-1]
		if CheckDigit(number) != more[len(more)-1] {
			return "", "", errors.New("check digit of the document number does not fit")
		}
		return number, field(rest), nil
	} else if digit != CheckDigit(number) {
		return "", "", errors.New("check digit of the document number does not fit")
	}
	return field(number), field(optional), nil
}

func (l layout) lines(m MRZ) ([]string, error) {
	number, optional := l.splitNumber(m)
	text := []byte(strings.Repeat("<", l.count*l.width))
	for _, f := range []struct {
		what  string
		at    span
		value string
	}{
		{"document code", l.code, m.DocumentCode},
		{"issuing state", l.state, m.IssuingState},
		{"document number", l.number, number},
		{"optional field", l.optional1, optional},
		{"second optional field", l.optional2, m.Optional2},
		{"nationality", l.nationality, m.Nationality},
		{"birth date", l.birth, m.BirthDate},
		{"sex", l.sex, m.Sex},
		{"expiry date", l.expiry, m.ExpiryDate},
		{"name", l.names, joinName(m.Surname, m.GivenNames, l.names.size())},
	} {
		if len(f.value) > f.at.size() || !inAlphabet(f.value) {
			return nil, fmt.Errorf("%s has more than %d characters or one that no MRZ has", f.what, f.at.size())
		}
		copy(text[f.at.from:f.at.to], f.value)
	}
	l.putDigits(text, len(m.DocumentNumber) > l.number.size())
	var lines []string
	for i := range l.count {
		lines = append(lines, string(text[i*l.width:(i+1)*l.width]))
	}
	return lines, m.plausible()
}

// splitNumber divides a long document number over its field and the optional one.
func (l layout) splitNumber(m MRZ) (number, optional string) {
	n := l.number.size()
	if !l.split || len(m.DocumentNumber) <= n {
		return m.DocumentNumber, m.Optional1
	}
	return m.DocumentNumber[:n], m.DocumentNumber[n:] + string(CheckDigit(m.DocumentNumber)) + "<" + m.Optional1
}

func (l layout) putDigits(text []byte, longNumber bool) {
	put := func(s span) { text[s.to] = CheckDigit(s.of(string(text))) }
	if !longNumber {
		put(l.number)
	}
	put(l.birth)
	put(l.expiry)
	if l.personal && field(l.optional1.of(string(text))) != "" {
		put(l.optional1)
	}
	if n := len(l.composite); n > 0 {
		text[l.composite[n-1].to] = CheckDigit(joined(string(text), l.composite))
	}
}

// plausible refuses what is not a check digit's business: a document code or a
// sex that the standard does not know, letters in a date.
func (m MRZ) plausible() error {
	date := func(s string) bool { return len(s) == 6 && strings.Trim(s, "0123456789<") == "" }
	switch {
	case m.DocumentCode == "" || strings.Contains(m.DocumentCode, "<"):
		return errors.New("document code is not one")
	case m.DocumentNumber == "":
		return errors.New("document number is empty")
	case !date(m.BirthDate) || !date(m.ExpiryDate):
		return errors.New("date is not six digits or fillers")
	case m.Sex != "" && m.Sex != "M" && m.Sex != "F":
		return errors.New("sex is not M, F or unspecified")
	}
	return nil
}

// field takes the fillers off the end.
func field(s string) string { return strings.TrimRight(s, "<") }

func joined(text string, spans []span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.of(text))
	}
	return b.String()
}

// splitName parts the primary from the secondary identifier at the first "<<",
// ICAO 9303-3 §4.6.
func splitName(s string) (surname, given string) {
	surname, given, _ = strings.Cut(strings.TrimRight(s, "<"), "<<")
	return words(surname), words(given)
}

func words(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "<", " ")), " ")
}

// joinName is the inverse. A name that is cut to size keeps at least the first
// letter of the secondary identifier. ICAO 9303-5 §4.2.2 and its sisters.
func joinName(surname, given string, size int) string {
	surname, given = strings.ReplaceAll(surname, " ", "<"), strings.ReplaceAll(given, " ", "<")
	if given == "" {
		return cutName(surname, size)
	}
	if most := size - len("<<") - 1; len(surname)+len("<<")+len(given) > size {
		surname = strings.TrimRight(surname[:min(len(surname), most)], "<")
	}
	return cutName(surname+"<<"+given, size)
}

// cutName cuts a name to end with a letter, which says that it may have been cut.
// Where a word would end there, an earlier one gives a letter up.
func cutName(s string, size int) string {
	for len(s) > size && s[size-1] == '<' {
		last := size - 2
		for last > 0 && (s[last] == '<' || s[last-1] == '<') {
			last--
		}
		s = s[:last] + s[last+1:]
	}
	return s[:min(len(s), size)]
}
