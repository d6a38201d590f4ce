package specimen

import (
	"bytes"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"sync"
)

const rsaExponent = 65537

// rsaKeys remembers what was derived: finding primes takes a tenth of a second.
var rsaKeys sync.Map // string → *rsa.PrivateKey

// RSA derives a private key of so many bits from labels, as [Scalar] does on a
// curve.
func RSA(bits int, labels ...string) (*rsa.PrivateKey, error) {
	name := fmt.Sprintf("%d %q", bits, labels)
	if known, ok := rsaKeys.Load(name); ok {
		return known.(*rsa.PrivateKey), nil
	}
	key, err := deriveRSA(bits, labels...)
	if err == nil {
		rsaKeys.Store(name, key)
	}
	return key, err
}

// deriveRSA finds a key's two primes upwards from a seeded start: crypto/rsa
// rightly refuses to be made deterministic, and a specimen must be.
func deriveRSA(size int, labels ...string) (*rsa.PrivateKey, error) {
	p := seededPrime(size/2, append(labels, "p", strconv.Itoa(size))...)
	q := seededPrime(size/2, append(labels, "q", strconv.Itoa(size))...)
	key, err := RSAOf(p, q)
	if err != nil {
		return nil, err
	}
	if err := key.Validate(); err != nil {
		return nil, fmt.Errorf("derive RSA key: %w", err)
	}
	return key, nil
}

// RSAOf is the key of two primes and the exponent 65537. It does not look whether
// they are primes.
func RSAOf(p, q *big.Int) (*rsa.PrivateKey, error) {
	one := big.NewInt(1)
	totient := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	d := new(big.Int).ModInverse(big.NewInt(rsaExponent), totient)
	if d == nil || p.Cmp(q) == 0 {
		return nil, errors.New("the two primes make no RSA key")
	}
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: rsaExponent},
		D:         d, Primes: []*big.Int{p, q},
	}
	key.Precompute()
	return key, nil
}

// seededPrime sets the two top bits, so that the product of two such primes has
// its full length.
func seededPrime(size int, labels ...string) *big.Int {
	candidate := new(big.Int).SetBytes(stream(size/8, labels...))
	candidate.SetBit(candidate, size-1, 1).SetBit(candidate, size-2, 1).SetBit(candidate, 0, 1)
	for two := big.NewInt(2); !candidate.ProbablyPrime(8); {
		candidate.Add(candidate, two)
	}
	return candidate
}

func (k *key) signRSA(sum []byte) ([]byte, error) {
	if !k.PSS {
		return rsa.SignPKCS1v15(nil, k.rsa, k.Hash, sum)
	}
	salt := bytes.NewReader(stream(k.Hash.Size(), "salt", string(sum)))
	return rsa.SignPSS(salt, k.rsa, k.Hash, sum, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
}
