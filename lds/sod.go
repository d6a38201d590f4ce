package lds

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"cnie/apdu/tlv"
)

// ParseSOD takes the wrapper, tag 77, off EF.SOD and returns the CMS message in
// it. What the message says is the business of pki/cms; its content goes to
// [ParseSecurityObject].
func ParseSOD(b []byte) (cms []byte, err error) {
	outer, err := tlv.One(b, tlv.Tag(SOD.Tag()))
	if err != nil {
		return nil, &FileError{SOD, err}
	}
	if len(outer.Value) == 0 {
		return nil, &FileError{SOD, errors.New("empty")}
	}
	return outer.Value, nil
}

// EncodeSOD puts the wrapper around a CMS message.
func EncodeSOD(cms []byte) []byte { return tlv.Encode(tlv.Tag(SOD.Tag()), cms) }

// SecurityObject is what the document signer signs: a hash of every data group.
// ICAO 9303-10 §4.6.2.
type SecurityObject struct {
	Version        int         // 0, or 1 when the version strings below are present
	Hash           crypto.Hash // SHA-1 (old documents) or SHA-2
	Hashes         map[File][]byte
	LDSVersion     string // "0107" or "1.7"; version 1 only
	UnicodeVersion string // "4.0.0"; version 1 only
}

// OIDSecurityObject is the content type of EF.SOD, id-icao-mrtd-security-ldsSecurityObject.
var OIDSecurityObject = asn1.ObjectIdentifier{2, 23, 136, 1, 1, 1}

var hashOIDs = map[crypto.Hash]asn1.ObjectIdentifier{
	crypto.SHA1:   {1, 3, 14, 3, 2, 26},
	crypto.SHA224: {2, 16, 840, 1, 101, 3, 4, 2, 4},
	crypto.SHA256: {2, 16, 840, 1, 101, 3, 4, 2, 1},
	crypto.SHA384: {2, 16, 840, 1, 101, 3, 4, 2, 2},
	crypto.SHA512: {2, 16, 840, 1, 101, 3, 4, 2, 3},
}

type asn1SecurityObject struct {
	Version  int
	Hash     asn1Algorithm
	Hashes   []asn1Hash
	Versions asn1Versions `asn1:"optional"`
}

type asn1Algorithm struct {
	OID        asn1.ObjectIdentifier
	Parameters asn1.RawValue `asn1:"optional"`
}

type asn1Hash struct {
	Number int
	Value  []byte
}

type asn1Versions struct {
	LDS     string `asn1:"printable"`
	Unicode string `asn1:"printable"`
}

// ParseSecurityObject parses the signed content of EF.SOD.
func ParseSecurityObject(der []byte) (SecurityObject, error) {
	s, err := parseSecurityObject(der)
	return s, fileError(SOD, err)
}

func parseSecurityObject(der []byte) (SecurityObject, error) {
	in := cryptobyte.String(der)
	var body, algorithm, list cryptobyte.String
	var s SecurityObject
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() || !body.ReadASN1Integer(&s.Version) ||
		!body.ReadASN1(&algorithm, cbasn1.SEQUENCE) || !body.ReadASN1(&list, cbasn1.SEQUENCE) {
		return SecurityObject{}, errSecurityObject
	}
	if s.Version != 0 && s.Version != 1 {
		return SecurityObject{}, fmt.Errorf("LDS security object of unknown version %d", s.Version)
	}
	var err error
	if s.Hash, err = parseHash(algorithm); err != nil {
		return SecurityObject{}, err
	}
	if !body.Empty() && !s.readVersions(&body) {
		return SecurityObject{}, errSecurityObject
	}
	s.Hashes, err = readHashes(list, s.Hash)
	return s, err
}

var errSecurityObject = errors.New("LDS security object is not the DER it should be")

// readVersions reads LDSVersionInfo, which version 1 ends with.
func (s *SecurityObject) readVersions(body *cryptobyte.String) bool {
	var versions, lds, unicode cryptobyte.String
	ok := body.ReadASN1(&versions, cbasn1.SEQUENCE) && body.Empty() &&
		versions.ReadASN1(&lds, cbasn1.PrintableString) && versions.ReadASN1(&unicode, cbasn1.PrintableString) && versions.Empty()
	s.LDSVersion, s.UnicodeVersion = string(lds), string(unicode)
	return ok && printable(s.LDSVersion) && printable(s.UnicodeVersion)
}

// printable reports whether s is what its ASN.1 type says, X.680 §41.4.
func printable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		return !letter && !strings.ContainsRune("0123456789 '()+,-./:=?", r)
	}) < 0
}

func parseHash(algorithm cryptobyte.String) (crypto.Hash, error) {
	var oid asn1.ObjectIdentifier
	if !algorithm.ReadASN1ObjectIdentifier(&oid) {
		return 0, errSecurityObject
	}
	hash, ok := hashByOID(oid)
	if !ok {
		return 0, fmt.Errorf("unknown hash algorithm %v", oid)
	}
	if len(algorithm) > 0 && !bytes.Equal(algorithm, asn1.NullBytes) {
		return 0, errors.New("hash algorithm with parameters")
	}
	return hash, nil
}

// readHashes reads the list of data group numbers and hashes.
func readHashes(list cryptobyte.String, hash crypto.Hash) (map[File][]byte, error) {
	all := make([]asn1Hash, 0, 16)
	for !list.Empty() {
		var entry, value cryptobyte.String
		var number int
		if len(all) == 64 || !list.ReadASN1(&entry, cbasn1.SEQUENCE) || !entry.ReadASN1Integer(&number) ||
			!entry.ReadASN1(&value, cbasn1.OCTET_STRING) || !entry.Empty() {
			return nil, errSecurityObject
		}
		all = append(all, asn1Hash{number, value})
	}
	return collectHashes(all, hash)
}

func collectHashes(list []asn1Hash, hash crypto.Hash) (map[File][]byte, error) {
	hashes := make(map[File][]byte, min(len(list), 16))
	for _, h := range list {
		switch f := File(h.Number); {
		case h.Number < 1 || h.Number > 16:
			return nil, fmt.Errorf("hash of a data group numbered %d", h.Number)
		case hashes[f] != nil:
			// Two hashes for one group would let a reader pick the wrong one.
			return nil, fmt.Errorf("two hashes for %v", f)
		case len(h.Value) != hash.Size():
			return nil, fmt.Errorf("hash of %v has %d bytes, %v gives %d", f, len(h.Value), hash, hash.Size())
		default:
			hashes[f] = h.Value
		}
	}
	if len(hashes) == 0 {
		return nil, errors.New("LDS security object without hashes")
	}
	return hashes, nil
}

// Files lists the data groups that have a hash, in ascending order.
func (s SecurityObject) Files() []File { return slices.Sorted(maps.Keys(s.Hashes)) }

// Encode gives the DER that goes into EF.SOD's signed content. Parameters of the
// hash algorithm are NULL for SHA-1 and absent for SHA-2 (RFC 3370, RFC 5754).
func (s SecurityObject) Encode() ([]byte, error) {
	oid, ok := hashOIDs[s.Hash]
	if !ok {
		return nil, &FileError{SOD, fmt.Errorf("no identifier for hash %v", s.Hash)}
	}
	raw := asn1SecurityObject{
		Version: s.Version, Hash: asn1Algorithm{OID: oid},
		Versions: asn1Versions{LDS: s.LDSVersion, Unicode: s.UnicodeVersion},
	}
	if s.Hash == crypto.SHA1 {
		raw.Hash.Parameters = asn1.NullRawValue
	}
	for _, f := range s.Files() {
		raw.Hashes = append(raw.Hashes, asn1Hash{Number: int(f), Value: s.Hashes[f]})
	}
	if _, err := collectHashes(raw.Hashes, s.Hash); err != nil {
		return nil, &FileError{SOD, err}
	}
	der, err := asn1.Marshal(raw)
	return der, fileError(SOD, err)
}

func hashByOID(oid asn1.ObjectIdentifier) (crypto.Hash, bool) {
	for hash, known := range hashOIDs {
		if oid.Equal(known) {
			return hash, true
		}
	}
	return 0, false
}
