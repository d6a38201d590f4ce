package cades

import (
	"context"
	"crypto"
	"encoding/asn1"
	"fmt"
	"slices"

	"cnie/pki/adsig/tsp"
	"cnie/pki/cert"
	"cnie/pki/cms"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

const maxIndexed = 512

// stampArchive adds an archive timestamp to each signer (EN 319 122-1 §5.5.3).
// It covers the content, the signature and, by an index of hashes, each
// certificate, answer and unsigned attribute that stands there now.
func (a *Augmenter) stampArchive(ctx context.Context, p *cms.Parts, digests Digests) error {
	for i := range p.Signers {
		index, err := hashIndex(p, i, a.StampHash())
		if err != nil {
			return err
		}
		imprint, err := archiveImprint(p, i, index, a.StampHash(), digests)
		if err != nil {
			return err
		}
		token, err := tsp.Ask(ctx, a.Stamp, a.StampHash(), imprint)
		if err != nil {
			return err
		}
		raw, err := withIndex(token, index)
		if err != nil {
			return err
		}
		added, err := stampAttribute(oidArchiveStamp, raw)
		if err != nil {
			return err
		}
		p.Signers[i].Unsigned = append(p.Signers[i].Unsigned, added)
	}
	return nil
}

// withIndex puts the index among the token's unsigned attributes, where
// EN 319 122-1 §5.5.2 wants it.
func withIndex(token *tsp.Token, index []byte) ([]byte, error) {
	p, err := token.Message.Parts()
	if err != nil {
		return nil, err
	}
	added, err := stampAttribute(oidArchiveHashIndex, index)
	if err != nil {
		return nil, err
	}
	p.Signers[0].Unsigned = append(p.Signers[0].Unsigned, added)
	return p.Encode()
}

// hashIndex is ATSHashIndexV3: the hash of each certificate, each answer and
// each value of an unsigned attribute together with its type.
func hashIndex(p *cms.Parts, signer int, hash crypto.Hash) ([]byte, error) {
	identifier, err := cms.HashIdentifier(hash)
	if err != nil {
		return nil, err
	}
	unsigned, err := attributeValues(p.Signers[signer].Unsigned)
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(identifier)
		for _, set := range [][][]byte{p.Certificates, p.Revocations, unsigned} {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, member := range set {
					b.AddASN1OctetString(cert.Algorithm{Hash: hash}.Digest(member))
				}
			})
		}
	})
	return b.Bytes()
}

// attributeValues lists, for each value of each attribute, the type and the
// value, one behind the other.
func attributeValues(raw [][]byte) (all [][]byte, err error) {
	attributes, err := cms.ParseAttributes(slices.Concat(raw...))
	if err != nil {
		return nil, err
	}
	for _, a := range attributes {
		kind, err := asn1.Marshal(a.Type)
		if err != nil {
			return nil, err
		}
		for _, value := range a.Values {
			all = append(all, slices.Concat(kind, value))
		}
	}
	return all, nil
}

// archiveImprint is what an archive timestamp is made over: the type of the
// content, its digest, the fields of the signer but for the unsigned
// attributes, and the index (EN 319 122-1 §5.5.3).
func archiveImprint(p *cms.Parts, signer int, index []byte, hash crypto.Hash, digests Digests) ([]byte, error) {
	if digests == nil {
		return nil, fmt.Errorf("%w: the content is not at hand", ErrMalformed)
	}
	content, err := digests(hash)
	if err != nil {
		return nil, err
	}
	kind, err := asn1.Marshal(p.ContentType)
	if err != nil {
		return nil, err
	}
	fields, err := p.Signers[signer].Covered()
	if err != nil {
		return nil, err
	}
	return cert.Algorithm{Hash: hash}.Digest(slices.Concat(kind, content, fields, index)), nil
}
