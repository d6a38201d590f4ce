package cades

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"fmt"
	"io"
	"time"

	"cnie/pki/cert"
	"cnie/pki/cms"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Signer makes signatures of level B-B.
type Signer struct {
	Key   crypto.Signer
	Chain []*cert.Certificate // the key's certificate, then what helps to find its issuers
	Hash  crypto.Hash         // 0: what fits the key
	PSS   bool                // RSA signs by RSASSA-PSS rather than PKCS#1 v1.5
	// At is the signing time that the signer claims. CAdES wants one (EN 319
	// 122-1 §6.3), PAdES forbids it (EN 319 142-1 §6.3): zero leaves it out.
	At         time.Time
	Attributes []cms.Attribute       // more to be signed
	Type       asn1.ObjectIdentifier // of the content; nil: data
}

// SignDigest signs content by its digest, made with DigestAlgorithm, and
// returns a message without the content.
func (s *Signer) SignDigest(digest []byte) ([]byte, error) {
	m, err := s.method()
	if err != nil {
		return nil, err
	}
	p := s.parts(m)
	if err := s.complete(&p, m, digest); err != nil {
		return nil, err
	}
	return p.Encode()
}

// Size is an upper bound for the length of a message without content, for formats
// that have to leave room for it before it is made.
func (s *Signer) Size() (int, error) {
	m, err := s.method()
	if err != nil {
		return 0, err
	}
	p := s.parts(m)
	signed, err := s.toBeSigned(m, make([]byte, m.Hash.Size()))
	if err != nil {
		return 0, err
	}
	if err := s.add(&p, m, signed, make([]byte, longest(s.Chain[0].PublicKey))); err != nil {
		return 0, err
	}
	message, err := p.Encode()
	return len(message), err
}

// longest is the length that no signature with this key exceeds.
func longest(key cert.PublicKey) int {
	if key.RSA != nil {
		return key.RSA.Size()
	}
	return 2*(key.EC.Curve().ScalarBytes()+1) + 9 // two INTEGERs in a SEQUENCE, headers at their longest
}

// SignReader signs content as it streams by, and returns a message without it.
func (s *Signer) SignReader(content io.Reader) ([]byte, error) {
	m, err := s.method()
	if err != nil {
		return nil, err
	}
	h := m.Hash.New()
	if _, err := io.Copy(h, content); err != nil {
		return nil, fmt.Errorf("read content: %w", err)
	}
	return s.SignDigest(h.Sum(nil))
}

// Envelop signs content and writes it and its signature as one message. What
// goes through is hashed as it is written, in one pass. For levels above B-B the
// augmenter raises the signature before it is written; where that fails the
// message is complete at the level that was reached, and the error wraps
// ErrLevel.
func (s *Signer) Envelop(ctx context.Context, w io.Writer, content io.Reader, level Level, a *Augmenter) error {
	m, err := s.method()
	if err != nil {
		return err
	}
	p := s.parts(m)
	if level >= BLT {
		p.Version = 5 // answers of responders will follow (RFC 5652 §5.1)
	}
	sums := &Sums{Also: []crypto.Hash{m.Hash}}
	if level >= BLTA && a != nil {
		sums.Also = append(sums.Also, a.StampHash()) // the archive timestamp covers the content too
	}
	hashed := readAhead(content, sums.Tap(nil))
	defer hashed.Close()
	var lower error
	err = p.Stream(w, hashed, func(p *cms.Parts) error {
		digest, err := sums.Digest(m.Hash)
		if err != nil {
			return err
		}
		if err := s.complete(p, m, digest); err != nil || level <= BB {
			return err
		}
		lower = a.raise(ctx, p, level, sums.Digest)
		return nil
	})
	if err != nil {
		return fmt.Errorf("write signed message: %w", err)
	}
	return lower
}

// parts are the message before the signature.
func (s *Signer) parts(m method) cms.Parts {
	p := cms.Parts{ContentType: s.contentType(), Digests: [][]byte{m.digestIdentifier}}
	for _, c := range s.Chain {
		p.Certificates = append(p.Certificates, c.Raw)
	}
	return p
}

// complete signs: it is the one use of the key.
func (s *Signer) complete(p *cms.Parts, m method, digest []byte) error {
	if len(digest) != m.Hash.Size() {
		return fmt.Errorf("%w: digest of %d bytes for %v", ErrMalformed, len(digest), m.Hash)
	}
	signed, err := s.toBeSigned(m, digest)
	if err != nil {
		return err
	}
	signature, err := s.sign(m, cms.ToBeSigned(signed))
	if err != nil {
		return err
	}
	return s.add(p, m, signed, signature)
}

// toBeSigned is the content of the set of signed attributes.
func (s *Signer) toBeSigned(m method, digest []byte) ([]byte, error) {
	attributes, err := s.attributes(m, digest)
	if err != nil {
		return nil, fmt.Errorf("make the signed attributes: %w", err)
	}
	signed, err := cms.EncodeAttributes(attributes)
	if err != nil {
		return nil, fmt.Errorf("encode the signed attributes: %w", err)
	}
	return signed, nil
}

func (s *Signer) add(p *cms.Parts, m method, signed, signature []byte) error {
	id, err := issuerAndSerial(s.Chain[0])
	p.Signers = append(p.Signers, cms.SignerParts{
		ID: id, Digest: m.digestIdentifier, Signed: signed, Algorithm: m.identifier, Signature: signature,
	})
	return err
}

// sign makes the raw signature and verifies it under the certificate: a token
// with the wrong key, or one that failed, must not leave its work in a file.
func (s *Signer) sign(m method, message []byte) ([]byte, error) {
	var options crypto.SignerOpts = m.Hash
	if m.Kind == cert.RSAPSS {
		options = &rsa.PSSOptions{SaltLength: m.SaltLen, Hash: m.Hash}
	}
	sum := m.Digest(message)
	signature, err := s.Key.Sign(rand.Reader, sum, options)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	if err := s.Chain[0].PublicKey.Verify(m.Algorithm, sum, signature); err != nil {
		return nil, fmt.Errorf("%w: what the key signed does not verify: %w", ErrKey, err)
	}
	return signature, nil
}

func issuerAndSerial(c *cert.Certificate) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(c.RawIssuer)
		b.AddASN1BigInt(c.Serial)
	})
	return b.Bytes()
}
