package cvca

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	_ "crypto/sha256" // the hashes that certificates are signed with
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"

	"cnie/internal/ec"
	"cnie/pki/specimen"
)

// Key is a kind of key and the way it signs. Exactly one of Curve and RSA is set.
type Key struct {
	Curve *ec.Curve
	RSA   int  // modulus bits
	PSS   bool // RSASSA-PSS; PKCS #1 v1.5 otherwise, as TR-03110-3 has it besides
	Hash  crypto.Hash
}

// pair is a private key that remembers how it signs.
type pair struct {
	Key
	scalar []byte
	point  []byte // 04 || x || y
	rsa    *rsa.PrivateKey
}

func (k Key) pair(labels ...string) (*pair, error) {
	if _, known := k.oid(); !known || (k.Curve == nil) == (k.RSA == 0) {
		return nil, fmt.Errorf("no terminal signs with %+v", k)
	}
	p := &pair{Key: k}
	if k.RSA != 0 {
		var err error
		p.rsa, err = specimen.RSA(k.RSA, labels...)
		return p, err
	}
	p.scalar = specimen.Scalar(k.Curve, labels...)
	public, err := k.Curve.Generator().Mul(p.scalar)
	if err != nil {
		return nil, fmt.Errorf("derive public key: %w", err)
	}
	p.point = public.Bytes()
	return p, nil
}

// Arcs under id-TA, ICAO 9303-11 §9.2.9 and TR-03110-3 §A.1.1.3.
var (
	ecdsaArcs = map[crypto.Hash]byte{crypto.SHA224: 2, crypto.SHA256: 3, crypto.SHA384: 4, crypto.SHA512: 5}
	pssArcs   = map[crypto.Hash]byte{crypto.SHA256: 4, crypto.SHA512: 6}
	plainArcs = map[crypto.Hash]byte{crypto.SHA256: 2, crypto.SHA512: 5}
)

// oid is the content of the object identifier of a key.
func (k Key) oid() ([]byte, bool) {
	kind, arcs := byte(2), ecdsaArcs
	if k.RSA != 0 {
		kind, arcs = 1, plainArcs
		if k.PSS {
			arcs = pssArcs
		}
	}
	arc, known := arcs[k.Hash]
	return []byte{0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x02, kind, arc}, known
}

// template is the public key object, with its domain parameters where the
// certificate has to tell them (ICAO 9303-12 §7.2.3.2.2).
func (p *pair) template(parameters bool) []byte {
	oid, _ := p.oid()
	parts := [][]byte{object(0x06, oid)}
	switch {
	case p.rsa != nil:
		parts = append(parts, object(0x81, p.rsa.N.Bytes()), object(0x82, big.NewInt(int64(p.rsa.E)).Bytes()))
	case parameters:
		prime, a, b, _, _ := p.Curve.Params()
		parts = append(parts, object(0x81, prime.Bytes()), object(0x82, a.Bytes()), object(0x83, b.Bytes()),
			object(0x84, p.Curve.Generator().Bytes()), object(0x85, p.Curve.Order().Bytes()), object(0x86, p.point), object(0x87, []byte{1}))
	default:
		parts = append(parts, object(0x86, p.point))
	}
	return object(0x7F49, bytes.Join(parts, nil))
}

// sign makes a signature in the form that card verifiable certificates have:
// ECDSA's two numbers side by side, BSI TR-03111 §5.2.1.
func (p *pair) sign(message []byte) ([]byte, error) {
	h := p.Hash.New()
	h.Write(message)
	digest := h.Sum(nil)
	switch {
	case p.rsa != nil && p.PSS:
		salt := bytes.NewReader(digest) // as long as the hash, and the same at every time
		return rsa.SignPSS(salt, p.rsa, p.Hash, digest, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	case p.rsa != nil:
		return rsa.SignPKCS1v15(nil, p.rsa, p.Hash, digest)
	}
	r, s, err := ec.Sign(p.Curve, p.scalar, digest)
	if err != nil {
		return nil, err
	}
	size := p.Curve.ScalarBytes()
	signature := make([]byte, 2*size)
	r.FillBytes(signature[:size])
	s.FillBytes(signature[size:])
	return signature, nil
}

// pkcs8 is the private key in DER, RFC 5208 and, for curves, RFC 5915.
func (p *pair) pkcs8() ([]byte, error) {
	if p.rsa != nil {
		return x509.MarshalPKCS8PrivateKey(p.rsa)
	}
	inner, err := asn1.Marshal(struct {
		Version int
		Private []byte
		Public  asn1.BitString `asn1:"explicit,tag:1"`
	}{1, p.scalar, asn1.BitString{Bytes: p.point, BitLength: 8 * len(p.point)}})
	if err != nil {
		return nil, err
	}
	type algorithm struct{ Algorithm, Curve asn1.ObjectIdentifier }
	return asn1.Marshal(struct {
		Version   int
		Algorithm algorithm
		Key       []byte
	}{0, algorithm{asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}, p.Curve.OID()}, inner})
}

// object encodes a data object, whose tag has one or two bytes.
func object(tag int, value []byte) []byte {
	var out []byte
	if tag > 0xFF {
		out = append(out, byte(tag>>8))
	}
	out = append(out, byte(tag))
	switch n := len(value); {
	case n < 0x80:
		out = append(out, byte(n))
	case n < 0x100:
		out = append(out, 0x81, byte(n))
	default:
		out = append(out, 0x82, byte(n>>8), byte(n))
	}
	return append(out, value...)
}
