package lds

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"cnie/apdu/tlv"
)

// Application is one entry of EF.DIR. Label is for people, and mostly empty.
// ICAO 9303-10 §3.11.2, ISO 7816-4 §12.2.2.
type Application struct {
	AID   []byte
	Label string
}

const (
	tagTemplate     tlv.Tag = 0x61
	tagAID          tlv.Tag = 0x4F
	tagLabel        tlv.Tag = 0x50
	maxAID                  = 16
	maxApplications         = 16
)

// ParseDIR parses EF.DIR: an application template each. What else a template
// holds, such as a path or a web address, is passed over.
func ParseDIR(b []byte) ([]Application, error) {
	all, err := objects(b, maxApplications)
	if err != nil {
		return nil, &FileError{DIR, err}
	}
	var list []Application
	for i, e := range all {
		a, err := parseApplication(e)
		if err != nil {
			return nil, &FileError{DIR, fmt.Errorf("application %d: %w", i+1, err)}
		}
		list = append(list, a)
	}
	return list, nil
}

func parseApplication(e tlv.Element) (Application, error) {
	if e.Tag != tagTemplate {
		return Application{}, fmt.Errorf("data object %v is no application template", e.Tag)
	}
	parts, err := tlv.ReadAll(e.Value, maxObjects)
	if err != nil {
		return Application{}, err
	}
	aid, ok := tlv.Find(parts, tagAID)
	if !ok || len(aid.Value) == 0 || len(aid.Value) > maxAID {
		return Application{}, errors.New("no identifier of 1 … 16 bytes")
	}
	a := Application{AID: aid.Value}
	if label, ok := tlv.Find(parts, tagLabel); ok {
		a.Label, _, err = text(label.Value)
	}
	return a, err
}

// EncodeDIR gives the bytes of EF.DIR.
func EncodeDIR(list []Application) ([]byte, error) {
	if len(list) > maxApplications {
		return nil, &FileError{DIR, fmt.Errorf("more than %d applications", maxApplications)}
	}
	var b []byte
	for _, a := range list {
		if len(a.AID) == 0 || len(a.AID) > maxAID || len(a.Label) > maxText || !utf8.ValidString(a.Label) {
			return nil, &FileError{DIR, errors.New("an identifier or a label that cannot be")}
		}
		entry := tlv.Encode(tagAID, a.AID)
		if a.Label != "" {
			entry = tlv.Append(entry, tagLabel, []byte(a.Label))
		}
		b = tlv.Append(b, tagTemplate, entry)
	}
	return b, nil
}
