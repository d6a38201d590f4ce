package cms

import (
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Parts is a message taken apart for writing, in DER. Whatever is put back
// together from them unchanged is the same byte for byte, so that nothing that
// a signature or a timestamp covers is disturbed by adding to a message.
type Parts struct {
	Version      int // 0: the one that goes with what the message holds
	ContentType  asn1.ObjectIdentifier
	Content      []byte   // nil: not in the message
	Digests      [][]byte // AlgorithmIdentifiers of the signers' hashes
	Certificates [][]byte
	Revocations  [][]byte // lists, and answers in the form of EncodeOCSP
	Signers      []SignerParts
}

// SignerParts is one SignerInfo taken apart.
type SignerParts struct {
	ID        []byte   // IssuerAndSerialNumber, or a key identifier under [0]
	Digest    []byte   // AlgorithmIdentifier
	Signed    []byte   // content of the set
	Algorithm []byte   // AlgorithmIdentifier
	Signature []byte   //
	Unsigned  [][]byte // Attributes
}

// Parts takes a parsed message apart.
func (sd *SignedData) Parts() (Parts, error) {
	p := Parts{ContentType: sd.ContentType}
	if !sd.Detached {
		p.Content = sd.Content
	}
	var ok1, ok2, ok3 bool
	p.Digests, ok1 = split(sd.rawDigests)
	p.Certificates, ok2 = split(sd.rawCertificates)
	p.Revocations, ok3 = split(sd.rawCRLs)
	if !ok1 || !ok2 || !ok3 {
		return p, malformed("sets")
	}
	for _, s := range sd.Signers {
		unsigned, ok := split(s.UnsignedAttributes)
		if !ok {
			return p, malformed("unsigned attributes")
		}
		p.Signers = append(p.Signers, SignerParts{
			ID: s.rawID, Digest: s.rawDigest, Signed: s.SignedAttributes,
			Algorithm: s.rawSignature, Signature: s.Signature, Unsigned: unsigned,
		})
	}
	return p, nil
}

// split lists the elements of a set's content.
func split(content cryptobyte.String) (members [][]byte, ok bool) {
	for !content.Empty() {
		var member cryptobyte.String
		var tag cbasn1.Tag
		if !content.ReadAnyASN1Element(&member, &tag) {
			return nil, false
		}
		members = append(members, member)
	}
	return members, true
}
