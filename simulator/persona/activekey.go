package persona

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"

	"cnie/internal/ec"
	"cnie/lds"
	"cnie/pki/specimen"
)

// ActiveKey is the key with which a chip signs in Active Authentication: one of
// RSA and, on Curve, Private. Its public half stands in EF.DG15.
type ActiveKey struct {
	RSA     *rsa.PrivateKey
	Curve   *ec.Curve
	Private []byte
	Hash    crypto.Hash
}

// Other is a key of the same kind that belongs to no persona: what a copied chip
// may have instead.
func (k *ActiveKey) Other() *ActiveKey {
	other := &ActiveKey{Curve: k.Curve, Hash: k.Hash}
	if k.RSA != nil {
		other.RSA, _ = specimenRSA(k.RSA.N.BitLen(), len(distances[k.RSA.N.BitLen()])-1) // a size that there is
		return other
	}
	other.Private = specimen.Scalar(k.Curve, "active key of nobody")
	return other
}

// SubjectPublicKeyInfo is the public half in DER.
func (k *ActiveKey) SubjectPublicKeyInfo() ([]byte, error) {
	if k.RSA != nil {
		return x509.MarshalPKIXPublicKey(&k.RSA.PublicKey)
	}
	public, err := k.Curve.Generator().Mul(k.Private)
	if err != nil {
		return nil, err
	}
	return specimen.PublicKey(k.Curve, false, public.Bytes()), nil
}

// activeKey makes the key of a card. Keys on curves are the persona's own; of
// RSA keys there are a few of each size, since finding primes takes too long.
func (a Active) activeKey(name string) (*ActiveKey, error) {
	key := &ActiveKey{Hash: hashes[a.Hash]}
	if a.RSA == 0 {
		key.Curve, _ = ec.ByName(a.Curve) // checked before
		key.Private = specimen.Scalar(key.Curve, name+" active key")
		return key, nil
	}
	pool := len(distances[a.RSA]) - 1 // the last one is nobody's
	sum := sha256.Sum256([]byte(name))
	var err error
	key.RSA, err = specimenRSA(a.RSA, int(sum[0])%pool)
	return key, err
}

// plainECDSA are the identifiers of signatures in the form r || s, BSI TR-03111
// §5.2.1.
var plainECDSA = map[crypto.Hash]asn1.ObjectIdentifier{
	crypto.SHA224: {0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 2},
	crypto.SHA256: {0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 3},
	crypto.SHA384: {0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 4},
	crypto.SHA512: {0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 5},
}

// announcement is what DG14 has to say of the key, ICAO 9303-11 §9.2.4: of RSA
// keys nothing, since their signatures name the hash themselves.
func (k *ActiveKey) announcement() []lds.ActiveAuthenticationInfo {
	if k.RSA != nil {
		return nil
	}
	return []lds.ActiveAuthenticationInfo{{OID: lds.OIDActiveAuth, Version: 1, SignatureAlgorithm: plainECDSA[k.Hash]}}
}

// specimenRSA makes a key whose primes were looked for once: the distance from
// where a stream begins to the first prime that serves is written down below.
func specimenRSA(bits, index int) (*rsa.PrivateKey, error) {
	if index >= len(distances[bits]) {
		return nil, fmt.Errorf("there is no specimen key of %d bits", bits)
	}
	p, q := start(bits, index, 0), start(bits, index, 1)
	p.Add(p, big.NewInt(distances[bits][index][0]))
	q.Add(q, big.NewInt(distances[bits][index][1]))
	key, err := specimen.RSAOf(p, q)
	if err != nil {
		return nil, fmt.Errorf("make specimen key %d of %d bits: %w", index, bits, err)
	}
	return key, nil
}

// start is where the search for a prime begins: odd, and with its two highest
// bits set, so that the product has all its bits.
func start(bits, index, which int) *big.Int {
	b := sha3.SumSHAKE256(fmt.Appendf(nil, "SPECIMEN active authentication key %d %d %d", bits, index, which), bits/16)
	b[0] |= 0xC0
	b[len(b)-1] |= 1
	return new(big.Int).SetBytes(b)
}

// distances of the two primes of each key, by the bits of the modulus.
var distances = map[int][][2]int64{
	1024: {{438, 946}, {48, 1314}, {150, 106}, {766, 0}},
	2048: {{224, 398}, {1248, 1912}, {230, 828}, {58, 64}},
	3072: {{60, 214}, {1312, 3216}, {3334, 208}, {3890, 710}},
	4096: {{1100, 1318}, {3728, 266}, {2232, 2646}, {2090, 2454}},
}
