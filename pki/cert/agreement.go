package cert

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"cnie/internal/dh"
	"cnie/internal/ec"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Identifiers of the keys of Doc 9303-11 §9.5 and §9.6 beside those of certificates.
const (
	oidStandardised = "\x04\x00\x7f\x00\x07\x01\x02"         // 0.4.0.127.0.7.1.2, by number
	oidDHAgreement  = "\x2a\x86\x48\x86\xf7\x0d\x01\x03\x01" // 1.2.840.113549.1.3.1, PKCS #3
	oidDHPublic     = "\x2a\x86\x48\xce\x3e\x02\x01"         // 1.2.840.10046.2.1, X9.42
)

// AgreementKey is a chip's static public key: for Chip Authentication, and for
// PACE with chip authentication mapping on a curve. One of the two is set.
type AgreementKey struct {
	EC *ec.Point
	DH *dh.Element
}

// ParseAgreementKey reads the SubjectPublicKeyInfo of a key for key agreement,
// which no certificate holds: on a curve, or modulo a prime in the form of PKCS
// #3 or the X9.42 that some chips have instead (Doc 9303-11 §8.5, note 2). The
// group must be a known one as a whole. Errors wrap ErrMalformed or
// ErrUnsupported.
func ParseAgreementKey(der []byte) (AgreementKey, error) {
	in := cryptobyte.String(der)
	var body cryptobyte.String
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() {
		return AgreementKey{}, malformed("public key")
	}
	oid, params, ok := readAlgorithm(&body)
	var key []byte
	if !ok || !body.ReadASN1BitStringAsBytes(&key) || !body.Empty() {
		return AgreementKey{}, malformed("public key algorithm")
	}
	switch string(oid) {
	case oidEC:
		k, err := parseEC(key, params)
		return AgreementKey{EC: k.EC}, err
	case oidStandardised:
		return parseStandardised(key, params)
	case oidDHAgreement:
		g, err := dh.MatchPKCS3(params)
		return parseDH(key, g, err)
	case oidDHPublic:
		g, err := dh.MatchX942(params)
		return parseDH(key, g, err)
	}
	return AgreementKey{}, fmt.Errorf("key agreement algorithm %s: %w", oidText(oid), ErrUnsupported)
}

// parseStandardised reads a key whose group has a number. The bits of a key on a
// curve are the point; those of a number are a DER integer.
func parseStandardised(key []byte, params cryptobyte.String) (AgreementKey, error) {
	var id int
	if rest, err := asn1.Unmarshal(params, &id); err != nil || len(rest) > 0 || id < 0 {
		return AgreementKey{}, malformed("number of domain parameters")
	}
	if g, known := dh.ByParameterID(id); known {
		return parseDH(key, g, nil)
	}
	curve, known := ec.ByParameterID(id)
	if !known {
		return AgreementKey{}, fmt.Errorf("domain parameters %d: %w", id, ErrUnsupported)
	}
	p, err := curve.ParsePoint(key)
	if err != nil {
		return AgreementKey{}, fmt.Errorf("%w: elliptic-curve point: %w", ErrMalformed, err)
	}
	return AgreementKey{EC: p}, nil
}

func parseDH(key cryptobyte.String, g *dh.Group, err error) (AgreementKey, error) {
	if err != nil {
		return AgreementKey{}, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	y := new(big.Int)
	if !key.ReadASN1Integer(y) || !key.Empty() || y.Sign() <= 0 {
		return AgreementKey{}, malformed("Diffie-Hellman key")
	}
	e, err := g.ParseElement(y.Bytes())
	if err != nil {
		return AgreementKey{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return AgreementKey{DH: e}, nil
}

// Agree is the key agreement of Doc 9303-11 §9.6 with the other side's private
// key: the secret that session keys are derived from.
func (k AgreementKey) Agree(private []byte) ([]byte, error) {
	switch {
	case k.EC != nil:
		return ec.ECDH(private, k.EC)
	case k.DH != nil:
		return dh.Agree(private, k.DH)
	}
	return nil, errors.New("no key to agree with")
}
