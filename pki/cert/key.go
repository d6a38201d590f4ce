package cert

import (
	"bytes"
	"crypto/rsa"
	"fmt"
	"math/big"

	"cnie/internal/ec"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Bounds of RSA keys. Country signers in circulation have 2048 to 6144 bits;
// Active Authentication keys go down to 1024.
const (
	minRSABits = 1024
	maxRSABits = 8192
)

// PublicKey is an RSA or an elliptic-curve key; exactly one of RSA and EC is
// set, or neither when the certificate's key is of a kind not known here.
type PublicKey struct {
	RSA      *rsa.PublicKey
	EC       *ec.Point
	Explicit bool       // the curve was written out, and equals a known one as a whole
	PSS      *Algorithm // key for RSASSA-PSS alone; Hash is 0 when it leaves the parameters open

	deviations []string
}

// ParseSPKI reads a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7). Errors wrap
// ErrMalformed, or ErrUnsupported for kinds of key and named curves not known
// here. Explicit parameters that equal no known curve are malformed.
func ParseSPKI(der []byte) (PublicKey, error) {
	in := cryptobyte.String(der)
	var body cryptobyte.String
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() {
		return PublicKey{}, malformed("public key")
	}
	oid, params, ok := readAlgorithm(&body)
	if !ok {
		return PublicKey{}, malformed("public key algorithm")
	}
	var key []byte
	if !body.ReadASN1BitStringAsBytes(&key) || !body.Empty() {
		return PublicKey{}, malformed("public key bits")
	}
	switch string(oid) {
	case oidRSA:
		return parseRSA(key, params)
	case oidRSAPSS:
		return parseRSAPSSKey(key, params)
	case oidEC:
		return parseEC(key, params)
	}
	return PublicKey{}, fmt.Errorf("public key algorithm %s: %w", oidText(oid), ErrUnsupported)
}

func parseRSA(key, params []byte) (PublicKey, error) {
	pub, err := readRSAKey(key)
	if err != nil {
		return PublicKey{}, err
	}
	k := PublicKey{RSA: pub}
	if len(params) == 0 { // RFC 3279 §2.3.1 wants NULL
		k.deviations = append(k.deviations, "RSA public key without NULL parameters")
	} else if !isNull(params) {
		k.deviations = append(k.deviations, "RSA public key with parameters that mean nothing")
	}
	return k, nil
}

// parseRSAPSSKey reads a key that may make RSA-PSS signatures alone
// (RFC 4055 §1.2); its parameters, when present, bind the signature's.
func parseRSAPSSKey(key []byte, params cryptobyte.String) (PublicKey, error) {
	pub, err := readRSAKey(key)
	if err != nil {
		return PublicKey{}, err
	}
	k := PublicKey{RSA: pub, PSS: &Algorithm{Kind: RSAPSS}}
	if len(params) != 0 {
		restriction, err := parsePSS(params)
		if err != nil {
			return PublicKey{}, err
		}
		k.PSS = &restriction
	}
	return k, nil
}

func readRSAKey(key cryptobyte.String) (*rsa.PublicKey, error) {
	var body cryptobyte.String
	n := new(big.Int)
	var e int64
	if !key.ReadASN1(&body, cbasn1.SEQUENCE) || !key.Empty() || !body.ReadASN1Integer(n) ||
		!body.ReadASN1Integer(&e) || !body.Empty() {
		return nil, malformed("RSA public key")
	}
	if n.Sign() <= 0 || n.Bit(0) == 0 || n.BitLen() < minRSABits || n.BitLen() > maxRSABits {
		return nil, malformed("RSA modulus out of bounds")
	}
	if e < 3 || e > 1<<31-1 || e&1 == 0 {
		return nil, malformed("RSA exponent out of bounds")
	}
	return &rsa.PublicKey{N: n, E: int(e)}, nil
}

func parseEC(key []byte, params cryptobyte.String) (PublicKey, error) {
	curve, explicit, err := readCurve(params)
	if err != nil {
		return PublicKey{}, err
	}
	point, err := curve.ParsePoint(key)
	if err != nil {
		return PublicKey{}, fmt.Errorf("%w: elliptic-curve point: %w", ErrMalformed, err)
	}
	k := PublicKey{EC: point, Explicit: explicit}
	if explicit { // Doc 9303-12 wants them so, RFC 5480 §2.1.1 forbids it
		k.deviations = append(k.deviations, "curve written out as explicit parameters, equal to "+curve.Name())
	}
	return k, nil
}

func readCurve(params cryptobyte.String) (*ec.Curve, bool, error) {
	if params.PeekASN1Tag(cbasn1.SEQUENCE) {
		curve, err := ec.MatchExplicit(params)
		if err != nil {
			return nil, true, fmt.Errorf("%w: curve parameters: %w", ErrMalformed, err)
		}
		return curve, true, nil
	}
	var oid cryptobyte.String
	if !ReadOID(&params, &oid) || !params.Empty() {
		return nil, false, malformed("elliptic-curve parameters")
	}
	curve, known := ec.ByOID(decodeOID(oid))
	if !known {
		return nil, false, fmt.Errorf("curve %s: %w", oidText(oid), ErrUnsupported)
	}
	return curve, false, nil
}

// Equal reports whether both are the same key, however written.
func (k PublicKey) Equal(other PublicKey) bool {
	switch {
	case k.RSA != nil && other.RSA != nil:
		return k.RSA.Equal(other.RSA)
	case k.EC != nil && other.EC != nil:
		return k.EC.Curve() == other.EC.Curve() && bytes.Equal(k.EC.Bytes(), other.EC.Bytes())
	}
	return false
}
