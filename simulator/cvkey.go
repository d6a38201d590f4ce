package simulator

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	_ "crypto/sha256" // the hashes of table 7 and table 8
	_ "crypto/sha512"
	"math/big"

	"cnie/internal/ec"
)

// cvKey is the public key of a certificate and how signatures are made with it:
// ICAO 9303-11 §7.1.4.
type cvKey struct {
	hash  crypto.Hash
	pss   bool
	rsa   *rsa.PublicKey
	point *ec.Point // where rsa is nil
}

// terminalOID is id-TA without its last two arcs: the kind of key, and how it
// signs (ICAO 9303-11 §9.2.9). What TR-03110-3 §A.1.1.3 has with SHA-1 is refused.
var terminalOID = []byte{0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x02}

var (
	rsaSchemes = map[byte]cvKey{
		2: {hash: crypto.SHA256}, 4: {hash: crypto.SHA256, pss: true},
		5: {hash: crypto.SHA512}, 6: {hash: crypto.SHA512, pss: true},
	}
	curveSchemes = map[byte]cvKey{
		2: {hash: crypto.SHA224}, 3: {hash: crypto.SHA256}, 4: {hash: crypto.SHA384}, 5: {hash: crypto.SHA512},
	}
)

// parseCVKey reads the content of a public key template, ICAO 9303-11 §9.4.
func parseCVKey(b []byte, issuer *cvKey) (cvKey, bool) {
	oid, rest, ok := take(b, 0x06)
	scheme, is := bytes.CutPrefix(oid, terminalOID)
	if !ok || !is || len(scheme) != 2 {
		return cvKey{}, false
	}
	switch key, known := rsaSchemes[scheme[1]]; {
	case scheme[0] == 1 && known:
		key.rsa, known = parseRSA(rest)
		return key, known
	}
	key, known := curveSchemes[scheme[1]]
	if scheme[0] != 2 || !known {
		return cvKey{}, false
	}
	key.point, known = parseCVPoint(rest, issuer)
	return key, known
}

func parseRSA(b []byte) (*rsa.PublicKey, bool) {
	n, rest, first := take(b, 0x81)
	e, rest, second := take(rest, 0x82)
	if !first || !second || len(rest) > 0 || len(n) < 256 || len(n) > 512 || len(e) > 4 {
		return nil, false
	}
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	return key, key.E >= 3 && key.E < 1<<31 && key.E&1 == 1 && key.N.Bit(0) == 1
}

// parseCVPoint reads a point, between the domain parameters of its curve or alone.
func parseCVPoint(b []byte, issuer *cvKey) (*ec.Point, bool) {
	var curve *ec.Curve
	if issuer != nil && issuer.point != nil {
		curve = issuer.point.Curve()
	}
	if len(b) > 0 && b[0] == 0x81 {
		var parameters [5][]byte
		for i := range parameters {
			var ok bool
			if parameters[i], b, ok = take(b, 0x81+i); !ok {
				return nil, false
			}
		}
		curve = curveWith(parameters)
	}
	q, rest, ok := take(b, 0x86)
	if cofactor, after, there := take(rest, 0x87); there && bytes.Equal(cofactor, []byte{1}) {
		rest = after
	}
	if !ok || curve == nil || len(rest) > 0 || len(q) == 0 || q[0] != 0x04 {
		return nil, false
	}
	point, err := curve.ParsePoint(q)
	return point, err == nil
}

// curveWith finds the curve whose p, a, b, G and order these are.
func curveWith(parameters [5][]byte) *ec.Curve {
	for id := 8; id <= 18; id++ {
		curve, is := ec.ByParameterID(id)
		if !is {
			continue
		}
		p, a, b, _, _ := curve.Params()
		same := bytes.Equal(curve.Generator().Bytes(), parameters[3])
		for i, n := range map[int]*big.Int{0: p, 1: a, 2: b, 4: curve.Order()} {
			same = same && n.Cmp(new(big.Int).SetBytes(parameters[i])) == 0
		}
		if same {
			return curve
		}
	}
	return nil
}

// verify checks a signature: of RSA, or of ECDSA in the plain form r || s.
func (k *cvKey) verify(message, signature []byte) bool {
	h := k.hash.New()
	h.Write(message)
	digest := h.Sum(nil)
	switch {
	case k.rsa != nil && k.pss:
		return rsa.VerifyPSS(k.rsa, k.hash, digest, signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
	case k.rsa != nil:
		return rsa.VerifyPKCS1v15(k.rsa, k.hash, digest, signature) == nil
	}
	n := k.point.Curve().ScalarBytes()
	if len(signature) != 2*n {
		return false
	}
	r, s := new(big.Int).SetBytes(signature[:n]), new(big.Int).SetBytes(signature[n:])
	return ec.Verify(k.point, digest, r, s)
}
