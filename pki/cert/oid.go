package cert

import (
	"encoding/asn1"
	"strconv"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Object identifiers are compared as their content octets: a switch or a map
// lookup on string(bytes) allocates nothing.
const (
	oidRSA     = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" // 1.2.840.113549.1.1.1
	oidMGF1    = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"
	oidRSAPSS  = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
	oidEC      = "\x2a\x86\x48\xce\x3d\x02\x01"         // 1.2.840.10045.2.1
	oidBSIECDS = "\x04\x00\x7f\x00\x07\x01\x01\x04\x01" // 0.4.0.127.0.7.1.1.4.1, BSI TR-03111 §5.2.1
)

// Extensions.
const (
	oidSubjectKeyID     = "\x55\x1d\x0e"
	oidKeyUsage         = "\x55\x1d\x0f"
	oidPrivateKeyUsage  = "\x55\x1d\x10"
	oidSubjectAltName   = "\x55\x1d\x11"
	oidIssuerAltName    = "\x55\x1d\x12"
	oidBasicConstraints = "\x55\x1d\x13"
	oidCRLNumber        = "\x55\x1d\x14"
	oidReasonCode       = "\x55\x1d\x15"
	oidInvalidityDate   = "\x55\x1d\x18"
	oidDeltaIndicator   = "\x55\x1d\x1b"
	oidIssuingPoint     = "\x55\x1d\x1c"
	oidCRLPoints        = "\x55\x1d\x1f"
	oidPolicies         = "\x55\x1d\x20"
	oidAuthorityKeyID   = "\x55\x1d\x23"
	oidExtKeyUsage      = "\x55\x1d\x25"
	oidAuthorityAccess  = "\x2b\x06\x01\x05\x05\x07\x01\x01"
	oidNameChange       = "\x67\x81\x08\x01\x01\x06\x01" // 2.23.136.1.1.6.1, Doc 9303-12 §7.1
	oidDocumentTypes    = "\x67\x81\x08\x01\x01\x06\x02" // 2.23.136.1.1.6.2
)

// Attributes of names.
const (
	attrCommonName       = "\x55\x04\x03"
	attrSerialNumber     = "\x55\x04\x05"
	attrCountry          = "\x55\x04\x06"
	attrLocality         = "\x55\x04\x07"
	attrState            = "\x55\x04\x08"
	attrOrganisation     = "\x55\x04\x0a"
	attrOrganisationUnit = "\x55\x04\x0b"
)

// Context-specific tags: primitive [n] is 80+n, constructed [n] is A0+n.
const (
	contextPrimitive0     = cbasn1.Tag(0x80)
	contextPrimitive1     = cbasn1.Tag(0x81)
	contextPrimitive2     = cbasn1.Tag(0x82)
	contextPrimitive3     = cbasn1.Tag(0x83)
	contextPrimitive4     = cbasn1.Tag(0x84)
	contextPrimitive5     = cbasn1.Tag(0x85)
	contextConstructed0   = cbasn1.Tag(0xa0)
	contextConstructed1   = cbasn1.Tag(0xa1)
	contextConstructed2   = cbasn1.Tag(0xa2)
	contextConstructed3   = cbasn1.Tag(0xa3)
	tagURI                = cbasn1.Tag(0x86) // GeneralName, RFC 5280 §4.2.1.6
	tagDirectoryName      = cbasn1.Tag(0xa4)
	distributionPointName = contextConstructed0
	extensionsTag         = contextConstructed3
	issuerUniqueIDTag     = contextPrimitive1
	subjectUniqueIDTag    = contextPrimitive2
	numericString         = cbasn1.Tag(18)
	visibleString         = cbasn1.Tag(26)
	universalString       = cbasn1.Tag(28)
	bmpString             = cbasn1.Tag(30)
)

// ReadOID reads the content octets of an OBJECT IDENTIFIER, and reports whether
// they are one: whole subidentifiers, each in the fewest octets (X.690 §8.19.2).
func ReadOID(in, oid *cryptobyte.String) bool {
	if !in.ReadASN1(oid, cbasn1.OBJECT_IDENTIFIER) || len(*oid) == 0 {
		return false
	}
	continued := false
	for _, b := range *oid {
		if !continued && b == 0x80 {
			return false
		}
		continued = b&0x80 != 0
	}
	return !continued
}

// decodeOID turns content octets into an identifier, nil when they are not one.
func decodeOID(content []byte) asn1.ObjectIdentifier {
	if len(content) == 0 || len(content) > 127 {
		return nil
	}
	element := cryptobyte.String(append([]byte{byte(cbasn1.OBJECT_IDENTIFIER), byte(len(content))}, content...))
	var oid asn1.ObjectIdentifier
	if !element.ReadASN1ObjectIdentifier(&oid) {
		return nil
	}
	return oid
}

// oidText is the dotted form for messages.
func oidText(content []byte) string {
	if oid := decodeOID(content); oid != nil {
		return oid.String()
	}
	return "object identifier of " + strconv.Itoa(len(content)) + " bytes"
}
