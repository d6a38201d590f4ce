package cms

import (
	"bytes"
	"slices"
	"time"

	"cnie/pki/cert"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

const maxAttributes = 64

const (
	oidContentType   = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03" // RFC 5652 §11.1
	oidMessageDigest = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04"
	oidSigningTime   = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05"
	oidProtection    = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x34" // RFC 6211
)

// attributes are the signed ones that are understood here, each as its single
// value's element.
type attributes struct {
	contentType, digest, time, protection cryptobyte.String
	sorted                                bool // in the order that DER asks of a set
}

// parseAttributes reads the content of a set of signed attributes. One that
// RFC 5652 §11 allows once and that stands twice makes the message malformed.
func parseAttributes(set cryptobyte.String) (attributes, error) {
	a := attributes{sorted: true}
	known := map[string]*cryptobyte.String{
		oidContentType: &a.contentType, oidMessageDigest: &a.digest, oidSigningTime: &a.time, oidProtection: &a.protection,
	}
	var previous cryptobyte.String
	for count := 0; !set.Empty(); count++ {
		var raw, body, oid, values cryptobyte.String
		if count == maxAttributes || !set.ReadASN1Element(&raw, cbasn1.SEQUENCE) {
			return a, malformed("signed attributes")
		}
		a.sorted = a.sorted && bytes.Compare(previous, raw) <= 0
		previous = raw
		if !raw.ReadASN1(&body, cbasn1.SEQUENCE) || !cert.ReadOID(&body, &oid) ||
			!body.ReadASN1(&values, cbasn1.SET) || !body.Empty() {
			return a, malformed("signed attribute")
		}
		field, understood := known[string(oid)]
		if !understood {
			continue
		}
		var tag cbasn1.Tag
		if *field != nil || !values.ReadAnyASN1Element(field, &tag) || !values.Empty() {
			return a, malformed("signed attribute that must have one value")
		}
	}
	return a, nil
}

// checkContentType compares the attribute with the message's own content type.
func (a attributes) checkContentType(want []byte) error {
	value := a.contentType
	var oid cryptobyte.String
	if !cert.ReadOID(&value, &oid) || !value.Empty() {
		return malformed("content type attribute")
	}
	if !bytes.Equal(oid, want) {
		return malformed("signed content type is another")
	}
	return nil
}

// checkDigest compares the attribute with the content's digest.
func (a attributes) checkDigest(digest []byte) error {
	value := a.digest
	var signed cryptobyte.String
	if !value.ReadASN1(&signed, cbasn1.OCTET_STRING) || !value.Empty() {
		return malformed("message digest attribute")
	}
	if !bytes.Equal(signed, digest) {
		return ErrMessageDigest
	}
	return nil
}

// checkProtection compares the algorithms that the signer protected with the
// ones in the clear (RFC 6211 §2).
func (a attributes) checkProtection(s *Signer) error {
	value := a.protection
	if value == nil {
		return nil
	}
	var body, digest, signature cryptobyte.String
	if !value.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadASN1Element(&digest, cbasn1.SEQUENCE) ||
		!body.ReadASN1(&signature, tagProtectedSignature) || !body.Empty() {
		return malformed("algorithm protection attribute")
	}
	rawSignature := cryptobyte.String(s.rawSignature)
	var inClear cryptobyte.String
	rawSignature.ReadASN1(&inClear, cbasn1.SEQUENCE) // its shape was checked when parsed
	if !bytes.Equal(algorithmOID(digest), algorithmOID(s.rawDigest)) || !bytes.Equal(signature, inClear) {
		return malformed("algorithms differ from the protected ones")
	}
	return nil
}

const tagProtectedSignature = cbasn1.Tag(0xa1)

// signingTime is the signer's own claim; nil when absent, false when malformed.
func (a attributes) signingTime() (*time.Time, bool) {
	value := a.time
	if value == nil {
		return nil, true
	}
	var t time.Time
	ok := value.PeekASN1Tag(cbasn1.UTCTime) && value.ReadASN1UTCTime(&t) ||
		value.PeekASN1Tag(cbasn1.GeneralizedTime) && value.ReadASN1GeneralizedTime(&t)
	if !ok || !value.Empty() {
		return nil, false
	}
	return &t, true
}

// setOf is the encoding that a signature over attributes covers: the implicit
// tag replaced by that of a SET (RFC 5652 §5.4), members as they came.
func setOf(content []byte) []byte {
	return append(appendHeader(make([]byte, 0, len(content)+6), []byte{byte(cbasn1.SET)}, len(content)), content...)
}

// sortedSetOf is the same with the members in DER order.
func sortedSetOf(content cryptobyte.String) []byte {
	var members [][]byte
	for !content.Empty() {
		var raw cryptobyte.String
		if !content.ReadASN1Element(&raw, cbasn1.SEQUENCE) {
			return nil
		}
		members = append(members, raw)
	}
	slices.SortFunc(members, bytes.Compare)
	return setOf(bytes.Join(members, nil))
}
