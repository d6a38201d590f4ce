package cert

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

func readExtKeyUsage(c *Certificate, in cryptobyte.String) bool {
	var body cryptobyte.String
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() || body.Empty() {
		return false
	}
	var usages []asn1.ObjectIdentifier
	for !body.Empty() {
		var oid asn1.ObjectIdentifier
		if len(usages) == maxEntries || !body.ReadASN1ObjectIdentifier(&oid) {
			return false
		}
		usages = append(usages, oid)
	}
	c.ExtKeyUsage = usages
	return true
}

// readPrivateKeyUsage reads the time in which the key may sign
// (RFC 3280 §4.2.1.4), shorter than the certificate's own.
func readPrivateKeyUsage(c *Certificate, in cryptobyte.String) bool {
	var body cryptobyte.String
	var p Period
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() ||
		!readImplicitTime(&body, contextPrimitive0, &p) || !readImplicitTime(&body, contextPrimitive1, &p) || !body.Empty() {
		return false
	}
	c.PrivateKeyUsage = &p
	return true
}

// readImplicitTime reads a GeneralizedTime under a context tag, if present:
// tag 0 begins the period, tag 1 ends it.
func readImplicitTime(in *cryptobyte.String, tag cbasn1.Tag, p *Period) bool {
	var content cryptobyte.String
	var present bool
	if !in.ReadOptionalASN1(&content, &present, tag) || len(content) > maxEntries {
		return false
	}
	if !present {
		return true
	}
	element := cryptobyte.String(append([]byte{byte(cbasn1.GeneralizedTime), byte(len(content))}, content...))
	if tag == contextPrimitive0 {
		return element.ReadASN1GeneralizedTime(&p.NotBefore)
	}
	return element.ReadASN1GeneralizedTime(&p.NotAfter)
}

// readDocumentTypes reads DocumentTypeListSyntax: version 0 and the document
// codes that the signer may vouch for (Doc 9303-12 §7.1).
func readDocumentTypes(c *Certificate, in cryptobyte.String) bool {
	var body, set cryptobyte.String
	var version int
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() || !body.ReadASN1Integer(&version) ||
		version != 0 || !body.ReadASN1(&set, cbasn1.SET) || !body.Empty() {
		return false
	}
	var types []string
	for !set.Empty() {
		var code cryptobyte.String
		if len(types) == maxEntries || !set.ReadASN1(&code, cbasn1.PrintableString) || len(code) > 2 {
			return false
		}
		types = append(types, string(code))
	}
	c.DocumentTypes = types
	return true
}
