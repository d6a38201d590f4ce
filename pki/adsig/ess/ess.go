// Package ess is the signed attribute that says which certificate a signer
// meant (RFC 2634 §5.4, RFC 5035 §3): without it, whoever can get a second
// certificate for the same key could pass the signature off as made under that
// one. Document signatures and timestamps carry it alike.
package ess

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"errors"
	"fmt"

	"cnie/pki/cert"
	"cnie/pki/cms"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var (
	// ErrMissing reports signed attributes without the reference.
	ErrMissing = errors.New("the signed attributes do not name the signer's certificate")
	// ErrMalformed reports a reference that cannot be read, or more than one.
	ErrMalformed = errors.New("malformed reference to the signer's certificate")
	// ErrMismatch reports a reference to another certificate.
	ErrMismatch = errors.New("the signed attributes name another certificate than the signer's")
)

// The two versions of the attribute; the first can name its certificate by
// SHA-1 alone.
var (
	OIDSigningCertificate   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	OIDSigningCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
)

const (
	tagDirectoryName = cbasn1.Tag(0xa4)
	maxReferences    = 16
)

// Attribute names a certificate by its hash, its issuer and its serial number.
func Attribute(c *cert.Certificate, hash crypto.Hash) (cms.Attribute, error) {
	identifier, err := cms.HashIdentifier(hash)
	if err != nil {
		return cms.Attribute{}, err
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { // SigningCertificateV2
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { // certs
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { // ESSCertIDv2
				if hash != crypto.SHA256 { // the default, which DER leaves out
					b.AddBytes(identifier)
				}
				b.AddASN1OctetString(digest(hash, c.Raw))
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { addIssuerSerial(b, c) })
			})
		})
	})
	value, err := b.Bytes()
	return cms.NewAttribute(OIDSigningCertificateV2, value), err
}

func addIssuerSerial(b *cryptobyte.Builder, c *cert.Certificate) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(tagDirectoryName, func(b *cryptobyte.Builder) { b.AddBytes(c.RawIssuer) })
	})
	b.AddASN1BigInt(c.Serial)
}

func digest(hash crypto.Hash, content []byte) []byte {
	return cert.Algorithm{Hash: hash}.Digest(content)
}

// Check compares the reference among signed attributes with the certificate
// under which the signature verifies, and returns the hash by which it is named.
// The first reference is the signer's; others, of its path, may follow
// (RFC 5035 §3). Where both versions stand, both must fit.
func Check(attributes []cms.Attribute, c *cert.Certificate) (crypto.Hash, error) {
	var found crypto.Hash
	for _, version := range []asn1.ObjectIdentifier{OIDSigningCertificate, OIDSigningCertificateV2} {
		values, count := cms.Find(attributes, version)
		if count == 0 {
			continue
		}
		if count > 1 || len(values) != 1 {
			return 0, fmt.Errorf("%w: it stands more than once", ErrMalformed)
		}
		first, err := parse(values[0], version.Equal(OIDSigningCertificate))
		if err != nil {
			return 0, err
		}
		if err := first.check(c); err != nil {
			return first.hash, err
		}
		found = first.hash
	}
	if found == 0 {
		return 0, ErrMissing
	}
	return found, nil
}

// reference is one ESSCertID.
type reference struct {
	hash   crypto.Hash
	digest []byte
	issuer cryptobyte.String // Name, nil when not given
	serial cryptobyte.String // content of the INTEGER
}

func (r reference) check(c *cert.Certificate) error {
	if !bytes.Equal(r.digest, digest(r.hash, c.Raw)) {
		return ErrMismatch
	}
	if r.issuer == nil {
		return nil
	}
	if serial := cert.ParseSerial(r.serial); serial == nil || serial.Cmp(c.Serial) != 0 || !c.IssuedAs(r.issuer) {
		return fmt.Errorf("%w: issuer and serial number differ", ErrMismatch)
	}
	return nil
}

// parse reads the first reference of an attribute value and the shape of the
// rest.
func parse(value cryptobyte.String, first bool) (r reference, err error) {
	var body, list, policies cryptobyte.String
	if !value.ReadASN1(&body, cbasn1.SEQUENCE) || !value.Empty() || !body.ReadASN1(&list, cbasn1.SEQUENCE) ||
		!body.ReadOptionalASN1(&policies, new(bool), cbasn1.SEQUENCE) || !body.Empty() || list.Empty() {
		return r, ErrMalformed
	}
	for count := 0; !list.Empty(); count++ {
		var entry cryptobyte.String
		if count == maxReferences || !list.ReadASN1(&entry, cbasn1.SEQUENCE) {
			return r, ErrMalformed
		}
		parsed, err := parseReference(entry, first)
		if err != nil {
			return r, err
		}
		if count == 0 {
			r = parsed
		}
	}
	return r, nil
}

func parseReference(entry cryptobyte.String, first bool) (r reference, err error) {
	r.hash = crypto.SHA256
	if first {
		r.hash = crypto.SHA1
	} else if entry.PeekASN1Tag(cbasn1.SEQUENCE) {
		var algorithm cryptobyte.String
		if !entry.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) {
			return r, ErrMalformed
		}
		if r.hash, err = cert.ParseHash(algorithm); err != nil {
			return r, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
	}
	var digest, issuerSerial, names cryptobyte.String
	if !entry.ReadASN1(&digest, cbasn1.OCTET_STRING) {
		return r, ErrMalformed
	}
	r.digest = digest
	if entry.Empty() {
		return r, nil
	}
	if !entry.ReadASN1(&issuerSerial, cbasn1.SEQUENCE) || !entry.Empty() ||
		!issuerSerial.ReadASN1(&names, cbasn1.SEQUENCE) || !names.ReadASN1(&r.issuer, tagDirectoryName) || !names.Empty() ||
		!issuerSerial.ReadASN1(&r.serial, cbasn1.INTEGER) || !issuerSerial.Empty() {
		return r, ErrMalformed
	}
	return r, nil
}
