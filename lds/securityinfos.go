package lds

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"cnie/apdu/tlv"
)

// SecurityInfos says which security protocols a chip supports: the content of
// EF.CardAccess, of EF.CardSecurity and of DG14. ICAO 9303-11 §9.2.
//
// Raw has every element as it was read, in that order; Encode ignores it and
// writes the typed fields as a DER set.
type SecurityInfos struct {
	PACE           []PACEInfo
	PACEParameters []PACEDomainParameterInfo
	ChipAuth       []ChipAuthenticationInfo
	ChipKeys       []ChipAuthenticationPublicKeyInfo
	ActiveAuth     []ActiveAuthenticationInfo
	TerminalAuth   []TerminalAuthenticationInfo
	Other          []SecurityInfo
	Raw            [][]byte
}

// SecurityInfo is an element with an object identifier that is not one of the
// above. DER is the whole element.
type SecurityInfo struct {
	OID asn1.ObjectIdentifier
	DER []byte
}

const (
	maxSecurityInfos = 64
	tagSet           = tlv.Tag(0x31)
)

// ParseCardAccess parses EF.CardAccess.
func ParseCardAccess(b []byte) (SecurityInfos, error) {
	s, err := ParseSecurityInfos(b)
	return s, fileError(CardAccess, err)
}

// ParseCardSecurityContent parses the signed content of EF.CardSecurity.
func ParseCardSecurityContent(b []byte) (SecurityInfos, error) {
	s, err := ParseSecurityInfos(b)
	return s, fileError(CardSecurity, err)
}

// ParseDG14 parses EF.DG14.
func ParseDG14(b []byte) (SecurityInfos, error) {
	outer, err := tlv.One(b, tlv.Tag(DG14.Tag()))
	if err != nil {
		return SecurityInfos{}, &FileError{DG14, err}
	}
	s, err := ParseSecurityInfos(outer.Value)
	return s, fileError(DG14, err)
}

// EncodeDG14 gives the bytes of EF.DG14; the other two files hold Encode's bytes.
func (s SecurityInfos) EncodeDG14() ([]byte, error) {
	set, err := s.Encode()
	if err != nil {
		return nil, &FileError{DG14, err}
	}
	return tlv.Encode(tlv.Tag(DG14.Tag()), set), nil
}

// ParseSecurityInfos parses the SET OF SecurityInfo. Issuers forget to sort it,
// so any order is accepted.
func ParseSecurityInfos(der []byte) (SecurityInfos, error) {
	set, err := tlv.One(der, tagSet)
	if err != nil {
		return SecurityInfos{}, err
	}
	elements, err := tlv.ReadAll(set.Value, maxSecurityInfos)
	if err != nil {
		return SecurityInfos{}, err
	}
	var s SecurityInfos
	for i, e := range elements {
		s.Raw = append(s.Raw, e.Raw)
		if err := s.add(e.Raw); err != nil {
			return SecurityInfos{}, fmt.Errorf("security info %d: %w", i, err)
		}
	}
	return s, nil
}

// add sorts one element into its list, by its object identifier.
func (s *SecurityInfos) add(der []byte) (err error) {
	var head struct{ OID asn1.ObjectIdentifier }
	if err := unmarshal(der, &head); err != nil {
		return err
	}
	switch oid := head.OID; {
	case under(oid, oidPACE, 2):
		s.PACE, err = appendParsed(s.PACE, der, parsePACEInfo)
	case under(oid, oidPACE, 1):
		s.PACEParameters, err = appendParsed(s.PACEParameters, der, parsePACEDomainParameterInfo)
	case under(oid, oidChipAuth, 2):
		s.ChipAuth, err = appendParsed(s.ChipAuth, der, parseChipAuthenticationInfo)
	case under(oid, oidPublicKey, 1):
		s.ChipKeys, err = appendParsed(s.ChipKeys, der, parseChipAuthenticationPublicKeyInfo)
	case oid.Equal(OIDActiveAuth):
		s.ActiveAuth, err = appendParsed(s.ActiveAuth, der, parseActiveAuthenticationInfo)
	case oid.Equal(OIDTerminalAuth):
		s.TerminalAuth, err = appendParsed(s.TerminalAuth, der, parseTerminalAuthenticationInfo)
	default:
		s.Other = append(s.Other, SecurityInfo{OID: oid, DER: der})
	}
	return err
}

func appendParsed[T any](list []T, der []byte, parse func([]byte) (T, error)) ([]T, error) {
	v, err := parse(der)
	if err != nil {
		return list, err
	}
	return append(list, v), nil
}

// Encode gives the DER set: elements in ascending order of their bytes, X.690 §11.6.
func (s SecurityInfos) Encode() ([]byte, error) {
	var all [][]byte
	var errs []error
	emit := func(der []byte, err error) {
		all, errs = append(all, der), append(errs, err)
	}
	for _, v := range s.PACE {
		emit(v.Encode())
	}
	for _, v := range s.PACEParameters {
		emit(v.encode())
	}
	for _, v := range s.ChipAuth {
		emit(v.encode())
	}
	for _, v := range s.ChipKeys {
		emit(v.encode())
	}
	for _, v := range s.ActiveAuth {
		emit(v.encode())
	}
	for _, v := range s.TerminalAuth {
		emit(v.encode())
	}
	for _, v := range s.Other {
		emit(v.DER, nil)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	slices.SortFunc(all, bytes.Compare)
	return tlv.Encode(tagSet, all...), nil
}

// unmarshal is asn1.Unmarshal of exactly one value, with an error that cannot
// repeat content.
func unmarshal(der []byte, v any) error {
	rest, err := asn1.Unmarshal(der, v)
	if err != nil || len(rest) > 0 {
		return errors.New("not the DER it should be")
	}
	return nil
}

// under reports whether oid has exactly n more arcs than arc.
func under(oid, arc asn1.ObjectIdentifier, n int) bool {
	return len(oid) == len(arc)+n && oid[:len(arc)].Equal(arc)
}
