package cms

import (
	"encoding/asn1"
	"fmt"

	"cnie/pki/cert"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Bounds on what one message may carry. Master lists keep their certificates in
// the content, where these do not apply.
const (
	MaxSigners      = 16
	MaxCertificates = 64
	MaxCRLs         = 64
	maxDigests      = 64
)

// The context tags of SignedData and SignerInfo (RFC 5652 §5.1, §5.3).
const (
	tagExplicit0        = cbasn1.Tag(0xa0)
	tagCertificates     = cbasn1.Tag(0xa0)
	tagCRLs             = cbasn1.Tag(0xa1)
	tagAttribute1       = cbasn1.Tag(0xa1)
	tagAttribute2       = cbasn1.Tag(0xa2)
	tagOtherCertificate = cbasn1.Tag(0xa3)
	tagSigned           = cbasn1.Tag(0xa0)
	tagUnsigned         = cbasn1.Tag(0xa1)
	tagKeyID            = cbasn1.Tag(0x80)
)

const (
	oidSignedData = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" // 1.2.840.113549.1.7.2
	oidData       = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
)

// SignedData is one signed message. Slices point into the parsed input, or into
// its DER form where it came as BER.
type SignedData struct {
	Version     int // 1 to 5; RFC 5652 §5.1 says which goes with what
	ContentType asn1.ObjectIdentifier
	// Content is what was signed. In a detached signature it is nil; set it
	// before Verify, or use VerifyDigest.
	Content      []byte
	Detached     bool
	Certificates []*cert.Certificate
	CRLs         [][]byte // DER, unparsed
	OCSPs        [][]byte // OCSPResponse or BasicOCSPResponse in DER, unparsed (RFC 5940)
	Signers      []Signer
	Deviations   []string // what departs from RFC 5652, tolerated
	Unannounced  bool     // a signer's hash is not among the digest algorithms at the front

	contentType []byte // content octets of ContentType
	// The content of the three sets as they came.
	rawDigests, rawCertificates, rawCRLs []byte
	requires                             int   // the version that goes with what the message holds
	unreadable                           error // why an embedded certificate was left out
}

// Parse reads a ContentInfo that holds SignedData, BER or DER, without trailing
// bytes. Errors wrap ErrMalformed. An embedded certificate that cannot be read
// is left out and listed: if it is the signer's, Verify says so.
func Parse(ber []byte) (*SignedData, error) {
	der, changed, err := normalise(ber)
	if err != nil {
		return nil, fmt.Errorf("read BER: %w", err)
	}
	sd := &SignedData{requires: 1}
	if changed {
		sd.deviate("the message is BER, not DER")
	}
	in := cryptobyte.String(der)
	var info, oid, explicit, body cryptobyte.String
	if !in.ReadASN1(&info, cbasn1.SEQUENCE) || !in.Empty() || !cert.ReadOID(&info, &oid) {
		return nil, malformed("content info")
	}
	if string(oid) != oidSignedData {
		return nil, malformed("not signed data")
	}
	if !info.ReadASN1(&explicit, tagExplicit0) || !info.Empty() ||
		!explicit.ReadASN1(&body, cbasn1.SEQUENCE) || !explicit.Empty() {
		return nil, malformed("content info")
	}
	if err := sd.parse(body); err != nil {
		return nil, fmt.Errorf("parse signed data: %w", err)
	}
	return sd, nil
}

func (sd *SignedData) parse(body cryptobyte.String) error {
	var digests, certificates, crls, signers cryptobyte.String
	var hasCerts, hasCRLs bool
	switch {
	case !body.ReadASN1Integer(&sd.Version) || sd.Version < 1 || sd.Version > 5:
		return malformed("version")
	case !body.ReadASN1(&digests, cbasn1.SET):
		return malformed("digest algorithms")
	case !sd.readContent(&body):
		return malformed("content")
	case !body.ReadOptionalASN1(&certificates, &hasCerts, tagCertificates):
		return malformed("certificates")
	case !body.ReadOptionalASN1(&crls, &hasCRLs, tagCRLs):
		return malformed("revocation lists")
	case !body.ReadASN1(&signers, cbasn1.SET) || !body.Empty():
		return malformed("signers")
	}
	if err := sd.parseCertificates(certificates); err != nil {
		return err
	}
	if err := sd.parseCRLs(crls); err != nil {
		return err
	}
	if err := sd.parseSigners(signers); err != nil {
		return err
	}
	sd.compareVersions()
	return sd.compareDigests(digests)
}

// readContent reads EncapsulatedContentInfo (RFC 5652 §5.2).
func (sd *SignedData) readContent(body *cryptobyte.String) bool {
	var encap, oid, explicit, content cryptobyte.String
	if !body.ReadASN1(&encap, cbasn1.SEQUENCE) {
		return false
	}
	typed := encap
	if !cert.ReadOID(&encap, &oid) || !typed.ReadASN1ObjectIdentifier(&sd.ContentType) {
		return false
	}
	sd.contentType = oid
	if encap.Empty() {
		sd.Detached = true
		return true
	}
	ok := encap.ReadASN1(&explicit, tagExplicit0) && encap.Empty() &&
		explicit.ReadASN1(&content, cbasn1.OCTET_STRING) && explicit.Empty()
	sd.Content = content
	return ok
}
