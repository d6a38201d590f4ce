package lds

import (
	"errors"
	"strings"

	"cnie/internal/secret"
)

// MRZKey is the part of the machine readable zone that opens a chip, the input
// of BAC and of PACE with the MRZ. Dates are YYMMDD. ICAO 9303-11 §4.3.2.
type MRZKey struct {
	DocumentNumber, BirthDate, ExpiryDate string
}

// Check reports whether the key can be one at all: letters, digits and fillers,
// dates of six characters.
func (k MRZKey) Check() error {
	for _, field := range []string{k.DocumentNumber, k.BirthDate, k.ExpiryDate} {
		if !inAlphabet(field) {
			return errors.New("an MRZ has capital letters, digits and '<' only")
		}
	}
	switch {
	case strings.Trim(k.DocumentNumber, "<") == "" || len(k.DocumentNumber) > maxDocumentNumber:
		return errors.New("document number is empty or too long")
	case len(k.BirthDate) != 6 || len(k.ExpiryDate) != 6:
		return errors.New("dates need six characters, YYMMDD")
	}
	return nil
}

// Seed is the text that keys are derived from: the document number, filled up to
// nine characters, and the two dates, each followed by its check digit. A longer
// number is taken whole, though the zone splits it.
func (k MRZKey) Seed() []byte {
	var seed []byte
	for _, field := range []string{pad(k.DocumentNumber, 9), k.BirthDate, k.ExpiryDate} {
		seed = append(seed, field...)
		seed = append(seed, CheckDigit(field))
	}
	return seed
}

// String hides the key, which opens the chip of a real person.
func (k MRZKey) String() string { return secret.Placeholder }

// GoString hides the key.
func (k MRZKey) GoString() string { return secret.Placeholder }

// CheckDigit is the 7-3-1 check digit of ICAO 9303-3 §4.9, as the character '0' …
// '9'. Digits count as they are, A … Z as 10 … 35, everything else as 0.
func CheckDigit(s string) byte {
	weights, sum := [3]int{7, 3, 1}, 0
	for i := range len(s) {
		sum += weights[i%3] * value(s[i])
	}
	return '0' + byte(sum%10)
}

func value(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'Z':
		return int(c-'A') + 10
	}
	return 0
}

func inAlphabet(s string) bool {
	for i := range len(s) {
		if value(s[i]) == 0 && s[i] != '0' && s[i] != '<' {
			return false
		}
	}
	return true
}

// pad fills s with '<' up to n characters.
func pad(s string, n int) string {
	return s + strings.Repeat("<", max(0, n-len(s)))
}
