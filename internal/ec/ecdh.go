package ec

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
)

// ErrInfinity means that a computation ended, or began, at the point without coordinates.
var ErrInfinity = errors.New("ec: point at infinity")

// RandomScalar returns a uniform scalar in 1 … n−1, ScalarBytes long, from random (nil: crypto/rand).
func (c *Curve) RandomScalar(random io.Reader) ([]byte, error) {
	if random == nil {
		random = rand.Reader
	}
	k := make([]byte, c.ScalarBytes())
	for range 256 { // one try fails with probability below one half
		if _, err := io.ReadFull(random, k); err != nil {
			return nil, fmt.Errorf("ec: random scalar: %w", err)
		}
		k[0] &= 0xff >> (8*len(k) - c.n.BitLen())
		if c.isScalar(k) {
			return k, nil
		}
	}
	return nil, errors.New("ec: random source gives no scalar")
}

// isScalar reports whether k is in 1 … n−1: reducing it changes nothing, and it is not zero.
func (c *Curve) isScalar(k []byte) bool {
	if len(k) != c.ScalarBytes() {
		return false
	}
	reduced := c.arithmetic().scalars.reduce(k)
	same := subtle.ConstantTimeCompare(reduced, k)
	zero := subtle.ConstantTimeCompare(reduced, make([]byte, len(k)))
	return same&^zero == 1
}

// ECDH returns the x coordinate of d·pub, FieldBytes long (BSI TR-03111 §4.3.1). d is a scalar as for Point.Mul. It gives
// ErrInfinity if pub or the product is the point at infinity, which for a valid d and pub happens never.
func ECDH(d []byte, pub *Point) (x []byte, err error) {
	if pub.IsInfinity() {
		return nil, ErrInfinity
	}
	shared, err := pub.Mul(d)
	if err != nil {
		return nil, err
	}
	if shared.IsInfinity() {
		return nil, ErrInfinity
	}
	return shared.X(), nil
}
