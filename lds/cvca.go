package lds

import (
	"errors"
	"fmt"

	"cnie/apdu/tlv"
)

const (
	sizeCVCA      = 36 // of the file, filled with zeros
	tagReference  = tlv.Tag(0x42)
	minReference  = 8  // country, a mnemonic of one letter, five of sequence number
	maxReference  = 16 // a mnemonic of nine letters
	maxReferences = 2  // the authority of today and the one before
)

// ParseCVCA parses EF.CVCA: the references of the authorities to which a
// terminal's certificates must lead, the newest first. ICAO 9303-11 §7.1.4 and
// BSI TR-03110-3 §A.1.3.
func ParseCVCA(b []byte) (references []string, err error) {
	if len(b) > sizeCVCA {
		return nil, &FileError{CVCA, fmt.Errorf("%d bytes, the file has %d", len(b), sizeCVCA)}
	}
	all, err := objects(b, maxReferences)
	if err != nil {
		return nil, &FileError{CVCA, err}
	}
	for _, e := range all {
		if e.Tag != tagReference || !isReference(string(e.Value)) {
			return nil, &FileError{CVCA, fmt.Errorf("data object %v is no authority reference", e.Tag)}
		}
		references = append(references, string(e.Value))
	}
	if len(references) == 0 {
		return nil, &FileError{CVCA, errors.New("no authority reference")}
	}
	return references, nil
}

// EncodeCVCA gives the bytes of EF.CVCA.
func EncodeCVCA(references []string) ([]byte, error) {
	if len(references) < 1 || len(references) > maxReferences {
		return nil, &FileError{CVCA, fmt.Errorf("%d authority references, want 1 or 2", len(references))}
	}
	var b []byte
	for _, r := range references {
		if !isReference(r) {
			return nil, &FileError{CVCA, errors.New("an authority reference that cannot be")}
		}
		b = tlv.Append(b, tagReference, []byte(r))
	}
	return append(b, make([]byte, sizeCVCA-len(b))...), nil
}

// isReference reports whether s can be a Certification Authority Reference:
// printable characters of ISO 8859-1, which authorities keep to ASCII.
func isReference(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return minReference <= len(s) && len(s) <= maxReference
}
