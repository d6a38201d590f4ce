package cert

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Extension finds an extension by its identifier and returns its content, for
// those that Parse has no field for, and whether it is critical. A certificate
// has each at most once (RFC 5280 §4.2).
func (c *Certificate) Extension(id asn1.ObjectIdentifier) (value []byte, critical, found bool) {
	return lookUp(c.RawTBS, extensionsTag, id)
}

// Extension is the same for a list.
func (l *CRL) Extension(id asn1.ObjectIdentifier) (value []byte, critical, found bool) {
	return lookUp(l.RawTBS, contextConstructed0, id)
}

// lookUp searches the extensions under a tag, which in both structures stand
// last: the version, which shares the list's tag, stands first.
func lookUp(tbs cryptobyte.String, tag cbasn1.Tag, id asn1.ObjectIdentifier) (value []byte, critical, found bool) {
	var body, last, wrapped, list cryptobyte.String
	if !tbs.ReadASN1(&body, cbasn1.SEQUENCE) {
		return nil, false, false
	}
	for !body.Empty() {
		var skipped cbasn1.Tag
		if !body.ReadAnyASN1Element(&last, &skipped) {
			return nil, false, false
		}
	}
	if !last.ReadASN1(&wrapped, tag) || !wrapped.ReadASN1(&list, cbasn1.SEQUENCE) {
		return nil, false, false
	}
	for !list.Empty() {
		oid, content, critical, ok := readExtension(&list)
		if !ok {
			return nil, false, false
		}
		if id.Equal(decodeOID(oid)) {
			return content, critical, true
		}
	}
	return nil, false, false
}

// IssuedTo reports whether rawName, a DER name, is the certificate's subject.
func (c *Certificate) IssuedTo(rawName []byte) bool { return c.Subject.Equal(Name{raw: rawName}) }
