package cvc

import (
	"crypto"
	"crypto/rsa"
	_ "crypto/sha1" // the hashes of schemes
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/asn1"
	"math/big"

	"cnie/apdu/tlv"
	"cnie/internal/ec"
)

// scheme is a signature algorithm of TR-03110-3 §A.6.3 and §A.6.4.
type scheme struct {
	hash crypto.Hash
	ec   bool
	pss  bool
}

// oidTerminal is id-TA; the next two arcs are the scheme.
var oidTerminal = asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 2, 2, 2}

var schemes = map[[2]int]scheme{
	{1, 1}: {hash: crypto.SHA1}, {1, 2}: {hash: crypto.SHA256}, {1, 5}: {hash: crypto.SHA512},
	{1, 3}: {hash: crypto.SHA1, pss: true}, {1, 4}: {hash: crypto.SHA256, pss: true}, {1, 6}: {hash: crypto.SHA512, pss: true},
	{2, 1}: {hash: crypto.SHA1, ec: true}, {2, 2}: {hash: crypto.SHA224, ec: true}, {2, 3}: {hash: crypto.SHA256, ec: true},
	{2, 4}: {hash: crypto.SHA384, ec: true}, {2, 5}: {hash: crypto.SHA512, ec: true},
}

// PublicKey is the key of a certificate. A key on a curve names the curve only in
// the certificates of authorities; others are on that of their issuer, §D.3.3.
type PublicKey struct {
	OID   asn1.ObjectIdentifier
	RSA   *rsa.PublicKey
	Curve *ec.Curve // nil: that of the issuer
	Point []byte    // uncompressed

	scheme scheme
}

// parseKey reads the data objects of a public key, §D.3.
func parseKey(b []byte) (PublicKey, error) {
	all, err := tlv.ReadAll(b, maxObjects)
	if err != nil || len(all) < 2 || all[0].Tag != tagOID {
		return PublicKey{}, malformed("public key")
	}
	var k PublicKey
	if k.OID, err = oid(all[0]); err != nil {
		return PublicKey{}, err
	}
	n := len(oidTerminal)
	if len(k.OID) != n+2 || !k.OID[:n].Equal(oidTerminal) {
		return PublicKey{}, malformed("key of an unknown algorithm")
	}
	known := false
	if k.scheme, known = schemes[[2]int{k.OID[n], k.OID[n+1]}]; !known {
		return PublicKey{}, malformed("key of an unknown algorithm")
	}
	if k.scheme.ec {
		return k, k.parseEC(b, all)
	}
	return k, k.parseRSA(b)
}

// Bounds of RSA keys. Doc 9303-11 §7.1.4.1.2 has 2,048 and 3,072 bits; the oldest
// certificates of TR-03110 had 1,024.
const (
	minRSA = 1024
	maxRSA = 4096
)

func (k *PublicKey) parseRSA(b []byte) error {
	parts, err := inOrder(b, tagOID, 0x81, 0x82)
	if err != nil {
		return err
	}
	n, e := new(big.Int).SetBytes(parts[1].Value), new(big.Int).SetBytes(parts[2].Value)
	if n.BitLen() < minRSA || n.BitLen() > maxRSA || n.Bit(0) == 0 || e.BitLen() > 31 || e.BitLen() < 2 || e.Bit(0) == 0 {
		return malformed("RSA key")
	}
	k.RSA = &rsa.PublicKey{N: n, E: int(e.Int64())}
	return nil
}

// parseEC reads a point, and the curve that may be with it: all of it has to be
// a known one.
func (k *PublicKey) parseEC(b []byte, all []tlv.Element) error {
	if len(all) == 2 {
		parts, err := inOrder(b, tagOID, 0x86)
		if err != nil {
			return err
		}
		k.Point = parts[1].Value
		return nil
	}
	tags := []tlv.Tag{tagOID, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87}
	if len(all) == len(tags)-1 {
		tags = tags[:len(tags)-1] // without the cofactor
	}
	parts, err := inOrder(b, tags...)
	if err != nil {
		return err
	}
	curve, known := matchCurve(parts)
	if !known {
		return malformed("no known curve")
	}
	k.Curve, k.Point = curve, parts[6].Value
	if _, err := k.Curve.ParsePoint(k.Point); err != nil || k.Point[0] != 4 {
		return malformed("not a point of the curve")
	}
	return nil
}

// matchCurve finds the curve whose every parameter is given.
func matchCurve(parts []tlv.Element) (*ec.Curve, bool) {
	value := func(i int) *big.Int { return new(big.Int).SetBytes(parts[i].Value) }
	if len(parts) > 7 && value(7).Cmp(big.NewInt(1)) != 0 {
		return nil, false
	}
	for id := 8; id <= 18; id++ {
		c, known := ec.ByParameterID(id)
		if !known {
			continue
		}
		p, a, b, _, _ := c.Params()
		base := new(big.Int).SetBytes(c.Generator().Bytes())
		if p.Cmp(value(1)) == 0 && a.Cmp(value(2)) == 0 && b.Cmp(value(3)) == 0 &&
			base.Cmp(value(4)) == 0 && c.Order().Cmp(value(5)) == 0 {
			return c, true
		}
	}
	return nil, false
}

// verify checks a signature made with the key. A key without a curve cannot
// verify anything: give it one with on.
func (k PublicKey) verify(message, signature []byte) error {
	h := k.scheme.hash.New()
	h.Write(message)
	digest := h.Sum(nil)
	switch {
	case k.RSA != nil && k.scheme.pss:
		return failed(rsa.VerifyPSS(k.RSA, k.scheme.hash, digest, signature, &rsa.PSSOptions{SaltLength: k.scheme.hash.Size()}))
	case k.RSA != nil:
		return failed(rsa.VerifyPKCS1v15(k.RSA, k.scheme.hash, digest, signature))
	case k.Curve == nil:
		return malformed("key without a curve")
	}
	size := k.Curve.ScalarBytes()
	point, err := k.Curve.ParsePoint(k.Point)
	if err != nil || len(signature) != 2*size {
		return ErrSignature
	}
	r, s := new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])
	if !ec.Verify(point, digest, r, s) {
		return ErrSignature
	}
	return nil
}

func failed(err error) error {
	if err != nil {
		return ErrSignature
	}
	return nil
}

// on gives a key the curve of its issuer, where it names none itself.
func (k PublicKey) on(issuer PublicKey) (PublicKey, error) {
	if !k.scheme.ec || k.Curve != nil {
		return k, nil
	}
	if issuer.Curve == nil {
		return k, malformed("key on a curve under one that is on none")
	}
	k.Curve = issuer.Curve
	if _, err := k.Curve.ParsePoint(k.Point); err != nil || k.Point[0] != 4 {
		return k, malformed("not a point of its issuer's curve")
	}
	return k, nil
}
