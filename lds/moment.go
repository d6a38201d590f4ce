package lds

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
)

// Moment is a date and a time of day, local to the issuer. The zero value means
// that it is not there.
type Moment struct {
	Date                 Date
	Hour, Minute, Second int
}

// parse reads YYYYMMDD as eight characters or four bytes of BCD, both of which
// have been issued. ICAO 9303-10 §4.7.11 and §4.7.12.
func (d *Date) parse(value []byte) (what string) {
	parsed, ok := longDate(digitText(value, 8))
	if !ok {
		return "not a date"
	}
	*d = parsed
	return ""
}

// parse reads YYYYMMDDhhmmss as text or BCD.
func (m *Moment) parse(value []byte) (what string) {
	s := digitText(value, 14)
	if !isDigits(s, 14) {
		return "not a date and time"
	}
	date, ok := longDate(s[:8])
	hour, _ := strconv.Atoi(s[8:10])
	minute, _ := strconv.Atoi(s[10:12])
	second, _ := strconv.Atoi(s[12:])
	if !ok || hour > 23 || minute > 59 || second > 60 {
		return "not a date and time"
	}
	*m = Moment{date, hour, minute, second}
	return ""
}

// digitText gives n characters from text or from half as many bytes of BCD.
func digitText(value []byte, n int) string {
	if len(value) == n/2 {
		return hex.EncodeToString(value)
	}
	return string(value)
}

func (d Date) encode() ([]byte, error) {
	switch {
	case d == Date{}:
		return nil, nil
	case d.Year < 1 || d.Year > 9999 || !d.valid():
		return nil, errors.New("not a date")
	}
	return []byte(d.compact()), nil
}

func (m Moment) encode() ([]byte, error) {
	if m == (Moment{}) {
		return nil, nil
	}
	date, err := m.Date.encode()
	if err != nil || date == nil || m.Hour > 23 || m.Minute > 59 || m.Second > 60 || min(m.Hour, m.Minute, m.Second) < 0 {
		return nil, errors.New("not a date and time")
	}
	return fmt.Appendf(date, "%02d%02d%02d", m.Hour, m.Minute, m.Second), nil
}
