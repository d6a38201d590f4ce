package lds

import (
	"fmt"
	"strconv"
	"time"
)

// Date is a calendar date of which the day, or the day and the month, or all of
// it may be unknown: unknown parts are 0. ICAO 9303-3 §4.8.
type Date struct{ Year, Month, Day int }

// String gives "1990-01-31", "1990-01", "1990" or "".
func (d Date) String() string {
	switch {
	case d.Year == 0:
		return ""
	case d.Month == 0:
		return fmt.Sprintf("%04d", d.Year)
	case d.Day == 0:
		return fmt.Sprintf("%04d-%02d", d.Year, d.Month)
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// After reports whether every day that d may mean is after the day of t.
func (d Date) After(t time.Time) bool {
	return d.Year != 0 && d.first().After(dayOf(t))
}

// Before reports whether every day that d may mean is before the day of t.
func (d Date) Before(t time.Time) bool {
	return d.Year != 0 && d.last().Before(dayOf(t))
}

func (d Date) first() time.Time {
	return time.Date(d.Year, time.Month(max(d.Month, 1)), max(d.Day, 1), 0, 0, 0, 0, time.UTC)
}

func (d Date) last() time.Time {
	switch {
	case d.Month == 0:
		return time.Date(d.Year, 12, 31, 0, 0, 0, 0, time.UTC)
	case d.Day == 0:
		return time.Date(d.Year, time.Month(d.Month)+1, 0, 0, 0, 0, 0, time.UTC)
	}
	return d.first()
}

func dayOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Birth is the birth date with its century: the latest that does not lie after
// the day of ref. False when the zone's six characters are no date.
func (m MRZ) Birth(ref time.Time) (Date, bool) {
	d, ok := shortDate(m.BirthDate, ref.Year()/100*100)
	if ok && d.After(ref) {
		d.Year -= 100
	}
	return d, ok && d.valid()
}

// Expiry is the expiry date with its century: the one within fifty years of ref.
func (m MRZ) Expiry(ref time.Time) (Date, bool) {
	d, ok := shortDate(m.ExpiryDate, ref.Year()/100*100)
	switch {
	case !ok || d.Year == 0:
	case d.Year < ref.Year()-50:
		d.Year += 100
	case d.Year > ref.Year()+50:
		d.Year -= 100
	}
	return d, ok && d.valid()
}

// shortDate reads YYMMDD, of which all may be unknown, or what follows the year.
func shortDate(s string, century int) (Date, bool) {
	if s == "<<<<<<" {
		return Date{}, true
	}
	if len(s) != 6 || !isDigits(s[:2], 2) {
		return Date{}, false
	}
	year, _ := strconv.Atoi(s[:2])
	month, monthOK := part(s[2:4])
	day, dayOK := part(s[4:])
	return Date{century + year, month, day}, monthOK && dayOK
}

// longDate reads YYYYMMDD, where "00" and "<<" both say unknown.
func longDate(s string) (Date, bool) {
	if len(s) != 8 || !isDigits(s[:4], 4) {
		return Date{}, false
	}
	year, _ := strconv.Atoi(s[:4])
	month, monthOK := part(s[4:6])
	day, dayOK := part(s[6:])
	d := Date{year, month, day}
	return d, monthOK && dayOK && d.valid()
}

func part(s string) (int, bool) {
	if s == "<<" {
		return 0, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && isDigits(s, 2)
}

// valid reports whether the known parts are a day of the calendar.
func (d Date) valid() bool {
	if d.Month == 0 {
		return d.Day == 0
	}
	end := Date{d.Year, d.Month, 0}.last() // of the month
	return d.Month <= 12 && d.Day <= end.Day()
}

// compact is YYYYMMDD with "00" for the unknown.
func (d Date) compact() string { return fmt.Sprintf("%04d%02d%02d", d.Year, d.Month, d.Day) }
