package web

import (
	"errors"
	"strings"
	"unicode"

	"cnie/cardreader/emrtd/access"
	"cnie/lds"
)

// errPassword never says what was typed.
var errPassword = errors.New("neither a CAN nor a machine-readable zone")

// Lengths of machine-readable zones, ICAO 9303-5 §4.2.2 and 9303-4 §4.2.2.
const (
	lengthTD1 = 90
	lengthTD3 = 88
)

// parsePassword takes what was typed or scanned: six digits are a CAN, 88 or 90
// characters a machine-readable zone. Spaces and line ends do not count.
func parsePassword(typed string) (access.Password, error) {
	typed = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return latin(r)
	}, typed)
	if len(typed) == lengthTD1 || len(typed) == lengthTD3 {
		zone, err := lds.ParseMRZ(strings.ToUpper(typed))
		if err != nil {
			return access.Password{}, errPassword
		}
		return access.MRZ(zone.Key())
	}
	password, err := access.CAN(typed)
	if err != nil {
		return access.Password{}, errPassword
	}
	return password, nil
}

// latin turns the digits of an Arabic keyboard into those that are printed.
func latin(r rune) rune {
	switch {
	case r >= '٠' && r <= '٩':
		return '0' + r - '٠'
	case r >= '۰' && r <= '۹':
		return '0' + r - '۰'
	}
	return r
}
