package lds

import (
	"errors"
	"fmt"

	"cnie/apdu/tlv"
)

// Common is EF.COM: the version of the LDS and which files the document claims
// to have. Nothing signs it, so it is a hint: EF.SOD decides.
// ICAO 9303-10 §4.6.1.
type Common struct {
	LDSVersion     string // "0107", four digits
	UnicodeVersion string // "040000", six digits
	Files          []File // in the order listed
	Unknown        []byte // tags in the list that are no data group
}

const (
	tagLDSVersion     tlv.Tag = 0x5F01
	tagUnicodeVersion tlv.Tag = 0x5F36
	tagTagList        tlv.Tag = 0x5C
)

// ParseCOM parses EF.COM.
func ParseCOM(b []byte) (Common, error) {
	c, err := parseCOM(b)
	return c, fileError(COM, err)
}

func parseCOM(b []byte) (Common, error) {
	outer, err := tlv.One(b, tlv.Tag(COM.Tag()))
	if err != nil {
		return Common{}, err
	}
	all, err := tlv.ReadAll(outer.Value, 8)
	if err != nil {
		return Common{}, err
	}
	var c Common
	if c.LDSVersion, err = digits(all, tagLDSVersion, 4); err != nil {
		return Common{}, err
	}
	if c.UnicodeVersion, err = digits(all, tagUnicodeVersion, 6); err != nil {
		return Common{}, err
	}
	list, ok := tlv.Find(all, tagTagList)
	if !ok {
		return Common{}, errors.New("no tag list")
	}
	for _, tag := range list.Value {
		if f, ok := fileOfTag(tag); ok {
			c.Files = append(c.Files, f)
		} else {
			c.Unknown = append(c.Unknown, tag)
		}
	}
	return c, nil
}

// Encode gives the bytes of EF.COM.
func (c Common) Encode() ([]byte, error) {
	if !isDigits(c.LDSVersion, 4) || !isDigits(c.UnicodeVersion, 6) {
		return nil, &FileError{COM, errors.New("versions need four and six digits")}
	}
	var list []byte
	for _, f := range c.Files {
		if !f.IsDataGroup() {
			return nil, &FileError{COM, fmt.Errorf("%v is not a data group", f)}
		}
		list = append(list, f.Tag())
	}
	return tlv.Encode(tlv.Tag(COM.Tag()),
		tlv.Encode(tagLDSVersion, []byte(c.LDSVersion)),
		tlv.Encode(tagUnicodeVersion, []byte(c.UnicodeVersion)),
		tlv.Encode(tagTagList, list, c.Unknown)), nil
}

func digits(all []tlv.Element, tag tlv.Tag, n int) (string, error) {
	e, ok := tlv.Find(all, tag)
	if !ok {
		return "", fmt.Errorf("no data object %v", tag)
	}
	if s := string(e.Value); isDigits(s, n) {
		return s, nil
	}
	return "", fmt.Errorf("data object %v is not %d digits", tag, n)
}

func isDigits(s string, n int) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == n
}

func fileOfTag(tag byte) (File, bool) {
	for f := DG1; f <= DG16; f++ {
		if f.Tag() == tag {
			return f, true
		}
	}
	return 0, false
}
