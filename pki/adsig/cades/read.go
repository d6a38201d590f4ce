package cades

import (
	"crypto"
	"encoding/asn1"
	"fmt"
	"hash"
	"io"
	"slices"

	"cnie/pki/cms"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Properties is what a message says of one signature besides the signature.
type Properties struct {
	Signed, Unsigned []cms.Attribute
	MIMEType         string
	PolicyNamed      bool // a signature policy is named, which nobody here has
	HasSigningTime   bool
	// Timestamp tokens, in the order in which they stand.
	ContentStamps, SignatureStamps, ArchiveStamps [][]byte
	// Material outside SignedData's own sets, as signatures before the baseline
	// have it.
	Certificates, Lists, Responses [][]byte
}

// Read collects the properties of one signer. Errors wrap ErrMalformed.
func Read(sd *cms.SignedData, signer int) (Properties, error) {
	var p Properties
	var err error
	if signer < 0 || signer >= len(sd.Signers) {
		return p, fmt.Errorf("%w: no such signer", ErrMalformed)
	}
	s := &sd.Signers[signer]
	if p.Signed, err = cms.ParseAttributes(s.SignedAttributes); err != nil {
		return p, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if p.Unsigned, err = cms.ParseAttributes(s.UnsignedAttributes); err != nil {
		return p, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	p.ContentStamps, _ = cms.Find(p.Signed, oidContentStamp)
	p.SignatureStamps, _ = cms.Find(p.Unsigned, oidSignatureStamp)
	p.ArchiveStamps, _ = cms.Find(p.Unsigned, oidArchiveStamp)
	_, policies := cms.Find(p.Signed, oidPolicy)
	_, times := cms.Find(p.Signed, oidSigningTime)
	p.PolicyNamed, p.HasSigningTime = policies > 0, times > 0
	if err := p.readMIMEType(); err != nil {
		return p, err
	}
	return p, p.readMaterial()
}

func (p *Properties) readMIMEType() error {
	values, count := cms.Find(p.Signed, oidMIMEType)
	if count == 0 {
		return nil
	}
	if count > 1 || len(values) != 1 {
		return fmt.Errorf("%w: type of the file stands more than once", ErrMalformed)
	}
	var text cryptobyte.String
	if value := cryptobyte.String(values[0]); !value.ReadASN1(&text, tagUTF8) || !value.Empty() {
		return fmt.Errorf("%w: type of the file", ErrMalformed)
	}
	p.MIMEType = string(text)
	return nil
}

// readMaterial reads the attributes certificate-values and revocation-values
// (EN 319 122-1 annex A).
func (p *Properties) readMaterial() error {
	certificates, _ := cms.Find(p.Unsigned, oidCertificates)
	for _, value := range certificates {
		list, ok := sequence(value)
		if !ok {
			return fmt.Errorf("%w: certificate values", ErrMalformed)
		}
		p.Certificates = append(p.Certificates, list...)
	}
	revocations, _ := cms.Find(p.Unsigned, oidRevocations)
	for _, value := range revocations {
		in := cryptobyte.String(value)
		var body cryptobyte.String
		if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() ||
			!readTagged(&body, 0, &p.Lists) || !readTagged(&body, 1, &p.Responses) {
			return fmt.Errorf("%w: revocation values", ErrMalformed)
		}
	}
	return nil
}

// readTagged reads an optional SEQUENCE OF under an explicit tag.
func readTagged(body *cryptobyte.String, number uint8, out *[][]byte) bool {
	var wrapped cryptobyte.String
	var present bool
	if !body.ReadOptionalASN1(&wrapped, &present, cbasn1.Tag(number).ContextSpecific().Constructed()) {
		return false
	}
	if !present {
		return true
	}
	members, ok := sequence(wrapped)
	*out = append(*out, members...)
	return ok
}

func sequence(value cryptobyte.String) (members [][]byte, ok bool) {
	var body cryptobyte.String
	if !value.ReadASN1(&body, cbasn1.SEQUENCE) || !value.Empty() {
		return nil, false
	}
	for !body.Empty() {
		var member cryptobyte.String
		if len(members) == maxIndexed || !body.ReadASN1Element(&member, cbasn1.SEQUENCE) {
			return nil, false
		}
		members = append(members, member)
	}
	return members, true
}

// tokensIn lists the values of one kind among encoded attributes.
func tokensIn(raw [][]byte, kind asn1.ObjectIdentifier) ([][]byte, error) {
	attributes, err := cms.ParseAttributes(slices.Concat(raw...))
	if err != nil {
		return nil, err
	}
	values, _ := cms.Find(attributes, kind)
	return values, nil
}

// Sums hashes content that streams by once, for Detach.
type Sums struct {
	Also []crypto.Hash // to be computed besides what the message announces

	hashes map[crypto.Hash]hash.Hash
}

// Tap makes the hashes and returns what feeds them.
func (s *Sums) Tap(announced []crypto.Hash) io.Writer {
	s.hashes = map[crypto.Hash]hash.Hash{}
	var writers []io.Writer
	for _, h := range slices.Concat(announced, s.Also) {
		if _, known := s.hashes[h]; !known && h.Available() {
			s.hashes[h] = h.New()
			writers = append(writers, s.hashes[h])
		}
	}
	if len(writers) == 1 {
		return writers[0]
	}
	return io.MultiWriter(writers...)
}

// Digest gives the content's digest, for hashes that were computed.
func (s *Sums) Digest(h crypto.Hash) ([]byte, error) {
	running, known := s.hashes[h]
	if !known {
		return nil, fmt.Errorf("%w: the content was not hashed with %v", ErrMalformed, h)
	}
	return running.Sum(nil), nil
}
