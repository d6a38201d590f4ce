package cert

import (
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

const (
	maxCRL     = 64 << 20 // bytes
	maxRevoked = 1 << 20  // entries
)

// CRL is a certificate revocation list, version 1 or 2. Slices point into the
// parsed input.
type CRL struct {
	Raw, RawTBS, RawIssuer []byte

	Issuer             Name
	ThisUpdate         time.Time
	NextUpdate         time.Time // zero: not given
	AuthorityKeyID     []byte
	Number             *big.Int           // nil: not given
	Scope              *DistributionScope // nil: everything its issuer issued
	Entries            []Revocation
	SignatureAlgorithm Algorithm
	Signature          []byte

	Deviations      []string
	UnknownCritical []asn1.ObjectIdentifier // of the list and its entries; delta lists show here

	index map[string]int
}

// Revocation is one entry: the certificate, since when, and the reason code of
// RFC 5280 §5.3.1 (0 when none is given).
type Revocation struct {
	Serial *big.Int
	Date   time.Time
	Reason int
}

// DistributionScope is what an issuing distribution point narrows a list to
// (RFC 5280 §5.2.5).
type DistributionScope struct {
	OnlyUsers, OnlyAuthorities, OnlyAttributes bool
	OnlySomeReasons, Indirect                  bool
}

// Revoked reports whether the list revokes the certificate with this serial
// number, and since when.
func (l *CRL) Revoked(serial *big.Int) (since time.Time, revoked bool) {
	i, revoked := l.index[serial.Text(62)]
	if !revoked {
		return time.Time{}, false
	}
	return l.Entries[i].Date, true
}

// ParseCRL reads one DER list (RFC 5280 §5.1) without trailing bytes. Errors
// wrap ErrMalformed.
func ParseCRL(der []byte) (*CRL, error) {
	in := cryptobyte.String(der)
	var body, tbs, algorithm cryptobyte.String
	l := &CRL{Raw: der, index: map[string]int{}}
	switch {
	case len(der) > maxCRL:
		return nil, malformed("revocation list too large")
	case !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty():
		return nil, malformed("revocation list")
	case !body.ReadASN1Element(&tbs, cbasn1.SEQUENCE):
		return nil, malformed("to-be-signed revocation list")
	case !body.ReadASN1Element(&algorithm, cbasn1.SEQUENCE):
		return nil, malformed("signature algorithm of the revocation list")
	case !body.ReadASN1BitStringAsBytes(&l.Signature) || !body.Empty():
		return nil, malformed("signature bits of the revocation list")
	}
	l.RawTBS = tbs
	if err := l.parseTBS(tbs, algorithm); err != nil {
		return nil, fmt.Errorf("parse revocation list: %w", err)
	}
	return l, nil
}

func (l *CRL) parseTBS(tbs, outer cryptobyte.String) (err error) {
	var body, inner, entries, extensions cryptobyte.String
	var present bool
	tbs.ReadASN1(&body, cbasn1.SEQUENCE) // its tag and length were read before
	version := 0
	if body.PeekASN1Tag(cbasn1.INTEGER) && (!body.ReadASN1Integer(&version) || version != 1) {
		return malformed("version")
	}
	switch {
	case !body.ReadASN1Element(&inner, cbasn1.SEQUENCE):
		return malformed("inner signature algorithm")
	case !readName(&body, &l.RawIssuer, &l.Issuer):
		return malformed("issuer")
	case !readTime(&body, &l.ThisUpdate):
		return malformed("thisUpdate")
	case !body.Empty() && isTime(body) && !readTime(&body, &l.NextUpdate):
		return malformed("nextUpdate")
	case !body.ReadOptionalASN1(&entries, &present, cbasn1.SEQUENCE):
		return malformed("entries")
	case !body.ReadOptionalASN1(&extensions, &present, contextConstructed0) || !body.Empty():
		return malformed("extensions")
	}
	if l.SignatureAlgorithm, err = bothAlgorithms(outer, inner); err != nil {
		return err
	}
	if d := l.SignatureAlgorithm.Deviation; d != "" {
		l.Deviations = append(l.Deviations, d)
	}
	if err := l.parseEntries(entries); err != nil {
		return err
	}
	return l.parseExtensions(extensions, present)
}

func isTime(in cryptobyte.String) bool {
	return in.PeekASN1Tag(cbasn1.UTCTime) || in.PeekASN1Tag(cbasn1.GeneralizedTime)
}

func (l *CRL) parseEntries(in cryptobyte.String) error {
	for !in.Empty() {
		var entry, serial cryptobyte.String
		var r Revocation
		if len(l.Entries) == maxRevoked || !in.ReadASN1(&entry, cbasn1.SEQUENCE) ||
			!entry.ReadASN1(&serial, cbasn1.INTEGER) || len(serial) == 0 || len(serial) > maxSerial ||
			!readTime(&entry, &r.Date) {
			return malformed("entry")
		}
		r.Serial, _ = readInteger(serial)
		if !entry.Empty() && !l.parseEntryExtensions(entry, &r) {
			return malformed("entry extension")
		}
		l.index[r.Serial.Text(62)] = len(l.Entries)
		l.Entries = append(l.Entries, r)
	}
	return nil
}

func (l *CRL) parseEntryExtensions(in cryptobyte.String, r *Revocation) bool {
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	for !list.Empty() {
		oid, value, critical, ok := readExtension(&list)
		if !ok {
			return false
		}
		switch {
		case string(oid) == oidReasonCode:
			if !value.ReadASN1Enum(&r.Reason) {
				return false
			}
		case critical && string(oid) != oidInvalidityDate:
			l.unknown(oid)
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
	for !list.Empty() {
		oid, value, critical, ok := readExtension(&list)
		if !ok || !l.parseExtension(oid, value, critical) {
			return malformed("extension")
		}
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
	if critical {
		l.unknown(oid)
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

// unknown records a critical extension once.
func (l *CRL) unknown(oid []byte) {
	id := decodeOID(oid)
	for _, earlier := range l.UnknownCritical {
		if earlier.Equal(id) {
			return
		}
	}
	l.UnknownCritical = append(l.UnknownCritical, id)
}
