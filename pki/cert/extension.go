package cert

import (
	"crypto/x509"
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// An extensionReader takes one extension's content and reports whether it was
// well-formed.
type extensionReader struct {
	name string
	read func(*Certificate, cryptobyte.String) bool
}

var extensionReaders = map[string]extensionReader{
	oidSubjectKeyID:     {"subjectKeyIdentifier", readSubjectKeyID},
	oidAuthorityKeyID:   {"authorityKeyIdentifier", readAuthorityKeyID},
	oidKeyUsage:         {"keyUsage", readKeyUsage},
	oidBasicConstraints: {"basicConstraints", readBasicConstraints},
	oidExtKeyUsage:      {"extKeyUsage", readExtKeyUsage},
	oidCRLPoints:        {"cRLDistributionPoints", readCRLPoints},
	oidPrivateKeyUsage:  {"privateKeyUsagePeriod", readPrivateKeyUsage},
	oidDocumentTypes:    {"documentTypeList", readDocumentTypes},
	oidSubjectAltName:   {"subjectAltName", readSubjectAltName},
	oidIssuerAltName:    {"issuerAltName", readIssuerAltName},
	oidNameChange:       {"nameChange", readNameChange},
	oidPolicies:         {"certificatePolicies", readNothing},
	oidAuthorityAccess:  {"authorityInfoAccess", readNothing},
}

// parseExtensions reads the list of extensions. One that stands twice is
// refused, since which of the two counts would be a matter of taste; one that
// is malformed is dropped and listed, and counts as unknown when critical.
func (c *Certificate) parseExtensions(in cryptobyte.String) error {
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) || !in.Empty() {
		return malformed("extensions")
	}
	if c.Version != 3 {
		c.deviate("extensions in a certificate of version %d", c.Version)
	}
	seen := make([]string, 0, maxExtensions)
	for !list.Empty() {
		oid, value, critical, ok := readExtension(&list)
		if !ok || len(seen) == maxExtensions {
			return malformed("extension")
		}
		for _, earlier := range seen {
			if earlier == string(oid) {
				return malformed("extension " + oidText(oid) + " stands twice")
			}
		}
		seen = append(seen, string(oid))
		c.parseExtension(oid, value, critical)
	}
	return nil
}

func (c *Certificate) parseExtension(oid, value cryptobyte.String, critical bool) {
	reader, known := extensionReaders[string(oid)]
	if known && reader.read(c, value) {
		return
	}
	if known {
		c.deviate("extension %s is malformed and was left out", reader.name)
		// Dropping basicConstraints takes a right away and gives none.
		critical = critical && string(oid) != oidBasicConstraints
	}
	if critical {
		c.UnknownCritical = append(c.UnknownCritical, decodeOID(oid))
	}
}

func readNothing(*Certificate, cryptobyte.String) bool { return true }

func readNameChange(c *Certificate, _ cryptobyte.String) bool {
	c.NameChange = true
	return true
}

func readSubjectKeyID(c *Certificate, in cryptobyte.String) bool {
	var id cryptobyte.String
	if !in.ReadASN1(&id, cbasn1.OCTET_STRING) || !in.Empty() || len(id) == 0 {
		return false
	}
	c.SubjectKeyID = id
	return true
}

func readAuthorityKeyID(c *Certificate, in cryptobyte.String) bool {
	id, ok := authorityKeyID(in)
	if ok && len(id) != 0 {
		c.AuthorityKeyID = id
	}
	return ok
}

// authorityKeyID returns the key identifier; issuer and serial number, the
// other way to name the key, are not used.
func authorityKeyID(in cryptobyte.String) (id cryptobyte.String, ok bool) {
	var body cryptobyte.String
	var present bool
	ok = in.ReadASN1(&body, cbasn1.SEQUENCE) && in.Empty() && body.ReadOptionalASN1(&id, &present, contextPrimitive0)
	return id, ok
}

func readKeyUsage(c *Certificate, in cryptobyte.String) bool {
	var bits asn1.BitString
	if !in.ReadASN1BitString(&bits) || !in.Empty() {
		return false
	}
	for i := range 9 {
		c.KeyUsage |= x509.KeyUsage(bits.At(i) << i)
	}
	return true
}

// readBasicConstraints reads RFC 5280 §4.2.1.9; a path length is read only
// where the subject is an authority.
func readBasicConstraints(c *Certificate, in cryptobyte.String) bool {
	var body cryptobyte.String
	isCA, pathLen := false, -1
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	if body.PeekASN1Tag(cbasn1.BOOLEAN) {
		strict, ok := readBoolean(&body, &isCA)
		if !ok {
			return false
		}
		if !strict { // X.690 §11.1: DER has FF alone for true
			c.deviate("basicConstraints has a truth value that is not DER")
		}
	}
	if body.PeekASN1Tag(cbasn1.INTEGER) && (!body.ReadASN1Integer(&pathLen) || pathLen < 0) {
		return false
	}
	if !body.Empty() {
		return false
	}
	if !isCA && pathLen >= 0 {
		c.deviate("basicConstraints limits the path of a subject that is no authority")
		pathLen = -1
	}
	c.HasBasicConstraints, c.IsCA, c.MaxPathLen = true, isCA, pathLen
	return true
}

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
