// Package access opens an eMRTD chip and asks it to prove that it is an
// original: the terminal's side of ICAO Doc 9303-11.
//
//   - [PACE] (§4.4) turns a short printed password into strong session keys.
//     Here: ECDH with generic mapping, on every standardised curve.
//   - [BAC] (§4.3) does so with the machine readable zone and 3DES; it is what
//     chips had before PACE, and no substitute for it where PACE exists.
//   - [ChipAuthentication] (§6.2) replaces the session keys by ones that only the
//     holder of the chip's private key can compute. Here: version 1, ECDH.
//   - [ActiveAuthentication] (§6.1) has the chip sign a nonce.
//
// Each returns the session under which to go on and what the judge needs to
// know. None decides: which protocol may be used is emrtd's business, whether
// the outcome is good enough is pki's.
//
// Errors tell apart three things. The card refused the password
// ([ErrWrongPassword]). The card did something that no honest card does
// ([ErrProtocol]): a point that is not on the curve, a token that does not fit.
// Everything else (the card says "not supported", the cable fell out) comes as
// package apdu or the transport reports it.
package access

import (
	"crypto/sha1"
	"errors"
	"fmt"

	"cnie/apdu"
	"cnie/apdu/securemsg"
	"cnie/internal/kdf"
	"cnie/internal/secret"
	"cnie/lds"
)

// What can go wrong beside the transport and the card's status words.
var (
	ErrWrongPassword error = wrong{}
	ErrProtocol            = errors.New("the card broke the protocol")
	ErrUnsupported         = errors.New("the card offers no variant that is supported here")
	ErrPassword            = errors.New("not a usable CAN or MRZ key")
)

// wrong is an apdu.ErrWrongSecret that says which secret.
type wrong struct{}

func (wrong) Error() string { return "the CAN or MRZ does not open this card" }
func (wrong) Unwrap() error { return apdu.ErrWrongSecret }

// Kinds of password, as [pki.Access] names them.
const (
	KindCAN = "CAN"
	KindMRZ = "MRZ"
)

// Password is what the holder shows so that the chip may be read. It does not
// print.
type Password struct {
	kind      string
	reference byte         // in DO'83' of MSE:Set AT
	key       secret.Bytes // what keys are derived from, Doc 9303-11 §9.7.3
}

// Kind is "CAN" or "MRZ", "" for the zero value.
func (p Password) Kind() string { return p.kind }

// CAN makes a password from the six digits printed on the card.
func CAN(number string) (Password, error) {
	if len(number) != 6 {
		return Password{}, fmt.Errorf("%w: a CAN has six digits", ErrPassword)
	}
	for _, c := range []byte(number) {
		if c < '0' || c > '9' {
			return Password{}, fmt.Errorf("%w: a CAN has six digits", ErrPassword)
		}
	}
	return Password{kind: KindCAN, reference: 2, key: secret.New([]byte(number))}, nil
}

// MRZ makes a password from the machine readable zone.
func MRZ(key lds.MRZKey) (Password, error) {
	if err := key.Check(); err != nil {
		return Password{}, fmt.Errorf("%w: %w", ErrPassword, err)
	}
	seed := key.Seed()
	defer clear(seed)
	sum := sha1.Sum(seed)
	return Password{kind: KindMRZ, reference: 1, key: secret.New(sum[:])}, nil
}

// newSession derives session keys from a shared secret and starts over. It wipes
// the secret.
func newSession(t apdu.Transmitter, c kdf.Cipher, shared, ssc []byte) (*securemsg.Session, error) {
	enc, mac := kdf.Derive(c, shared, kdf.Enc), kdf.Derive(c, shared, kdf.Mac)
	defer clear(enc)
	defer clear(mac)
	defer clear(shared)
	return securemsg.New(t, c, enc, mac, ssc)
}

func violation(reason string) error { return fmt.Errorf("%w: %s", ErrProtocol, reason) }
