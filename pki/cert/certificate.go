package cert

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Bounds on what is parsed. The largest country signer in circulation has
// under 3 KB.
const (
	maxCertificate = 64 << 10
	maxExtensions  = 64
	maxEntries     = 64 // list items inside one extension
	maxSerial      = 64 // bytes; RFC 5280 §4.1.2.2 allows 20
)

// Certificate is one X.509 certificate. Slices point into the parsed input.
type Certificate struct {
	Raw, RawTBS, RawSubject, RawIssuer, RawSPKI []byte

	Version            int // 1 to 3
	Serial             *big.Int
	Subject, Issuer    Name
	NotBefore          time.Time
	NotAfter           time.Time
	PublicKey          PublicKey
	SignatureAlgorithm Algorithm // zero Kind when not known here
	Signature          []byte

	SubjectKeyID          []byte
	AuthorityKeyID        []byte
	HasBasicConstraints   bool
	IsCA                  bool
	MaxPathLen            int           // -1: no limit given
	KeyUsage              x509.KeyUsage // 0: absent
	ExtKeyUsage           []asn1.ObjectIdentifier
	DocumentTypes         []string // MRZ document codes, Doc 9303-12 §7.1
	PrivateKeyUsage       *Period
	CRLDistributionPoints []string
	SubjectAltCountry     string // L= of the alternative name's directoryName: the state as in the MRZ
	IssuerAltCountry      string
	NameChange            bool // a link certificate across a change of the issuer's name

	Deviations      []string // what departs from RFC 5280, tolerated
	UnknownCritical []asn1.ObjectIdentifier
}

// Period is a span of time; an end that is not given is the zero time.
type Period struct{ NotBefore, NotAfter time.Time }

// Parse reads one DER certificate (RFC 5280 §4.1) without trailing bytes.
// Errors wrap ErrMalformed. Signature algorithms and keys not known here are
// deviations: such a certificate can be shown, but verifies nothing.
func Parse(der []byte) (*Certificate, error) {
	in := cryptobyte.String(der)
	var body, tbs, algorithm cryptobyte.String
	c := &Certificate{Raw: der, MaxPathLen: -1}
	switch {
	case len(der) > maxCertificate:
		return nil, malformed("certificate too large")
	case !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty():
		return nil, malformed("certificate")
	case !body.ReadASN1Element(&tbs, cbasn1.SEQUENCE):
		return nil, malformed("to-be-signed certificate")
	case !body.ReadASN1Element(&algorithm, cbasn1.SEQUENCE):
		return nil, malformed("signature algorithm")
	case !body.ReadASN1BitStringAsBytes(&c.Signature) || !body.Empty():
		return nil, malformed("signature bits")
	}
	c.RawTBS = tbs
	if err := c.parseTBS(tbs, algorithm); err != nil {
		return nil, fmt.Errorf("parse certificate: %w", err)
	}
	return c, nil
}

func (c *Certificate) parseTBS(tbs, outer cryptobyte.String) error {
	var body, inner, validity, extensions cryptobyte.String
	var present bool
	tbs.ReadASN1(&body, cbasn1.SEQUENCE) // its tag and length were read before
	if err := c.readVersionAndSerial(&body); err != nil {
		return err
	}
	switch {
	case !body.ReadASN1Element(&inner, cbasn1.SEQUENCE):
		return malformed("inner signature algorithm")
	case !readName(&body, &c.RawIssuer, &c.Issuer):
		return malformed("issuer")
	case !body.ReadASN1(&validity, cbasn1.SEQUENCE) || !c.readValidity(validity):
		return malformed("validity")
	case !readName(&body, &c.RawSubject, &c.Subject):
		return malformed("subject")
	case !body.ReadASN1Element((*cryptobyte.String)(&c.RawSPKI), cbasn1.SEQUENCE):
		return malformed("public key")
	case !c.skipUniqueIDs(&body):
		return malformed("unique identifier")
	case !body.ReadOptionalASN1(&extensions, &present, extensionsTag) || !body.Empty():
		return malformed("extensions")
	}
	if c.Issuer.noise || c.Subject.noise {
		c.deviate("a name holds what is not text of its kind")
	}
	if err := c.resolveAlgorithms(outer, inner); err != nil {
		return err
	}
	if !present {
		return nil
	}
	return c.parseExtensions(extensions)
}

func (c *Certificate) readValidity(in cryptobyte.String) bool {
	if oddTimes(in) {
		c.deviate("its validity is not written as RFC 5280 §4.1.2.5 asks")
	}
	return readTime(&in, &c.NotBefore) && readTime(&in, &c.NotAfter) && in.Empty()
}

// skipUniqueIDs leaves out what RFC 5280 §4.1.2.8 says not to write.
func (c *Certificate) skipUniqueIDs(body *cryptobyte.String) bool {
	if body.PeekASN1Tag(issuerUniqueIDTag) || body.PeekASN1Tag(subjectUniqueIDTag) {
		c.deviate("has a unique identifier, which was left out")
	}
	return body.SkipOptionalASN1(issuerUniqueIDTag) && body.SkipOptionalASN1(subjectUniqueIDTag)
}

func (c *Certificate) readVersionAndSerial(body *cryptobyte.String) error {
	version := 0
	var serial cryptobyte.String
	if !readOptionalInt(body, contextConstructed0, &version) || version < 0 || version > 2 {
		return malformed("version")
	}
	c.Version = version + 1
	if !body.ReadASN1(&serial, cbasn1.INTEGER) || len(serial) == 0 || len(serial) > maxSerial {
		return malformed("serial number")
	}
	var minimal bool
	c.Serial, minimal = readInteger(serial)
	if !minimal {
		c.deviate("serial number is not encoded in the fewest bytes")
	}
	if c.Serial.Sign() <= 0 {
		c.deviate("serial number is not positive")
	}
	if len(serial) > 20 {
		c.deviate("serial number is longer than 20 bytes")
	}
	return nil
}

// resolveAlgorithms reads the signature algorithm, which stands in the
// certificate twice and must mean the same both times (RFC 5280 §4.1.1.2), and
// the public key.
func (c *Certificate) resolveAlgorithms(outer, inner []byte) error {
	alg, err := bothAlgorithms(outer, inner)
	if err := c.tolerateUnsupported(err); err != nil {
		return err
	}
	c.SignatureAlgorithm = alg
	if alg.Deviation != "" {
		c.deviate("%s", alg.Deviation)
	}
	key, err := ParseSPKI(c.RawSPKI)
	if err := c.tolerateUnsupported(err); err != nil {
		return err
	}
	c.PublicKey = key
	c.Deviations = append(c.Deviations, key.deviations...)
	return nil
}

// bothAlgorithms compares the signed and the unsigned copy of the identifier.
func bothAlgorithms(outer, inner []byte) (Algorithm, error) {
	alg, err := ParseAlgorithm(outer, 0)
	if err != nil || string(outer) == string(inner) {
		return alg, err
	}
	signed, err := ParseAlgorithm(inner, 0)
	if err != nil {
		return Algorithm{}, err
	}
	if !signed.same(alg) {
		return Algorithm{}, malformed("inner and outer signature algorithm differ")
	}
	alg.Deviation = "inner and outer signature algorithm are written differently"
	return alg, nil
}

func (c *Certificate) tolerateUnsupported(err error) error {
	if errors.Is(err, ErrUnsupported) {
		c.deviate("%v", err)
		return nil
	}
	return err
}

func (c *Certificate) deviate(format string, args ...any) {
	c.Deviations = append(c.Deviations, fmt.Sprintf(format, args...))
}
