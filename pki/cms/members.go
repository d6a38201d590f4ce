package cms

import (
	"bytes"
	"fmt"
	"slices"

	"cnie/pki/cert"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

func (sd *SignedData) parseCertificates(set cryptobyte.String) error {
	sd.rawCertificates = set
	for i := 0; !set.Empty(); i++ {
		var raw cryptobyte.String
		var tag cbasn1.Tag
		if i == MaxCertificates {
			return malformed(fmt.Sprintf("more than %d certificates", MaxCertificates))
		}
		if !set.ReadAnyASN1Element(&raw, &tag) {
			return malformed("certificates")
		}
		if tag != cbasn1.SEQUENCE { // attribute certificates and other kinds
			sd.requires = max(sd.requires, versionFor[tag])
			sd.deviate("entry %d of the certificates is of another kind", i)
			continue
		}
		c, err := cert.Parse(raw)
		if err != nil {
			sd.deviate("certificate %d was left out: %v", i, err)
			sd.unreadable = err
			continue
		}
		sd.Certificates = append(sd.Certificates, c)
	}
	return nil
}

func (sd *SignedData) parseCRLs(set cryptobyte.String) error {
	sd.rawCRLs = set
	for i := 0; !set.Empty(); i++ {
		var raw cryptobyte.String
		var tag cbasn1.Tag
		if i == MaxCRLs {
			return malformed(fmt.Sprintf("more than %d revocation lists", MaxCRLs))
		}
		if !set.ReadAnyASN1Element(&raw, &tag) {
			return malformed("revocation lists")
		}
		if tag == cbasn1.SEQUENCE {
			sd.CRLs = append(sd.CRLs, raw)
			continue
		}
		sd.requires = 5
		if response, ok := otherRevocation(raw); ok {
			sd.OCSPs = append(sd.OCSPs, response)
			continue
		}
		sd.deviate("entry %d of the revocation lists is of another kind", i)
	}
	return nil
}

func (sd *SignedData) parseSigners(set cryptobyte.String) error {
	for !set.Empty() {
		var body cryptobyte.String
		if len(sd.Signers) == MaxSigners {
			return malformed(fmt.Sprintf("more than %d signers", MaxSigners))
		}
		if !set.ReadASN1(&body, cbasn1.SEQUENCE) {
			return malformed("signers")
		}
		s, err := parseSigner(body)
		if err != nil {
			return fmt.Errorf("signer %d: %w", len(sd.Signers), err)
		}
		sd.Signers = append(sd.Signers, s)
	}
	return nil
}

// compareDigests checks that each signer's hash is announced at the front, as
// RFC 5652 §5.1 asks. It is no more than a hint to those who stream.
func (sd *SignedData) compareDigests(set cryptobyte.String) error {
	var announced [][]byte
	sd.rawDigests = set
	for !set.Empty() {
		var raw cryptobyte.String
		if len(announced) == maxDigests || !set.ReadASN1Element(&raw, cbasn1.SEQUENCE) {
			return malformed("digest algorithms")
		}
		announced = append(announced, algorithmOID(raw))
	}
	for i, s := range sd.Signers {
		known := func(oid []byte) bool { return bytes.Equal(oid, algorithmOID(s.rawDigest)) }
		if !slices.ContainsFunc(announced, known) {
			sd.Unannounced = true
			sd.deviate("digest algorithm of signer %d is not announced", i)
		}
	}
	return nil
}

// versionFor is the version that kinds of certificate call for: attribute
// certificates of version 1 and 2, and other kinds (RFC 5652 §5.1, §10.2.2).
var versionFor = map[cbasn1.Tag]int{tagAttribute1: 3, tagAttribute2: 4, tagOtherCertificate: 5}

// compareVersions lists version numbers that contradict what the message holds
// (RFC 5652 §5.1, §5.3). No signature covers them.
func (sd *SignedData) compareVersions() {
	if string(sd.contentType) != oidData {
		sd.requires = max(sd.requires, 3)
	}
	for i, s := range sd.Signers {
		version := 1
		if s.SubjectKeyID != nil {
			version = 3
		}
		sd.requires = max(sd.requires, version)
		if s.Version != version {
			sd.deviate("signer %d has version %d instead of %d", i, s.Version, version)
		}
	}
	if sd.Version != sd.requires {
		sd.deviate("the message has version %d instead of %d", sd.Version, sd.requires)
	}
}

// algorithmOID is the content of the OID of an AlgorithmIdentifier, nil when
// there is none.
func algorithmOID(der cryptobyte.String) []byte {
	var body, oid cryptobyte.String
	if !der.ReadASN1(&body, cbasn1.SEQUENCE) || !cert.ReadOID(&body, &oid) {
		return nil
	}
	return oid
}

func (sd *SignedData) deviate(format string, args ...any) {
	sd.Deviations = append(sd.Deviations, fmt.Sprintf(format, args...))
}
