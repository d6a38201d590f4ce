package cades

import (
	"crypto"
	"fmt"

	"cnie/pki/adsig/tsp"
	"cnie/pki/cert"
	"cnie/pki/cms"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Archived is what an archive timestamp covers besides content and signature:
// certificates, lists and responses, values of unsigned attributes.
type Archived struct{ Certificates, Revocations, Unsigned [][]byte }

// CheckArchive holds an archive timestamp against the message that carries it:
// the index names only what is there, and the imprint is right. Errors wrap
// ErrMalformed or tsp.ErrImprint. The token's signature is not looked at.
func CheckArchive(sd *cms.SignedData, signer int, token *tsp.Token, digests Digests) (Archived, error) {
	var covered Archived
	p, err := sd.Parts()
	if err != nil {
		return covered, err
	}
	unsigned, err := cms.ParseAttributes(token.Message.Signers[0].UnsignedAttributes)
	if err != nil {
		return covered, err
	}
	values, count := cms.Find(unsigned, oidArchiveHashIndex)
	if count != 1 || len(values) != 1 {
		return covered, fmt.Errorf("%w: archive timestamp without an index", ErrMalformed)
	}
	if covered, err = indexed(&p, signer, values[0], token.Hash); err != nil {
		return covered, err
	}
	return covered, token.Covers(func(h crypto.Hash) ([]byte, error) {
		return archiveImprint(&p, signer, values[0], h, digests)
	})
}

// indexed finds every element that the index names, by the timestamp's own hash
// (EN 319 122-1 §5.5.2): a weaker one would let others pass for them.
func indexed(p *cms.Parts, signer int, index cryptobyte.String, own crypto.Hash) (covered Archived, err error) {
	var body, identifier cryptobyte.String
	if !index.ReadASN1(&body, cbasn1.SEQUENCE) || !index.Empty() || !body.ReadASN1Element(&identifier, cbasn1.SEQUENCE) {
		return covered, fmt.Errorf("%w: index of an archive timestamp", ErrMalformed)
	}
	hash, err := cert.ParseHash(identifier)
	if err != nil {
		return covered, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if hash != own {
		return covered, fmt.Errorf("%w: index of an archive timestamp, by %v where the timestamp has %v", ErrMalformed, hash, own)
	}
	unsigned, err := attributeValues(p.Signers[signer].Unsigned)
	if err != nil {
		return covered, err
	}
	for _, part := range []struct {
		from [][]byte
		into *[][]byte
	}{{p.Certificates, &covered.Certificates}, {p.Revocations, &covered.Revocations}, {unsigned, &covered.Unsigned}} {
		var list cryptobyte.String
		if !body.ReadASN1(&list, cbasn1.SEQUENCE) {
			return covered, fmt.Errorf("%w: index of an archive timestamp", ErrMalformed)
		}
		if *part.into, err = match(list, part.from, hash); err != nil {
			return covered, err
		}
	}
	if !body.Empty() {
		return covered, fmt.Errorf("%w: index of an archive timestamp", ErrMalformed)
	}
	unwrap(covered.Revocations, func(e cryptobyte.String) bool { return cbasn1.Tag(e[0]) != cbasn1.SEQUENCE })
	unwrap(covered.Unsigned, nil)
	return covered, nil
}

// unwrap leaves of each element the value that follows an object identifier:
// attributes were indexed as type and value, responses stand in a wrapper.
func unwrap(elements [][]byte, wrapped func(cryptobyte.String) bool) {
	for i, raw := range elements {
		e := cryptobyte.String(raw)
		var tag cbasn1.Tag
		var body cryptobyte.String
		switch {
		case wrapped == nil:
			body = e
		case !wrapped(e) || !e.ReadAnyASN1(&body, &tag):
			continue
		}
		if body.SkipASN1(cbasn1.OBJECT_IDENTIFIER) {
			elements[i] = body
		}
	}
}

// match finds the members with the listed hashes, every one of which must be
// there: what was covered and is gone was taken out.
func match(list cryptobyte.String, members [][]byte, hash crypto.Hash) (found [][]byte, err error) {
	byHash := map[string][]byte{}
	for _, member := range members {
		byHash[string(cert.Algorithm{Hash: hash}.Digest(member))] = member
	}
	for !list.Empty() {
		var digest cryptobyte.String
		if len(found) == maxIndexed || !list.ReadASN1(&digest, cbasn1.OCTET_STRING) {
			return nil, fmt.Errorf("%w: index of an archive timestamp", ErrMalformed)
		}
		member, there := byHash[string(digest)]
		if !there {
			return nil, fmt.Errorf("%w: something that an archive timestamp covers is gone", ErrMalformed)
		}
		found = append(found, member)
	}
	return found, nil
}
