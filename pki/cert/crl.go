package cert

import (
	"cmp"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Bounds on revocation lists. The entries of the longest cost some 30 MB.
const (
	MaxRevoked = 1 << 18
	maxCRL     = 16 << 20 // bytes
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

	bySerial []int32  // indexes of Entries in the order of serial number, then date
	unknown  [][]byte // content octets of UnknownCritical
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
// number, and since when: where it stands twice, since the earlier date.
func (l *CRL) Revoked(serial *big.Int) (since time.Time, revoked bool) {
	i, revoked := slices.BinarySearchFunc(l.bySerial, serial, func(at int32, serial *big.Int) int {
		return l.Entries[at].Serial.Cmp(serial)
	})
	if !revoked {
		return time.Time{}, false
	}
	return l.Entries[l.bySerial[i]].Date, true
}

func (l *CRL) sort() {
	l.bySerial = make([]int32, len(l.Entries))
	for i := range l.bySerial {
		l.bySerial[i] = int32(i)
	}
	slices.SortFunc(l.bySerial, func(i, j int32) int {
		a, b := &l.Entries[i], &l.Entries[j]
		return cmp.Or(a.Serial.Cmp(b.Serial), a.Date.Compare(b.Date))
	})
}

// ParseCRL reads one DER list (RFC 5280 §5.1) without trailing bytes. Errors
// wrap ErrMalformed, or ErrUnsupported where its signature could never be
// verified here.
func ParseCRL(der []byte) (*CRL, error) {
	in := cryptobyte.String(der)
	var body, tbs, algorithm cryptobyte.String
	l := &CRL{Raw: der}
	switch {
	case len(der) > maxCRL:
		return nil, ErrTooLong
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
	count := 0
	for rest := in; !rest.Empty(); count++ {
		if count == MaxRevoked {
			return ErrTooLong
		}
		if !rest.SkipASN1(cbasn1.SEQUENCE) {
			return malformed("entries")
		}
	}
	l.Entries = make([]Revocation, count)
	for i := range l.Entries {
		var entry, serial cryptobyte.String
		r := &l.Entries[i]
		if !in.ReadASN1(&entry, cbasn1.SEQUENCE) || !entry.ReadASN1(&serial, cbasn1.INTEGER) ||
			len(serial) == 0 || len(serial) > maxSerial || !readTime(&entry, &r.Date) {
			return malformed("entry")
		}
		r.Serial, _ = readInteger(serial)
		if !entry.Empty() && !l.parseEntryExtensions(entry, r) {
			return malformed("entry extension")
		}
	}
	l.sort()
	return nil
}
