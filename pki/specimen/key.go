package specimen

import (
	"crypto"
	"crypto/hkdf"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"math/big"

	"cnie/internal/ec"
)

// Algorithm is a key and the way it signs. Exactly one of Curve and RSA is set;
// where both are zero the caller's default applies.
type Algorithm struct {
	Curve    *ec.Curve
	Explicit bool // writes the curve's parameters out instead of naming it
	RSA      int  // modulus bits
	PSS      bool // RSASSA-PSS with a salt of the hash's length
	Hash     crypto.Hash
}

// or fills the parts that are not set from a default.
func (a Algorithm) or(fallback Algorithm) Algorithm {
	if a.Curve == nil && a.RSA == 0 {
		a.Curve = fallback.Curve
	}
	if a.Hash == 0 {
		a.Hash = fallback.Hash
	}
	return a
}

func (a Algorithm) check() error {
	_, known := hashOIDs[a.Hash]
	switch {
	case !known:
		return fmt.Errorf("hash %v is not one that travel documents use", a.Hash)
	case a.Curve != nil && a.RSA != 0:
		return fmt.Errorf("a key is either RSA or on a curve")
	case a.Curve == nil && (a.RSA < 1024 || a.RSA > 8192 || a.RSA%64 != 0):
		return fmt.Errorf("an RSA modulus of %d bits is not possible", a.RSA)
	}
	return nil
}

// Scalar derives a private key on a curve from labels: the same labels give the
// same key on every machine, which makes it a specimen and never a secret.
func Scalar(curve *ec.Curve, labels ...string) []byte {
	return below(curve.Order(), curve.ScalarBytes(), labels...)
}

// below derives a number from 1 to the order less one.
func below(order *big.Int, size int, labels ...string) []byte {
	wide := number(stream(size+16, labels...))
	rest := new(big.Int).Sub(order, big.NewInt(1))
	wide.Mod(wide, rest).Add(wide, big.NewInt(1))
	return wide.FillBytes(make([]byte, size))
}

func number(b []byte) *big.Int { return new(big.Int).SetBytes(b) }

// stream expands labels to n bytes. HKDF fails only beyond 255 blocks, so the
// error cannot occur for the sizes that are asked for here.
func stream(n int, labels ...string) []byte {
	info := ""
	for _, label := range labels {
		info += fmt.Sprintf("%d:%s", len(label), label)
	}
	out, _ := hkdf.Key(sha256.New, []byte("SPECIMEN - NOT A SECRET"), nil, info, n)
	return out
}

// key is a private key that remembers how it signs.
type key struct {
	Algorithm
	scalar []byte
	point  []byte // 04 || x || y
	rsa    *rsa.PrivateKey
}

func newKey(a Algorithm, labels ...string) (*key, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	k := &key{Algorithm: a}
	if a.RSA != 0 {
		var err error
		k.rsa, err = RSA(a.RSA, labels...)
		return k, err
	}
	k.scalar = Scalar(a.Curve, labels...)
	public, err := a.Curve.Generator().Mul(k.scalar)
	if err != nil {
		return nil, fmt.Errorf("derive public key: %w", err)
	}
	k.point = public.Bytes()
	return k, nil
}

// spki encodes the SubjectPublicKeyInfo; ICAO 9303-12 §4.1.6.3 wants the
// curve written out in full; most issuers in public master lists name it.
func (k *key) spki() []byte {
	if k.rsa != nil {
		return sequence(sequence(identifier(oidRSAEncryption), null()), bitString(k.publicBits()))
	}
	return PublicKey(k.Curve, k.Explicit, k.point)
}

// PublicKey encodes a point, 04 || x || y, as SubjectPublicKeyInfo with the curve
// named or written out.
func PublicKey(curve *ec.Curve, explicitly bool, point []byte) []byte {
	parameters := identifier(curve.OID())
	if explicitly {
		parameters = curve.ExplicitDER()
	}
	return sequence(sequence(identifier(oidECPublicKey), parameters), bitString(point))
}

func (k *key) publicBits() []byte {
	if k.rsa != nil {
		return sequence(integer(k.rsa.N), small(k.rsa.E))
	}
	return k.point
}

// id is the key identifier: SHA-1 of the key's bits (RFC 5280 §4.2.1.2 method 1).
func (k *key) id() []byte {
	sum := sha1.Sum(k.publicBits())
	return sum[:]
}

// algorithmIdentifier names the signature algorithm with its parameters.
func (k *key) algorithmIdentifier() []byte {
	oids := hashOIDs[k.Hash]
	switch {
	case k.rsa == nil:
		return sequence(identifier(oids.ecdsa))
	case !k.PSS:
		return sequence(identifier(oids.rsa), null())
	}
	hash := sequence(identifier(oids.hash), null()) // RFC 4055 §2.1 writes NULL here
	return sequence(identifier(oidRSAPSS), sequence(
		explicit(0, hash),
		explicit(1, sequence(identifier(oidMGF1), hash)),
		explicit(2, small(k.Hash.Size()))))
}

func (k *key) sign(message []byte) ([]byte, error) {
	sum := digest(k.Hash, message)
	if k.rsa != nil {
		return k.signRSA(sum)
	}
	r, s, err := ec.Sign(k.Curve, k.scalar, sum)
	if err != nil {
		return nil, fmt.Errorf("sign with %s: %w", k.Curve.Name(), err)
	}
	return sequence(integer(r), integer(s)), nil
}
