package revocation

import (
	"crypto"

	"cnie/pki/cert"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// parseSingle reads a SingleResponse (RFC 6960 §4.2.1).
func parseSingle(entry cryptobyte.String) (s single, ok bool) {
	var id cryptobyte.String
	if !entry.ReadASN1(&id, cbasn1.SEQUENCE) || !s.parseID(id) || !s.parseStatus(&entry) ||
		!entry.ReadASN1GeneralizedTime(&s.thisUpdate) {
		return s, false
	}
	var next, extensions cryptobyte.String
	var present bool
	if !entry.ReadOptionalASN1(&next, &present, tagExplicit0) ||
		present && (!next.ReadASN1GeneralizedTime(&s.nextUpdate) || !next.Empty()) {
		return s, false
	}
	if !entry.ReadOptionalASN1(&extensions, &present, tagExplicit1) || !entry.Empty() {
		return s, false
	}
	return s, !present || s.parseExtensions(extensions)
}

// parseID reads CertID. A hash that is not known here matches no certificate.
func (s *single) parseID(id cryptobyte.String) bool {
	var algorithm, name, key, serial cryptobyte.String
	if !id.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) || !id.ReadASN1(&name, cbasn1.OCTET_STRING) ||
		!id.ReadASN1(&key, cbasn1.OCTET_STRING) || !id.ReadASN1(&serial, cbasn1.INTEGER) || !id.Empty() {
		return false
	}
	s.hash, _ = cert.ParseHash(algorithm)
	s.nameHash, s.keyHash, s.serial = name, key, cert.ParseSerial(serial)
	return s.serial != nil
}

func (s *single) parseStatus(entry *cryptobyte.String) bool {
	var content cryptobyte.String
	var tag cbasn1.Tag
	if !entry.ReadAnyASN1(&content, &tag) {
		return false
	}
	switch tag {
	case tagGood:
		s.status = Good
	case tagUnknown:
		s.status = Unknown
	case tagRevoked:
		s.status = Revoked
		return content.ReadASN1GeneralizedTime(&s.revokedAt) && s.parseReason(content)
	default:
		return false
	}
	return true
}

func (s *single) parseReason(content cryptobyte.String) bool {
	var reason cryptobyte.String
	var present bool
	return content.ReadOptionalASN1(&reason, &present, tagReason) && content.Empty() &&
		(!present || reason.ReadASN1Enum(&s.reason))
}

// parseExtensions looks for the archive cut-off (RFC 6960 §4.4.4); another one
// that is critical spoils the answer.
func (s *single) parseExtensions(in cryptobyte.String) bool {
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	for !list.Empty() {
		var body, oid, value cryptobyte.String
		critical := false
		if !list.ReadASN1(&body, cbasn1.SEQUENCE) || !cert.ReadOID(&body, &oid) ||
			body.PeekASN1Tag(cbasn1.BOOLEAN) && !body.ReadASN1Boolean(&critical) || !body.ReadASN1(&value, cbasn1.OCTET_STRING) {
			return false
		}
		if string(oid) == oidCutOff {
			if !value.ReadASN1GeneralizedTime(&s.cutOff) {
				return false
			}
		} else if critical {
			s.unknownCriticalSeen = true
		}
	}
	return true
}

// about reports whether the answer is about this certificate of this issuer.
func (s *single) about(c, issuer *cert.Certificate) bool {
	return s.hash.Available() && s.serial.Cmp(c.Serial) == 0 &&
		string(s.nameHash) == string(sum(s.hash, c.RawIssuer)) && string(s.keyHash) == string(sum(s.hash, keyBits(issuer)))
}

func sum(h crypto.Hash, content []byte) []byte { return cert.Algorithm{Hash: h}.Digest(content) }

// keyBits is the content of the public key's bit string, which CertID hashes.
func keyBits(c *cert.Certificate) []byte {
	spki := cryptobyte.String(c.RawSPKI)
	var body cryptobyte.String
	var bits []byte
	if !spki.ReadASN1(&body, cbasn1.SEQUENCE) || !body.SkipASN1(cbasn1.SEQUENCE) || !body.ReadASN1BitStringAsBytes(&bits) {
		return nil
	}
	return bits
}
