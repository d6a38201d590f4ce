package lds

import (
	"encoding/asn1"
	"errors"
	"fmt"

	"cnie/internal/kdf"
)

// Object identifiers of the protocols, ICAO 9303-11 §9.2 and BSI TR-03110-3 §A.1.
var (
	OIDActiveAuth   = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 5}
	OIDTerminalAuth = asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 2, 2, 2}

	oidPublicKey = asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 2, 2, 1}
	oidChipAuth  = asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 2, 2, 3}
	oidPACE      = asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 2, 2, 4}
)

// Mapping is how PACE turns a nonce into a generator.
type Mapping uint8

// The mappings of ICAO 9303-11 §4.4.3.3. CAM is Generic Mapping that also
// authenticates the chip.
const (
	GM Mapping = iota + 1
	IM
	CAM
)

// String gives "GM", "IM" or "CAM".
func (m Mapping) String() string { return name(uint8(m), "GM", "IM", "CAM") }

// Agreement is the kind of group a key agreement runs in.
type Agreement uint8

// The two kinds of group.
const (
	DH Agreement = iota + 1
	ECDH
)

// String gives "DH" or "ECDH".
func (a Agreement) String() string { return name(uint8(a), "DH", "ECDH") }

func name(i uint8, names ...string) string {
	if i == 0 || int(i) > len(names) {
		return "unknown"
	}
	return names[i-1]
}

// ciphers are the last arc of a PACE or Chip Authentication identifier.
var ciphers = []kdf.Cipher{1: kdf.TDES, 2: kdf.AES128, 3: kdf.AES192, 4: kdf.AES256}

func cipherOf(arc int) (kdf.Cipher, bool) {
	if arc < 1 || arc >= len(ciphers) {
		return 0, false
	}
	return ciphers[arc], true
}

// PACEInfo announces one way to run PACE. ParameterID is -1 when absent.
type PACEInfo struct {
	OID         asn1.ObjectIdentifier
	Version     int
	ParameterID int
}

// PACEProtocol is what the object identifier of a PACEInfo says.
type PACEProtocol struct {
	Mapping   Mapping
	Agreement Agreement
	Cipher    kdf.Cipher
}

// paceMappings are the arcs below id-PACE; 5 was never assigned.
var paceMappings = map[int]PACEProtocol{
	1: {Mapping: GM, Agreement: DH},
	2: {Mapping: GM, Agreement: ECDH},
	3: {Mapping: IM, Agreement: DH},
	4: {Mapping: IM, Agreement: ECDH},
	6: {Mapping: CAM, Agreement: ECDH},
}

// Protocol reads the object identifier; false when it is none of ICAO 9303-11 §9.2.3.
func (p PACEInfo) Protocol() (PACEProtocol, bool) {
	if !under(p.OID, oidPACE, 2) {
		return PACEProtocol{}, false
	}
	protocol, known := paceMappings[p.OID[len(oidPACE)]]
	cipher, ok := cipherOf(p.OID[len(oidPACE)+1])
	// Chip Authentication Mapping was never given a 3DES variant.
	if !known || !ok || protocol.Mapping == CAM && cipher == kdf.TDES {
		return PACEProtocol{}, false
	}
	protocol.Cipher = cipher
	return protocol, true
}

// OID gives the object identifier of the protocol; false when it has none.
func (p PACEProtocol) OID() (asn1.ObjectIdentifier, bool) {
	for m, known := range paceMappings {
		for c := range ciphers {
			oid := append(append(asn1.ObjectIdentifier{}, oidPACE...), m, c)
			known.Cipher = ciphers[c]
			if got, ok := (PACEInfo{OID: oid}).Protocol(); ok && got == p {
				return oid, true
			}
		}
	}
	return nil, false
}

// String gives "PACE-ECDH-GM-AES-128".
func (p PACEProtocol) String() string {
	return fmt.Sprintf("PACE-%v-%v-%v", p.Agreement, p.Mapping, p.Cipher)
}

// Maps reports whether a chip's key is the one of a PACEInfo with chip
// authentication mapping: its identifier is that of the domain parameters. ICAO
// 9303-11 §9.2.1.
func (s SecurityInfos) Maps(key ChipAuthenticationPublicKeyInfo) bool {
	if key.KeyID == nil {
		return false
	}
	for _, info := range s.PACE {
		if protocol, known := info.Protocol(); known && protocol.Mapping == CAM && info.ParameterID == *key.KeyID {
			return true
		}
	}
	return false
}

type asn1PACEInfo struct {
	OID         asn1.ObjectIdentifier
	Version     int
	ParameterID int `asn1:"optional,default:-1"`
}

func parsePACEInfo(der []byte) (PACEInfo, error) {
	var raw asn1PACEInfo
	if err := unmarshal(der, &raw); err != nil {
		return PACEInfo{}, err
	}
	if raw.ParameterID < -1 {
		return PACEInfo{}, errors.New("negative parameter identifier")
	}
	return PACEInfo(raw), nil
}

// Encode gives the DER of this one element.
func (p PACEInfo) Encode() ([]byte, error) { return asn1.Marshal(asn1PACEInfo(p)) }

// PACEDomainParameterInfo carries domain parameters that are not standardised.
// Parameters is the DER of an AlgorithmIdentifier; ParameterID is -1 when absent.
type PACEDomainParameterInfo struct {
	OID         asn1.ObjectIdentifier
	Parameters  []byte
	ParameterID int
}

type asn1PACEParameters struct {
	OID         asn1.ObjectIdentifier
	Parameters  asn1.RawValue
	ParameterID int `asn1:"optional,default:-1"`
}

func parsePACEDomainParameterInfo(der []byte) (PACEDomainParameterInfo, error) {
	var raw asn1PACEParameters
	if err := unmarshal(der, &raw); err != nil {
		return PACEDomainParameterInfo{}, err
	}
	return PACEDomainParameterInfo{raw.OID, raw.Parameters.FullBytes, raw.ParameterID}, nil
}

func (p PACEDomainParameterInfo) encode() ([]byte, error) {
	return asn1.Marshal(asn1PACEParameters{p.OID, asn1.RawValue{FullBytes: p.Parameters}, p.ParameterID})
}
