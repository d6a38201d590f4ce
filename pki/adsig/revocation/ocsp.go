package revocation

import (
	"crypto"
	"fmt"
	"math/big"
	"time"

	"cnie/pki/cert"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Bounds on a response.
const (
	MaxResponse     = 1 << 20
	maxSingles      = 256
	maxResponders   = 8
	maxAddresses    = 8
	oidBasic        = "\x2b\x06\x01\x05\x05\x07\x30\x01\x01" // id-pkix-ocsp-basic
	oidCutOff       = "\x2b\x06\x01\x05\x05\x07\x30\x01\x06" // id-pkix-ocsp-archive-cutoff
	tagExplicit0    = cbasn1.Tag(0xa0)
	tagExplicit1    = cbasn1.Tag(0xa1)
	tagExplicit2    = cbasn1.Tag(0xa2)
	tagGood         = cbasn1.Tag(0x80)
	tagRevoked      = cbasn1.Tag(0xa1)
	tagUnknown      = cbasn1.Tag(0x82)
	tagReason       = cbasn1.Tag(0xa0)
	statusSuccess   = 0
	maxKeyHashBytes = 64
)

// Response is a BasicOCSPResponse (RFC 6960 §4.2.1).
type Response struct {
	Raw          []byte // as it came: with the OCSPResponse around it, or without
	ProducedAt   time.Time
	Certificates []*cert.Certificate // that came with it

	byName, byKey []byte // who says to have made it
	tbs           []byte
	algorithm     cert.Algorithm
	signature     []byte
	singles       []single
}

// single is what is said of one certificate.
type single struct {
	hash                crypto.Hash
	nameHash, keyHash   []byte
	serial              *big.Int
	status              Status
	revokedAt           time.Time
	reason              int
	thisUpdate          time.Time
	nextUpdate, cutOff  time.Time
	unknownCriticalSeen bool
}

// ParseResponse reads an OCSPResponse, or the basic response alone. Errors wrap
// ErrMalformed; an answer such as "try later" is ErrUnusable.
func ParseResponse(der []byte) (*Response, error) {
	r := &Response{Raw: der}
	if len(der) > MaxResponse {
		return nil, fmt.Errorf("%w: %d bytes", ErrMalformed, len(der))
	}
	basic, err := unwrap(der)
	if err != nil {
		return nil, err
	}
	var body, tbs, algorithm, certificates cryptobyte.String
	var present bool
	switch {
	case !basic.ReadASN1(&body, cbasn1.SEQUENCE) || !basic.Empty() || !body.ReadASN1Element(&tbs, cbasn1.SEQUENCE):
		return nil, fmt.Errorf("%w: basic response", ErrMalformed)
	case !body.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) || !body.ReadASN1BitStringAsBytes(&r.signature):
		return nil, fmt.Errorf("%w: signature", ErrMalformed)
	case !body.ReadOptionalASN1(&certificates, &present, tagExplicit0) || !body.Empty():
		return nil, fmt.Errorf("%w: certificates", ErrMalformed)
	}
	r.tbs = tbs
	if r.algorithm, err = cert.ParseAlgorithm(algorithm, 0); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if present && !r.parseCertificates(certificates) {
		return nil, fmt.Errorf("%w: certificates", ErrMalformed)
	}
	if !r.parseData(tbs) {
		return nil, fmt.Errorf("%w: response data", ErrMalformed)
	}
	return r, nil
}

// unwrap takes the basic response out of an OCSPResponse.
func unwrap(der cryptobyte.String) (cryptobyte.String, error) {
	whole := der
	var body, bytes, inner, oid, content cryptobyte.String
	if !der.ReadASN1(&body, cbasn1.SEQUENCE) || !der.Empty() {
		return nil, fmt.Errorf("%w: response", ErrMalformed)
	}
	if !body.PeekASN1Tag(cbasn1.ENUM) {
		return whole, nil
	}
	status := 0
	if !body.ReadASN1Enum(&status) {
		return nil, fmt.Errorf("%w: status", ErrMalformed)
	}
	if status != statusSuccess {
		return nil, fmt.Errorf("%w: the responder answered with status %d", ErrUnusable, status)
	}
	if !body.ReadASN1(&bytes, tagExplicit0) || !body.Empty() || !bytes.ReadASN1(&inner, cbasn1.SEQUENCE) ||
		!cert.ReadOID(&inner, &oid) || string(oid) != oidBasic || !inner.ReadASN1(&content, cbasn1.OCTET_STRING) {
		return nil, fmt.Errorf("%w: response bytes", ErrMalformed)
	}
	return content, nil
}

// parseCertificates keeps the readable ones: the responder's is looked for
// among them.
func (r *Response) parseCertificates(in cryptobyte.String) bool {
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	for count := 0; !list.Empty(); count++ {
		var raw cryptobyte.String
		if count == maxResponders || !list.ReadASN1Element(&raw, cbasn1.SEQUENCE) {
			return false
		}
		if c, err := cert.Parse(raw); err == nil {
			r.Certificates = append(r.Certificates, c)
		}
	}
	return true
}

func (r *Response) parseData(tbs cryptobyte.String) bool {
	var body, version, responder, list cryptobyte.String
	var tag cbasn1.Tag
	var present bool
	if !tbs.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadOptionalASN1(&version, &present, tagExplicit0) ||
		!body.ReadAnyASN1(&responder, &tag) {
		return false
	}
	switch tag {
	case tagExplicit1:
		r.byName = responder
	case tagExplicit2:
		var key cryptobyte.String
		if !responder.ReadASN1(&key, cbasn1.OCTET_STRING) || len(key) > maxKeyHashBytes {
			return false
		}
		r.byKey = key
	default:
		return false
	}
	if !body.ReadASN1GeneralizedTime(&r.ProducedAt) || !body.ReadASN1(&list, cbasn1.SEQUENCE) {
		return false
	}
	for !list.Empty() {
		var entry cryptobyte.String
		if len(r.singles) == maxSingles || !list.ReadASN1(&entry, cbasn1.SEQUENCE) {
			return false
		}
		s, ok := parseSingle(entry)
		if !ok {
			return false
		}
		r.singles = append(r.singles, s)
	}
	return body.SkipOptionalASN1(tagExplicit1) && body.Empty()
}
