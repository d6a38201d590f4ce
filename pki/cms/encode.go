package cms

import (
	"bytes"
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Encode puts the message together in DER, but for the order of its sets, which
// is that of the parts.
func (p Parts) Encode() ([]byte, error) {
	var b cryptobyte.Builder
	oid := func(b *cryptobyte.Builder, content string) {
		b.AddASN1(cbasn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes([]byte(content)) })
	}
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		oid(b, oidSignedData)
		b.AddASN1(tagExplicit0, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(p.version())
				addJoined(b, cbasn1.SET, p.Digests)
				b.AddASN1(cbasn1.SEQUENCE, p.addContent)
				p.addTrailer(b)
			})
		})
	})
	return b.Bytes()
}

func (p Parts) addContent(b *cryptobyte.Builder) {
	b.AddASN1ObjectIdentifier(p.ContentType)
	if p.Content != nil {
		b.AddASN1(tagExplicit0, func(b *cryptobyte.Builder) { b.AddASN1OctetString(p.Content) })
	}
}

// addTrailer adds what follows the content.
func (p Parts) addTrailer(b *cryptobyte.Builder) {
	if len(p.Certificates) > 0 {
		addJoined(b, tagCertificates, p.Certificates)
	}
	if len(p.Revocations) > 0 {
		addJoined(b, tagCRLs, p.Revocations)
	}
	b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
		for _, s := range p.Signers {
			s.add(b)
		}
	})
}

func (s SignerParts) version() int64 {
	if bytes.HasPrefix(s.ID, []byte{byte(tagKeyID)}) {
		return 3
	}
	return 1
}

func (s SignerParts) add(b *cryptobyte.Builder) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		s.addCovered(b)
		if len(s.Unsigned) > 0 {
			addJoined(b, tagUnsigned, s.Unsigned)
		}
	})
}

func (s SignerParts) addCovered(b *cryptobyte.Builder) {
	b.AddASN1Int64(s.version())
	b.AddBytes(s.ID)
	b.AddBytes(s.Digest)
	if len(s.Signed) > 0 {
		b.AddASN1(tagSigned, func(b *cryptobyte.Builder) { b.AddBytes(s.Signed) })
	}
	b.AddBytes(s.Algorithm)
	b.AddASN1OctetString(s.Signature)
}

// Covered is every field of the SignerInfo but the unsigned attributes, one
// behind the other: what an archive timestamp covers of a signer.
func (s SignerParts) Covered() ([]byte, error) {
	var b cryptobyte.Builder
	s.addCovered(&b)
	return b.Bytes()
}

func addJoined(b *cryptobyte.Builder, tag cbasn1.Tag, members [][]byte) {
	b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes(bytes.Join(members, nil)) })
}

// version is the one that goes with what the message holds (RFC 5652 §5.1).
func (p Parts) version() int64 {
	if p.Version != 0 {
		return int64(p.Version)
	}
	version := int64(1)
	if oid, err := asn1.Marshal(p.ContentType); err != nil || string(oid[2:]) != oidData {
		version = 3
	}
	for _, s := range p.Signers {
		version = max(version, s.version())
	}
	for _, c := range p.Certificates {
		version = max(version, int64(versionFor[cbasn1.Tag(c[0])]))
	}
	for _, r := range p.Revocations {
		if cbasn1.Tag(r[0]) != cbasn1.SEQUENCE {
			version = 5
		}
	}
	return version
}
