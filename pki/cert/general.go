package cert

import (
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

func readSubjectAltName(c *Certificate, in cryptobyte.String) (ok bool) {
	c.SubjectAltCountry, ok = alternativeCountry(in)
	return ok
}

func readIssuerAltName(c *Certificate, in cryptobyte.String) (ok bool) {
	c.IssuerAltCountry, ok = alternativeCountry(in)
	return ok
}

// alternativeCountry returns the locality of the directoryName among
// GeneralNames: Doc 9303-12 §7.1 puts the state's MRZ code there.
func alternativeCountry(in cryptobyte.String) (country string, ok bool) {
	var names cryptobyte.String
	if !in.ReadASN1(&names, cbasn1.SEQUENCE) || !in.Empty() {
		return "", false
	}
	for count := 0; !names.Empty(); count++ {
		var content cryptobyte.String
		var tag cbasn1.Tag
		if count == maxEntries || !names.ReadAnyASN1(&content, &tag) {
			return "", false
		}
		if tag != tagDirectoryName || country != "" {
			continue
		}
		var name Name
		var raw []byte
		if !readName(&content, &raw, &name) || !content.Empty() {
			return "", false
		}
		country = name.locality
	}
	return country, true
}

// readCRLPoints collects the addresses in full names (RFC 5280 §4.2.1.13).
func readCRLPoints(c *Certificate, in cryptobyte.String) bool {
	var points cryptobyte.String
	if !in.ReadASN1(&points, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	var addresses []string
	for count := 0; !points.Empty(); count++ {
		var point, name, full cryptobyte.String
		var present bool
		if count == maxEntries || !points.ReadASN1(&point, cbasn1.SEQUENCE) ||
			!point.ReadOptionalASN1(&name, &present, distributionPointName) {
			return false
		}
		if !present || !name.PeekASN1Tag(contextConstructed0) {
			continue
		}
		if !name.ReadASN1(&full, contextConstructed0) || !appendURIs(full, &addresses) {
			return false
		}
	}
	c.CRLDistributionPoints = addresses
	return true
}

func appendURIs(names cryptobyte.String, out *[]string) bool {
	for !names.Empty() {
		var content cryptobyte.String
		var tag cbasn1.Tag
		if len(*out) == maxEntries || !names.ReadAnyASN1(&content, &tag) {
			return false
		}
		if tag == tagURI {
			*out = append(*out, printable(string(content)))
		}
	}
	return true
}
