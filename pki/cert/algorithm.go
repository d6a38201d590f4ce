package cert

import (
	"crypto"
	_ "crypto/sha1" // the hashes that documents in circulation are signed with
	_ "crypto/sha256"
	_ "crypto/sha512"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Kind is a signature scheme; the zero value is none.
type Kind uint8

const (
	RSAPKCS1 Kind = iota + 1
	RSAPSS
	ECDSA
)

func (k Kind) String() string {
	switch k {
	case RSAPKCS1:
		return "RSA PKCS#1 v1.5"
	case RSAPSS:
		return "RSA-PSS"
	case ECDSA:
		return "ECDSA"
	}
	return "unknown"
}

// Algorithm is a signature algorithm with all its parameters.
type Algorithm struct {
	Kind    Kind
	Hash    crypto.Hash
	MGFHash crypto.Hash // RSAPSS
	SaltLen int         // RSAPSS, bytes
	Plain   bool        // ECDSA as r || s (BSI TR-03111 §5.2.1), not as a DER sequence

	// Deviation says how the identifier was written against its standard;
	// empty when it was not.
	Deviation string
}

func (a Algorithm) String() string {
	if a.Kind == 0 {
		return a.Kind.String()
	}
	return a.Kind.String() + " with " + a.Hash.String()
}

// Digest hashes a message with the algorithm's hash function.
func (a Algorithm) Digest(message []byte) []byte {
	h := a.Hash.New()
	h.Write(message)
	return h.Sum(nil)
}

// same compares what is computed, not how it was written.
func (a Algorithm) same(b Algorithm) bool {
	a.Deviation, b.Deviation = "", ""
	return a == b
}

var signatures = map[string]Algorithm{
	"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05": {Kind: RSAPKCS1, Hash: crypto.SHA1},
	"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b": {Kind: RSAPKCS1, Hash: crypto.SHA256},
	"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c": {Kind: RSAPKCS1, Hash: crypto.SHA384},
	"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d": {Kind: RSAPKCS1, Hash: crypto.SHA512},
	"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e": {Kind: RSAPKCS1, Hash: crypto.SHA224},
	"\x2b\x0e\x03\x02\x1d":                 {Kind: RSAPKCS1, Hash: crypto.SHA1, Deviation: "obsolete OIW identifier of RSA with SHA-1"},
	"\x2a\x86\x48\xce\x3d\x04\x01":         {Kind: ECDSA, Hash: crypto.SHA1},
	"\x2a\x86\x48\xce\x3d\x04\x03\x01":     {Kind: ECDSA, Hash: crypto.SHA224},
	"\x2a\x86\x48\xce\x3d\x04\x03\x02":     {Kind: ECDSA, Hash: crypto.SHA256},
	"\x2a\x86\x48\xce\x3d\x04\x03\x03":     {Kind: ECDSA, Hash: crypto.SHA384},
	"\x2a\x86\x48\xce\x3d\x04\x03\x04":     {Kind: ECDSA, Hash: crypto.SHA512},
	oidBSIECDS + "\x01":                    {Kind: ECDSA, Hash: crypto.SHA1, Plain: true},
	oidBSIECDS + "\x02":                    {Kind: ECDSA, Hash: crypto.SHA224, Plain: true},
	oidBSIECDS + "\x03":                    {Kind: ECDSA, Hash: crypto.SHA256, Plain: true},
	oidBSIECDS + "\x04":                    {Kind: ECDSA, Hash: crypto.SHA384, Plain: true},
	oidBSIECDS + "\x05":                    {Kind: ECDSA, Hash: crypto.SHA512, Plain: true},
}

var hashes = map[string]crypto.Hash{
	"\x2b\x0e\x03\x02\x1a":                 crypto.SHA1,
	"\x60\x86\x48\x01\x65\x03\x04\x02\x04": crypto.SHA224,
	"\x60\x86\x48\x01\x65\x03\x04\x02\x01": crypto.SHA256,
	"\x60\x86\x48\x01\x65\x03\x04\x02\x02": crypto.SHA384,
	"\x60\x86\x48\x01\x65\x03\x04\x02\x03": crypto.SHA512,
}

// ParseAlgorithm reads a signature's AlgorithmIdentifier (RFC 5280 §4.1.1.2).
// Where the identifier names only a key type, as CMS allows for RSA, the hash
// is digest; pass 0 where that is not allowed. Errors wrap ErrMalformed or
// ErrUnsupported.
func ParseAlgorithm(der []byte, digest crypto.Hash) (Algorithm, error) {
	in := cryptobyte.String(der)
	oid, params, ok := readAlgorithm(&in)
	if !ok || !in.Empty() {
		return Algorithm{}, malformed("algorithm identifier")
	}
	if a, known := signatures[string(oid)]; known {
		return noteParameters(a, params), nil
	}
	switch string(oid) {
	case oidRSAPSS:
		return parsePSS(params)
	case oidRSA, oidEC:
		return keyTypeAlgorithm(oid, params, digest)
	}
	return Algorithm{}, fmt.Errorf("signature algorithm %s: %w", oidText(oid), ErrUnsupported)
}

// ParseHash reads the AlgorithmIdentifier of a hash function; parameters are
// absent or NULL (RFC 5754 §2).
func ParseHash(der []byte) (crypto.Hash, error) {
	in := cryptobyte.String(der)
	oid, params, ok := readAlgorithm(&in)
	if !ok || !in.Empty() || !absentOrNull(params) {
		return 0, malformed("hash algorithm identifier")
	}
	h, known := hashes[string(oid)]
	if !known {
		return 0, fmt.Errorf("hash algorithm %s: %w", oidText(oid), ErrUnsupported)
	}
	return h, nil
}

// readAlgorithm splits an AlgorithmIdentifier into the content octets of its
// OID and its parameters as one element, empty when absent.
func readAlgorithm(in *cryptobyte.String) (oid, params cryptobyte.String, ok bool) {
	var body cryptobyte.String
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !ReadOID(&body, &oid) {
		return nil, nil, false
	}
	if body.Empty() {
		return oid, nil, true
	}
	var tag cbasn1.Tag
	ok = body.ReadAnyASN1Element(&params, &tag) && body.Empty()
	return oid, params, ok
}

func absentOrNull(params []byte) bool { return len(params) == 0 || isNull(params) }

func isNull(params []byte) bool { return string(params) == "\x05\x00" }

// noteParameters records parameters where the standard wants none, or none
// where it wants NULL (RFC 4055 §5, RFC 5758 §3.2). They do not change what is
// computed.
func noteParameters(a Algorithm, params []byte) Algorithm {
	switch {
	case a.Kind == RSAPKCS1 && len(params) == 0:
		a.Deviation = "RSA signature algorithm without NULL parameters"
	case a.Kind == RSAPKCS1 && !isNull(params):
		a.Deviation = "RSA signature algorithm with parameters that mean nothing"
	case a.Kind == ECDSA && len(params) != 0:
		a.Deviation = "ECDSA signature algorithm with parameters"
	}
	return a
}

func keyTypeAlgorithm(oid, params []byte, digest crypto.Hash) (Algorithm, error) {
	if digest == 0 {
		return Algorithm{}, fmt.Errorf("signature algorithm %s names no hash: %w", oidText(oid), ErrUnsupported)
	}
	if string(oid) == oidRSA { // RFC 3370 §3.2
		return noteParameters(Algorithm{Kind: RSAPKCS1, Hash: digest}, params), nil
	}
	return Algorithm{Kind: ECDSA, Hash: digest, Deviation: "signature algorithm names a key type, not a signature"}, nil
}
