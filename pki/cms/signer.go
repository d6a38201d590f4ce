package cms

import (
	"bytes"
	"crypto"
	"fmt"
	"math/big"

	"cnie/pki/cert"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Signer is one SignerInfo (RFC 5652 §5.3). It names its certificate by RawIssuer
// and Serial, or by SubjectKeyID.
type Signer struct {
	Version      int // 1 with an issuer and serial number, 3 with a key identifier
	RawIssuer    []byte
	Serial       *big.Int
	SubjectKeyID []byte

	Signature          []byte
	SignedAttributes   []byte // content of the set; nil: the content itself is signed
	UnsignedAttributes []byte // content of the set

	padded       bool // the serial number is in more octets than it takes
	rawID        []byte
	rawDigest    []byte
	rawSignature []byte
}

func parseSigner(body cryptobyte.String) (Signer, error) {
	var s Signer
	var signed, unsigned, digest, algorithm, signature cryptobyte.String
	var hasSigned, hasUnsigned bool
	switch {
	case !body.ReadASN1Integer(&s.Version):
		return s, malformed("version")
	case !s.readIdentifier(&body):
		return s, malformed("identifier")
	case !body.ReadASN1Element(&digest, cbasn1.SEQUENCE):
		return s, malformed("digest algorithm")
	case !body.ReadOptionalASN1(&signed, &hasSigned, tagSigned):
		return s, malformed("signed attributes")
	case !body.ReadASN1Element(&algorithm, cbasn1.SEQUENCE):
		return s, malformed("signature algorithm")
	case !body.ReadASN1(&signature, cbasn1.OCTET_STRING):
		return s, malformed("signature")
	case !body.ReadOptionalASN1(&unsigned, &hasUnsigned, tagUnsigned) || !body.Empty():
		return s, malformed("unsigned attributes")
	case hasSigned && signed.Empty():
		return s, malformed("empty set of signed attributes")
	}
	s.rawDigest, s.rawSignature, s.Signature = digest, algorithm, signature
	s.SignedAttributes, s.UnsignedAttributes = signed, unsigned
	return s, nil
}

func (s *Signer) readIdentifier(body *cryptobyte.String) bool {
	var id, issuer cryptobyte.String
	whole := *body
	defer func() { s.rawID = whole[:len(whole)-len(*body)] }()
	if body.PeekASN1Tag(tagKeyID) {
		ok := body.ReadASN1(&id, tagKeyID) && len(id) > 0
		s.SubjectKeyID = id
		return ok
	}
	var serial cryptobyte.String
	if !body.ReadASN1(&id, cbasn1.SEQUENCE) || !id.ReadASN1Element(&issuer, cbasn1.SEQUENCE) ||
		!id.ReadASN1(&serial, cbasn1.INTEGER) || !id.Empty() {
		return false
	}
	s.RawIssuer = issuer
	s.Serial = cert.ParseSerial(serial)
	// X.690 §8.3.2: the first nine bits are not all alike.
	s.padded = len(serial) > 1 && (serial[0] == 0 && serial[1] < 0x80 || serial[0] == 0xff && serial[1] >= 0x80)
	return s.Serial != nil
}

// names reports whether the signer means this certificate (RFC 5652 §5.3).
func (s *Signer) names(c *cert.Certificate) bool {
	if s.SubjectKeyID != nil {
		return bytes.Equal(s.SubjectKeyID, c.KeyIdentifier())
	}
	return s.Serial.Cmp(c.Serial) == 0 && c.IssuedAs(s.RawIssuer)
}

// oddly says what is strange in how the signer names this certificate; empty
// when nothing is.
func (s *Signer) oddly(c *cert.Certificate) string {
	switch {
	case !s.names(c):
		return "the signer names another certificate than the one at hand"
	case s.SubjectKeyID != nil && c.SubjectKeyID == nil:
		return "the signer names a key identifier that the certificate leaves to be computed"
	case s.SubjectKeyID == nil && !bytes.Equal(s.RawIssuer, c.RawIssuer):
		return "the signer spells its issuer otherwise than the certificate does"
	case s.padded:
		return "the signer writes its serial number in more bytes than it takes"
	}
	return ""
}

// SignerCertificate finds the certificate that signer i names among the
// embedded ones, by its name or key identifier, never by position.
func (sd *SignedData) SignerCertificate(i int) (*cert.Certificate, bool) {
	if i < 0 || i >= len(sd.Signers) {
		return nil, false
	}
	for _, c := range sd.Certificates {
		if sd.Signers[i].names(c) {
			return c, true
		}
	}
	return nil, false
}

// algorithms reads what the signer used: the hash of the content, and the
// signature with its own hash.
func (s *Signer) algorithms() (digest crypto.Hash, signature cert.Algorithm, err error) {
	if digest, err = cert.ParseHash(s.rawDigest); err != nil {
		return 0, signature, fmt.Errorf("digest algorithm: %w", err)
	}
	signature, err = cert.ParseAlgorithm(s.rawSignature, digest)
	return digest, signature, err
}
