package lds

import (
	"errors"
	"fmt"

	"cnie/apdu/tlv"
)

// ParseOpaque takes the tag and the length off a data group whose content is
// nobody's business here: fingerprints and irises (DG3, DG4), which are never
// asked for, DG6, which is reserved, and DG13, whose form the issuer chooses.
// ICAO 9303-10 §4.7.3, §4.7.4, §4.7.6 and §4.7.13.
func ParseOpaque(f File, b []byte) (value []byte, err error) {
	if !f.opaque() {
		return nil, &FileError{f, errors.New("not a file without a form")}
	}
	outer, err := tlv.One(b, tlv.Tag(f.Tag()))
	return outer.Value, fileError(f, err)
}

// EncodeOpaque puts the tag of a data group without a form around its content.
func EncodeOpaque(f File, value []byte) ([]byte, error) {
	if !f.opaque() {
		return nil, &FileError{f, errors.New("not a file without a form")}
	}
	return tlv.Encode(tlv.Tag(f.Tag()), value), nil
}

func (f File) opaque() bool { return f == DG3 || f == DG4 || f == DG6 || f == DG13 }

// ParseFeatures parses DG8, DG9 or DG10: features of the data, the structure or
// the substance by which machines tell a genuine document. That they begin with a
// number is all that is standardised, and what the number counts is the issuer's
// secret: each data object is returned whole, tag included. ICAO 9303-10 §4.7.8 …
// §4.7.10.
func ParseFeatures(f File, b []byte) ([][]byte, error) {
	if f < DG8 || f > DG10 {
		return nil, &FileError{f, errors.New("not a file of security features")}
	}
	outer, err := tlv.One(b, tlv.Tag(f.Tag()))
	if err != nil {
		return nil, &FileError{f, err}
	}
	all, err := tlv.ReadAll(outer.Value, maxObjects)
	if err != nil {
		return nil, &FileError{f, err}
	}
	if len(all) == 0 || all[0].Tag != tagCount {
		return nil, &FileError{f, errors.New("number of features is missing")}
	}
	var features [][]byte
	for _, e := range all[1:] {
		features = append(features, e.Raw)
	}
	return features, nil
}

// EncodeFeatures gives the bytes of DG8, DG9 or DG10. Each feature is one data
// object.
func EncodeFeatures(f File, features [][]byte) ([]byte, error) {
	if f < DG8 || f > DG10 {
		return nil, &FileError{f, errors.New("not a file of security features")}
	}
	for i, feature := range features {
		if _, rest, err := tlv.Read(feature); err != nil || len(rest) > 0 {
			return nil, &FileError{f, fmt.Errorf("feature %d is not one data object", i+1)}
		}
	}
	return encodeCounted(f, features)
}
