package specimen

import (
	"cmp"
	"crypto"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"cnie/lds"
)

// SODOptions describes one EF.SOD.
type SODOptions struct {
	Hash            crypto.Hash // of the data groups; SHA-256 by default
	Version         int         // of the LDS security object: 0, or 1 with version strings
	SigningTime     time.Time   // zero: the attribute is left out
	ByKeyID         bool        // names the signer by SKI, not by issuer and serial number
	OmitCertificate bool
}

// SignSOD signs the hashes of the data groups among files and returns a whole
// EF.SOD, tag 77. ICAO 9303-10 §4.6.2.
func (s *Signer) SignSOD(files map[lds.File][]byte, o SODOptions) ([]byte, error) {
	return signSOD(files, o, s)
}

// signSOD takes the first signer's certificate along.
func signSOD(files map[lds.File][]byte, o SODOptions, signers ...*Signer) ([]byte, error) {
	o.Hash = cmp.Or(o.Hash, crypto.SHA256)
	if _, known := hashOIDs[o.Hash]; !known {
		return nil, fmt.Errorf("hash %v is not one that EF.SOD may use", o.Hash)
	}
	content, err := securityObject(files, o)
	if err != nil {
		return nil, err
	}
	var infos [][]byte
	for _, s := range signers {
		info, err := s.signerInfo(oidSecurityObject, content, o)
		if err != nil {
			return nil, fmt.Errorf("sign EF.SOD: %w", err)
		}
		infos = append(infos, info)
	}
	return der(lds.SOD.Tag(), signers[0].signedData(oidSecurityObject, content, o, infos...)), nil
}

// signedData wraps content and signers into CMS, RFC 5652 §5.1; version 3 because
// the content is not id-data.
func (s *Signer) signedData(of asn1.ObjectIdentifier, content []byte, o SODOptions, infos ...[]byte) []byte {
	parts := [][]byte{
		small(3),
		setOf(digestAlgorithm(s.key.Hash)),
		sequence(identifier(of), explicit(0, octets(content))),
	}
	if !o.OmitCertificate {
		parts = append(parts, explicit(0, s.Certificate))
	}
	parts = append(parts, setOf(infos...))
	return sequence(identifier(oidSignedData), explicit(0, sequence(parts...)))
}

func securityObject(files map[lds.File][]byte, o SODOptions) ([]byte, error) {
	var hashes [][]byte
	for f := lds.DG1; f <= lds.DG16; f++ {
		if content, ok := files[f]; ok {
			hashes = append(hashes, sequence(small(int(f)), octets(digest(o.Hash, content))))
		}
	}
	if len(hashes) == 0 {
		return nil, errors.New("EF.SOD needs at least one data group")
	}
	parts := [][]byte{small(o.Version), digestAlgorithm(o.Hash), sequence(hashes...)}
	if o.Version == 1 {
		parts = append(parts, sequence(text(tagPrintable, "0108"), text(tagPrintable, "040000")))
	}
	return sequence(parts...), nil
}

// signerInfo signs the attributes as a SET and stores them as [0], RFC 5652 §5.4.
func (s *Signer) signerInfo(of asn1.ObjectIdentifier, content []byte, o SODOptions) ([]byte, error) {
	attributes := setOf(s.attributes(of, content, o)...)
	signature, err := s.key.sign(attributes)
	if err != nil {
		return nil, err
	}
	version, signer := small(1), sequence(s.issuer, integer(s.Serial))
	if o.ByKeyID {
		version, signer = small(3), der(contextPrim, s.key.id())
	}
	attributes[0] = contextCons
	return sequence(version, signer, digestAlgorithm(s.key.Hash), attributes,
		s.key.algorithmIdentifier(), octets(signature)), nil
}

func (s *Signer) attributes(of asn1.ObjectIdentifier, content []byte, o SODOptions) [][]byte {
	list := [][]byte{
		signedAttribute(oidContentType, identifier(of)),
		signedAttribute(oidMessageDigest, octets(digest(s.key.Hash, content))),
	}
	if !o.SigningTime.IsZero() {
		list = append(list, signedAttribute(oidSigningTime, moment(o.SigningTime)))
	}
	return list
}

func signedAttribute(oid asn1.ObjectIdentifier, value []byte) []byte {
	return sequence(identifier(oid), setOf(value))
}
