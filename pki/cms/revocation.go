package cms

import (
	"cnie/pki/cert"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The forms in which answers about certificates stand among the revocation
// lists: a whole OCSPResponse (RFC 5940 §2), or the basic response in it, which
// older signatures have.
const (
	oidOCSPResponse = "\x2b\x06\x01\x05\x05\x07\x10\x02"     // 1.3.6.1.5.5.7.16.2
	oidBasicOCSP    = "\x2b\x06\x01\x05\x05\x07\x30\x01\x01" // 1.3.6.1.5.5.7.48.1.1
	tagOtherRevoked = cbasn1.Tag(0xa1)
)

// otherRevocation takes the answer out of an OtherRevocationInfoFormat
// (RFC 5652 §10.2.1).
func otherRevocation(raw cryptobyte.String) (response []byte, ok bool) {
	var body, oid, value cryptobyte.String
	var tag cbasn1.Tag
	if !raw.ReadASN1(&body, tagOtherRevoked) || !cert.ReadOID(&body, &oid) ||
		!body.ReadAnyASN1Element(&value, &tag) || !body.Empty() {
		return nil, false
	}
	return value, string(oid) == oidOCSPResponse || string(oid) == oidBasicOCSP
}

// EncodeOCSP puts a whole OCSPResponse into the form in which it stands among a
// message's revocation lists.
func EncodeOCSP(response []byte) []byte {
	oid := append([]byte{byte(cbasn1.OBJECT_IDENTIFIER), byte(len(oidOCSPResponse))}, oidOCSPResponse...)
	out := appendHeader(nil, []byte{byte(tagOtherRevoked)}, len(oid)+len(response))
	return append(append(out, oid...), response...)
}
