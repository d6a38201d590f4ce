package cert

import (
	"crypto/x509"
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

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
	ok = in.ReadASN1(&body, cbasn1.SEQUENCE) && in.Empty() && body.ReadOptionalASN1(&id, &present, contextPrimitive0) &&
		body.SkipOptionalASN1(contextConstructed1) && body.SkipOptionalASN1(contextPrimitive2) && body.Empty()
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
