package cert

import (
	"bytes"
	"math/big"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

func (l *CRL) parseEntryExtensions(in cryptobyte.String, r *Revocation) bool {
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	for count := 0; !list.Empty(); count++ {
		oid, value, critical, ok := readExtension(&list)
		if !ok || count == maxExtensions {
			return false
		}
		switch {
		case string(oid) == oidReasonCode:
			if !value.ReadASN1Enum(&r.Reason) || !value.Empty() {
				return false
			}
		case critical && string(oid) != oidInvalidityDate:
			l.noteUnknown(oid)
		}
	}
	return true
}

func (l *CRL) parseExtensions(in cryptobyte.String, present bool) error {
	var list cryptobyte.String
	if !present {
		return nil
	}
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) || !in.Empty() {
		return malformed("extensions")
	}
	seen := make([]string, 0, maxExtensions)
	for !list.Empty() {
		oid, value, critical, ok := readExtension(&list)
		if !ok || len(seen) == maxExtensions || slices.Contains(seen, string(oid)) || !l.parseExtension(oid, value, critical) {
			return malformed("extension")
		}
		seen = append(seen, string(oid))
	}
	return nil
}

func (l *CRL) parseExtension(oid, value cryptobyte.String, critical bool) bool {
	switch string(oid) {
	case oidAuthorityKeyID:
		id, ok := authorityKeyID(value)
		l.AuthorityKeyID = id
		return ok
	case oidCRLNumber:
		l.Number = new(big.Int)
		return value.ReadASN1Integer(l.Number) && value.Empty()
	case oidIssuingPoint:
		return l.parseScope(value)
	case oidIssuerAltName:
		return true
	}
	if critical || string(oid) == oidDeltaIndicator { // RFC 5280 §5.2.4 has that one critical
		l.noteUnknown(oid)
	}
	return true
}

func (l *CRL) parseScope(in cryptobyte.String) bool {
	var body cryptobyte.String
	var s DistributionScope
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() || !body.SkipOptionalASN1(distributionPointName) ||
		!readFlag(&body, contextPrimitive1, &s.OnlyUsers) || !readFlag(&body, contextPrimitive2, &s.OnlyAuthorities) {
		return false
	}
	s.OnlySomeReasons = body.PeekASN1Tag(contextPrimitive3)
	if !body.SkipOptionalASN1(contextPrimitive3) || !readFlag(&body, contextPrimitive4, &s.Indirect) ||
		!readFlag(&body, contextPrimitive5, &s.OnlyAttributes) || !body.Empty() {
		return false
	}
	l.Scope = &s
	return true
}

// readFlag reads an implicitly tagged BOOLEAN, false when absent.
func readFlag(in *cryptobyte.String, tag cbasn1.Tag, out *bool) bool {
	var content cryptobyte.String
	var present bool
	if !in.ReadOptionalASN1(&content, &present, tag) {
		return false
	}
	*out = present && len(content) == 1 && content[0] != 0
	return !present || len(content) == 1
}

// noteUnknown records a critical extension once. A list with many is no less
// understood than one with a few.
func (l *CRL) noteUnknown(oid []byte) {
	known := slices.ContainsFunc(l.unknown, func(earlier []byte) bool { return bytes.Equal(earlier, oid) })
	if known || len(l.unknown) == maxEntries {
		return
	}
	l.unknown = append(l.unknown, oid)
	l.UnknownCritical = append(l.UnknownCritical, decodeOID(oid))
}
