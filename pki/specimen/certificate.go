package specimen

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"
	"math/bits"
	"time"
)

// Organisation stands in every certificate's name.
const Organisation = "SPECIMEN - NOT A REAL ISSUER"

// template is a certificate before it is signed. ICAO 9303-12 §7.1 has the
// profile of both kinds that are made here.
type template struct {
	serial              *big.Int
	issuer, subject     []byte
	notBefore, notAfter time.Time
	useFrom, useUntil   time.Time
	keyUsage            x509.KeyUsage
	ca                  bool
	documentTypes       []string
	code                string // country as in the MRZ
	host                string
}

// sign makes the certificate, with more extensions than all have.
func (t template) sign(subject, issuer *key, more ...[]byte) ([]byte, error) {
	tbs := sequence(
		explicit(0, small(2)),
		integer(t.serial),
		issuer.algorithmIdentifier(),
		t.issuer,
		sequence(moment(t.notBefore), moment(t.notAfter)),
		t.subject,
		subject.spki(),
		explicit(3, sequence(append(t.extensions(subject, issuer), more...)...)),
	)
	signed, err := signed(tbs, issuer)
	if err != nil {
		return nil, fmt.Errorf("issue certificate: %w", err)
	}
	return signed, nil
}

// signed completes a certificate or a CRL: content, algorithm, signature.
func signed(tbs []byte, issuer *key) ([]byte, error) {
	signature, err := issuer.sign(tbs)
	if err != nil {
		return nil, err
	}
	return sequence(tbs, issuer.algorithmIdentifier(), bitString(signature)), nil
}

func (t template) extensions(subject, issuer *key) [][]byte {
	all := [][]byte{
		authorityKeyID(issuer),
		extension(oidSubjectKeyID, false, octets(subject.id())),
		extension(oidKeyUsage, true, namedBits(t.keyUsage)),
		// ICAO 9303-12 §7.1.1: how long the key signs, inside the validity.
		extension(oidPrivateKeyPeriod, false, sequence(
			text(contextPrim, generalized(t.useFrom)), text(contextPrim|1, generalized(t.useUntil)))),
		extension(oidSubjectAltName, false, t.alternativeNames()),
		extension(oidIssuerAltName, false, t.alternativeNames()),
		extension(oidCRLPoints, false, sequence(sequence(explicit(0, explicit(0,
			text(contextPrim|6, "http://"+t.host+"/csca.crl")))))),
	}
	if t.ca {
		all = append(all, extension(oidBasicConstraints, true, sequence(der(0x01, []byte{0xff}), small(0))))
	}
	if len(t.documentTypes) > 0 {
		all = append(all, extension(oidDocumentTypes, false, documentTypeList(t.documentTypes)))
	}
	return all
}

// alternativeNames carries the country as the MRZ writes it, ICAO 9303-12 §7.1.1.2.
func (t template) alternativeNames() []byte {
	return sequence(
		text(contextPrim|6, "http://"+t.host+"/"),
		explicit(4, sequence(attribute(oidLocality, tagPrintable, t.code))),
	)
}

func authorityKeyID(issuer *key) []byte {
	return extension(oidAuthorityKeyID, false, sequence(der(contextPrim, issuer.id())))
}

// documentTypeList says which documents the signer may sign; a single letter
// stands for all codes that begin with it, ICAO 9303-12 §7.1.1.6.
func documentTypeList(types []string) []byte {
	names := make([][]byte, len(types))
	for i, name := range types {
		names[i] = text(tagPrintable, name)
	}
	return sequence(small(0), setOf(names...))
}

func extension(oid asn1.ObjectIdentifier, critical bool, value []byte) []byte {
	if critical {
		return sequence(identifier(oid), der(0x01, []byte{0xff}), octets(value))
	}
	return sequence(identifier(oid), octets(value))
}

// namedBits encodes a named bit list without trailing zero bits (X.690 §11.2.2).
func namedBits(usage x509.KeyUsage) []byte {
	mirrored := bits.Reverse16(uint16(usage))
	value := []byte{byte(mirrored >> 8), byte(mirrored)}
	if value[1] == 0 {
		value = value[:1]
	}
	unused := bits.TrailingZeros8(value[len(value)-1])
	return der(tagBitString, []byte{byte(unused % 8)}, value)
}

// distinguishedName orders country, organisation and common name as issuers do.
func distinguishedName(country, common string) []byte {
	return sequence(
		attribute(oidCountryName, tagPrintable, country),
		attribute(oidOrganisation, tagUTF8, Organisation),
		attribute(oidCommonName, tagUTF8, common),
	)
}

func attribute(oid asn1.ObjectIdentifier, tag byte, value string) []byte {
	return setOf(sequence(identifier(oid), text(tag, value)))
}
