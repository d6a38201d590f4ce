package cert

import (
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
