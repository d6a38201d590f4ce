package ca

import (
	"crypto"
	"encoding/asn1"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// stampRequest is a TimeStampReq, RFC 3161 §2.4.1.
type stampRequest struct {
	hash         crypto.Hash
	digest       []byte
	policy       asn1.ObjectIdentifier // nil: any
	nonce        *big.Int              // nil: none
	certificates bool
}

// failure is a PKIFailureInfo, RFC 3161 §2.4.2: the number of a bit.
type failure int

const (
	badAlg              failure = 0
	badRequest          failure = 2
	badDataFormat       failure = 5
	unacceptedPolicy    failure = 15
	unacceptedExtension failure = 16
	systemFailure       failure = 25
)

// refusal is why there is no time stamp.
type refusal struct {
	failure failure
	text    string
}

// maxNonce is in bytes. Clients send eight; a nonce is copied, so it has to end.
const maxNonce = 64

var (
	stampHashes = []struct {
		oid  asn1.ObjectIdentifier
		hash crypto.Hash
	}{
		{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, crypto.SHA256},
		{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, crypto.SHA384},
		{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, crypto.SHA512},
	}
	notDER = &refusal{badDataFormat, "the request is no TimeStampReq in DER"}
)

// parseStampRequest reads a request strictly: DER and nothing after it, a version
// and a hash that are known, a digest of the hash's length, no extensions.
func parseStampRequest(der []byte) (*stampRequest, *refusal) {
	input := cryptobyte.String(der)
	var request, imprint cryptobyte.String
	var version int64
	if !input.ReadASN1(&request, cbasn1.SEQUENCE) || !input.Empty() || !request.ReadASN1Integer(&version) {
		return nil, notDER
	}
	if version != 1 {
		return nil, &refusal{badRequest, "only version 1 is known"}
	}
	if !request.ReadASN1(&imprint, cbasn1.SEQUENCE) {
		return nil, notDER
	}
	read := &stampRequest{}
	if wrong := read.imprint(imprint); wrong != nil {
		return nil, wrong
	}
	return read, read.wishes(request)
}

func (read *stampRequest) imprint(imprint cryptobyte.String) *refusal {
	var algorithm, digest, null cryptobyte.String
	var oid asn1.ObjectIdentifier
	if !imprint.ReadASN1(&algorithm, cbasn1.SEQUENCE) || !imprint.ReadASN1(&digest, cbasn1.OCTET_STRING) || !imprint.Empty() ||
		!algorithm.ReadASN1ObjectIdentifier(&oid) {
		return notDER
	}
	if !algorithm.Empty() && (!algorithm.ReadASN1(&null, cbasn1.NULL) || !null.Empty() || !algorithm.Empty()) {
		return &refusal{badAlg, "the hash algorithm has parameters"}
	}
	for _, known := range stampHashes {
		if oid.Equal(known.oid) {
			read.hash = known.hash
		}
	}
	switch {
	case read.hash == 0:
		return &refusal{badAlg, "the hash is none of SHA-256, SHA-384 and SHA-512"}
	case len(digest) != read.hash.Size():
		return &refusal{badDataFormat, "the digest does not have the length of its algorithm"}
	}
	read.digest = append([]byte(nil), digest...)
	return nil
}

// wishes are the optional fields after the imprint, in their order.
func (read *stampRequest) wishes(rest cryptobyte.String) *refusal {
	if rest.PeekASN1Tag(cbasn1.OBJECT_IDENTIFIER) && !rest.ReadASN1ObjectIdentifier(&read.policy) {
		return notDER
	}
	if rest.PeekASN1Tag(cbasn1.INTEGER) {
		read.nonce = new(big.Int)
		if !rest.ReadASN1Integer(read.nonce) {
			return notDER
		}
	}
	// DEFAULT FALSE is not written in DER, X.690 §11.5.
	if rest.PeekASN1Tag(cbasn1.BOOLEAN) && (!rest.ReadASN1Boolean(&read.certificates) || !read.certificates) {
		return notDER
	}
	switch {
	case rest.PeekASN1Tag(cbasn1.Tag(0).ContextSpecific().Constructed()):
		return &refusal{unacceptedExtension, "no extension is known"}
	case !rest.Empty():
		return notDER
	case read.nonce != nil && read.nonce.BitLen() > 8*maxNonce:
		return &refusal{badRequest, "the nonce is longer than 64 bytes"}
	case read.policy != nil && !read.policy.Equal(stampPolicy):
		return &refusal{unacceptedPolicy, "the policy is not this authority's"}
	}
	return nil
}

// encode is a TimeStampResp that rejects, RFC 3161 §2.4.2.
func (r *refusal) encode() ([]byte, error) {
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(2) // rejection
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(r.text)) })
			})
			b.AddASN1(cbasn1.BIT_STRING, func(b *cryptobyte.Builder) { b.AddBytes(r.failure.bits()) })
		})
	})
	return b.Bytes()
}

// bits are the content of a named bit list, which ends with its last set bit,
// X.690 §11.2.2.
func (f failure) bits() []byte {
	content := make([]byte, 2+f/8)
	content[0] = byte(7 - f%8)
	content[1+f/8] = 0x80 >> (f % 8)
	return content
}
