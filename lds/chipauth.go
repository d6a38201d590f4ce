package lds

import (
	"encoding/asn1"
	"errors"

	"cnie/internal/kdf"
)

// ChipAuthenticationInfo announces Chip Authentication with the key KeyID, nil
// when the chip has only one. ICAO 9303-11 §9.2.5.
type ChipAuthenticationInfo struct {
	OID     asn1.ObjectIdentifier
	Version int
	KeyID   *int
}

// ChipProtocol is what the object identifier of a ChipAuthenticationInfo says.
type ChipProtocol struct {
	Agreement Agreement
	Cipher    kdf.Cipher
}

// Protocol reads the object identifier; false when it is not a known one.
func (c ChipAuthenticationInfo) Protocol() (ChipProtocol, bool) {
	if !under(c.OID, oidChipAuth, 2) {
		return ChipProtocol{}, false
	}
	agreement := agreementOf(c.OID[len(oidChipAuth)])
	cipher, ok := cipherOf(c.OID[len(oidChipAuth)+1])
	if !ok || agreement == 0 {
		return ChipProtocol{}, false
	}
	return ChipProtocol{agreement, cipher}, true
}

// OID gives the object identifier of the protocol; false when it has none.
func (p ChipProtocol) OID() (asn1.ObjectIdentifier, bool) {
	for c := range ciphers {
		oid := append(append(asn1.ObjectIdentifier{}, oidChipAuth...), int(p.Agreement), c)
		if got, ok := (ChipAuthenticationInfo{OID: oid}).Protocol(); ok && got == p {
			return oid, true
		}
	}
	return nil, false
}

type asn1ChipAuth struct {
	OID     asn1.ObjectIdentifier
	Version int
	KeyID   int `asn1:"optional,default:-1"`
}

func parseChipAuthenticationInfo(der []byte) (ChipAuthenticationInfo, error) {
	var raw asn1ChipAuth
	if err := unmarshal(der, &raw); err != nil {
		return ChipAuthenticationInfo{}, err
	}
	id, err := keyID(raw.KeyID)
	return ChipAuthenticationInfo{raw.OID, raw.Version, id}, err
}

func (c ChipAuthenticationInfo) encode() ([]byte, error) {
	return asn1.Marshal(asn1ChipAuth{c.OID, c.Version, number(c.KeyID)})
}

// ChipAuthenticationPublicKeyInfo holds the chip's static key as the DER of a
// SubjectPublicKeyInfo. ICAO 9303-11 §9.2.6.
type ChipAuthenticationPublicKeyInfo struct {
	OID                  asn1.ObjectIdentifier
	SubjectPublicKeyInfo []byte
	KeyID                *int
}

// Agreement says which kind of key it is, 0 when the object identifier is unknown.
func (c ChipAuthenticationPublicKeyInfo) Agreement() Agreement {
	if under(c.OID, oidPublicKey, 1) {
		return agreementOf(c.OID[len(oidPublicKey)])
	}
	return 0
}

// agreementOf is what an arc stands for, 0 for nothing known.
func agreementOf(arc int) Agreement {
	if arc == int(DH) || arc == int(ECDH) {
		return Agreement(arc)
	}
	return 0
}

// OIDPublicKey is the object identifier of a chip's static key for the agreement.
func OIDPublicKey(a Agreement) asn1.ObjectIdentifier {
	return append(append(asn1.ObjectIdentifier{}, oidPublicKey...), int(a))
}

type asn1ChipKey struct {
	OID   asn1.ObjectIdentifier
	Key   asn1.RawValue
	KeyID int `asn1:"optional,default:-1"`
}

func parseChipAuthenticationPublicKeyInfo(der []byte) (ChipAuthenticationPublicKeyInfo, error) {
	var raw asn1ChipKey
	if err := unmarshal(der, &raw); err != nil {
		return ChipAuthenticationPublicKeyInfo{}, err
	}
	id, err := keyID(raw.KeyID)
	return ChipAuthenticationPublicKeyInfo{raw.OID, raw.Key.FullBytes, id}, err
}

func (c ChipAuthenticationPublicKeyInfo) encode() ([]byte, error) {
	return asn1.Marshal(asn1ChipKey{c.OID, asn1.RawValue{FullBytes: c.SubjectPublicKeyInfo}, number(c.KeyID)})
}

// ActiveAuthenticationInfo says how the chip signs when its Active
// Authentication key is on an elliptic curve. ICAO 9303-11 §9.2.4.
type ActiveAuthenticationInfo struct {
	OID                asn1.ObjectIdentifier
	Version            int
	SignatureAlgorithm asn1.ObjectIdentifier
}

func parseActiveAuthenticationInfo(der []byte) (ActiveAuthenticationInfo, error) {
	var info ActiveAuthenticationInfo
	err := unmarshal(der, &info)
	return info, err
}

func (a ActiveAuthenticationInfo) encode() ([]byte, error) { return asn1.Marshal(a) }

// TerminalAuthenticationInfo announces Extended Access Control. Files, the DER
// of a FileID, is nil in most documents. BSI TR-03110-3 §A.1.1.3.
type TerminalAuthenticationInfo struct {
	OID     asn1.ObjectIdentifier
	Version int
	Files   []byte
}

type asn1TerminalAuth struct {
	OID     asn1.ObjectIdentifier
	Version int
	Files   asn1.RawValue `asn1:"optional"`
}

func parseTerminalAuthenticationInfo(der []byte) (TerminalAuthenticationInfo, error) {
	var raw asn1TerminalAuth
	err := unmarshal(der, &raw)
	return TerminalAuthenticationInfo{raw.OID, raw.Version, raw.Files.FullBytes}, err
}

func (t TerminalAuthenticationInfo) encode() ([]byte, error) {
	return asn1.Marshal(asn1TerminalAuth{t.OID, t.Version, asn1.RawValue{FullBytes: t.Files}})
}

// keyID turns the "absent" of the DER structs into nil.
func keyID(n int) (*int, error) {
	switch {
	case n == -1:
		return nil, nil
	case n < 0:
		return nil, errors.New("negative key identifier")
	}
	return &n, nil
}

func number(id *int) int {
	if id == nil {
		return -1
	}
	return *id
}
