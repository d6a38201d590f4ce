package cert

import (
	"crypto/sha1"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// KeyIdentifier is the subject key identifier, or where the certificate has
// none the one that RFC 5280 §4.2.1.2 method 1 would give it.
func (c *Certificate) KeyIdentifier() []byte {
	if c.SubjectKeyID != nil {
		return c.SubjectKeyID
	}
	spki := cryptobyte.String(c.RawSPKI)
	var body cryptobyte.String
	var bits []byte
	if !spki.ReadASN1(&body, cbasn1.SEQUENCE) || !body.SkipASN1(cbasn1.SEQUENCE) || !body.ReadASN1BitStringAsBytes(&bits) {
		return nil
	}
	sum := sha1.Sum(bits)
	return sum[:]
}

// SelfIssued reports whether subject and issuer are the same name. Link
// certificates are self-issued without being self-signed.
func (c *Certificate) SelfIssued() bool { return c.Subject.Equal(c.Issuer) }

// IssuedAs reports whether rawName, a DER name, is the certificate's issuer.
func (c *Certificate) IssuedAs(rawName []byte) bool { return c.Issuer.Equal(Name{raw: rawName}) }

// ParseSerial reads the content octets of a serial number, nil when they are
// out of bounds.
func ParseSerial(content []byte) *big.Int {
	if len(content) == 0 || len(content) > maxSerial {
		return nil
	}
	serial, _ := readInteger(content)
	return serial
}
