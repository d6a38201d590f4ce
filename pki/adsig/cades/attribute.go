package cades

import (
	"crypto"
	"encoding/asn1"
	"fmt"
	"time"

	"cnie/pki/adsig/ess"
	"cnie/pki/cert"
	"cnie/pki/cms"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Attributes of RFC 5652 §11, RFC 2634, RFC 6211 and EN 319 122-1 §5.
var (
	oidData             = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidContentType      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidProtection       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 52}
	oidContentHints     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 4}
	oidSignatureStamp   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	oidPolicy           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 15}
	oidCommitment       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 16}
	oidContentStamp     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 20}
	oidCertificates     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 23}
	oidRevocations      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 24}
	oidMIMEType         = asn1.ObjectIdentifier{0, 4, 0, 1733, 2, 1}
	oidArchiveStamp     = asn1.ObjectIdentifier{0, 4, 0, 1733, 2, 4}
	oidArchiveHashIndex = asn1.ObjectIdentifier{0, 4, 0, 19122, 1, 5}
)

const tagUTF8 = cbasn1.UTF8String

// MIMEType is the attribute that says what kind of file was signed (EN 319
// 122-1 §5.2.5), so that the signature of a text cannot be shown as one of a
// page.
func MIMEType(kind string) (cms.Attribute, error) {
	return attribute(oidMIMEType, func(b *cryptobyte.Builder) { addText(b, kind) })
}

// ContentHints is the attribute that describes content to people, and names the
// type of what is inside (RFC 2634 §2.9; EN 319 122-1 §5.2.4.1).
func ContentHints(description string, kind asn1.ObjectIdentifier) (cms.Attribute, error) {
	return attribute(oidContentHints, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			if description != "" {
				addText(b, description)
			}
			b.AddASN1ObjectIdentifier(kind)
		})
	})
}

// Commitment is the attribute that says what signing meant: proof of origin,
// of approval and so on (EN 319 122-1 §5.2.3).
func Commitment(kind asn1.ObjectIdentifier) (cms.Attribute, error) {
	return attribute(oidCommitment, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(kind) })
	})
}

// ContentStamp is the attribute with a timestamp over the content, made before
// the signature: proof that it is not older (EN 319 122-1 §5.2.8).
func ContentStamp(token []byte) cms.Attribute { return cms.NewAttribute(oidContentStamp, token) }

func addText(b *cryptobyte.Builder, text string) {
	b.AddASN1(tagUTF8, func(b *cryptobyte.Builder) { b.AddBytes([]byte(text)) })
}

func attribute(kind asn1.ObjectIdentifier, value func(*cryptobyte.Builder)) (cms.Attribute, error) {
	var b cryptobyte.Builder
	value(&b)
	der, err := b.Bytes()
	return cms.NewAttribute(kind, der), err
}

// attributes are the signed ones, what the baseline asks for and what the
// caller adds, with the digest of the content.
func (s *Signer) attributes(m method, digest []byte) ([]cms.Attribute, error) {
	reference, err := ess.Attribute(s.Chain[0], m.Hash)
	if err != nil {
		return nil, err
	}
	kind, err1 := attribute(oidContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(s.contentType()) })
	content, err2 := attribute(oidMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest) })
	protection, err3 := m.protection()
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return nil, err
		}
	}
	all := append([]cms.Attribute{kind, content, reference, protection}, s.Attributes...)
	if !s.At.IsZero() {
		moment, err := attribute(oidSigningTime, func(b *cryptobyte.Builder) { addTime(b, s.At) })
		if err != nil {
			return nil, err
		}
		all = append(all, moment)
	}
	return all, checkTogether(all)
}

// checkTogether refuses an attribute that stands twice, and the two that both
// say what kind of content it is (EN 319 122-1 §5.2.5).
func checkTogether(all []cms.Attribute) error {
	for _, a := range all {
		if _, count := cms.Find(all, a.Type); count > 1 && !a.Type.Equal(oidContentStamp) {
			return fmt.Errorf("%w: attribute %v stands twice", ErrMalformed, a.Type)
		}
	}
	_, hints := cms.Find(all, oidContentHints)
	_, kinds := cms.Find(all, oidMIMEType)
	if hints > 0 && kinds > 0 {
		return fmt.Errorf("%w: content hints and a type of file", ErrMalformed)
	}
	return nil
}

// addTime writes UTCTime up to 2049 (RFC 5652 §11.3).
func addTime(b *cryptobyte.Builder, t time.Time) {
	if t = t.UTC(); t.Year() >= 1950 && t.Year() < 2050 {
		b.AddASN1UTCTime(t)
		return
	}
	b.AddASN1GeneralizedTime(t)
}

// protection repeats the algorithms among what is signed (RFC 6211).
func (m method) protection() (cms.Attribute, error) {
	inner := cryptobyte.String(m.identifier)
	var algorithm cryptobyte.String
	if !inner.ReadASN1(&algorithm, cbasn1.SEQUENCE) {
		return cms.Attribute{}, ErrMalformed
	}
	return attribute(oidProtection, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(m.digestIdentifier)
			b.AddASN1(cbasn1.Tag(0xa1), func(b *cryptobyte.Builder) { b.AddBytes(algorithm) })
		})
	})
}

// stampAttribute wraps a token.
func stampAttribute(kind asn1.ObjectIdentifier, token []byte) ([]byte, error) {
	return cms.EncodeAttributes([]cms.Attribute{cms.NewAttribute(kind, token)})
}

// Digests gives the content's digest under a hash.
type Digests func(crypto.Hash) ([]byte, error)

// DigestsOf is for content that is in memory.
func DigestsOf(content []byte) Digests {
	return func(h crypto.Hash) ([]byte, error) { return cert.Algorithm{Hash: h}.Digest(content), nil }
}
