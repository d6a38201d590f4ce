package access

import (
	"crypto/sha1"
	"fmt"

	"cnie/internal/secret"
	"cnie/lds"
)

// Kinds of password, as [pki.Access] names them. Doc 9303-11 knows the first
// two, BSI TR-03110-2 §2.3 the others.
const (
	KindCAN = "CAN"
	KindMRZ = "MRZ"
	KindPIN = "PIN"
	KindPUK = "PUK"
)

// references name a password in DO'83' of MSE:Set AT, BSI TR-03110-3 §B.11.1.
var references = map[string]byte{KindMRZ: 1, KindCAN: 2, KindPIN: 3, KindPUK: 4}

// Password is what the holder shows so that the chip may be read. It does not
// print.
type Password struct {
	kind   string
	key    secret.Bytes // what keys are derived from, Doc 9303-11 §9.7.3
	number secret.Bytes // of the document with its check digit; MRZ only
}

// Kind is "CAN", "MRZ", "PIN" or "PUK", "" for the zero value.
func (p Password) Kind() string { return p.kind }

// Wipe overwrites the password, in every copy of p.
func (p Password) Wipe() {
	p.key.Wipe()
	p.number.Wipe()
}

// counted reports whether the card blocks the password after wrong tries.
func (p Password) counted() bool { return p.kind == KindPIN || p.kind == KindPUK }

// CAN makes a password from the six digits printed on the card.
func CAN(number string) (Password, error) { return digits(KindCAN, number, 6, 6) }

// PIN makes a password from the holder's secret number.
func PIN(number string) (Password, error) { return digits(KindPIN, number, 4, 12) }

// PUK makes a password from the number that unblocks a PIN.
func PUK(number string) (Password, error) { return digits(KindPUK, number, 6, 16) }

func digits(kind, number string, least, most int) (Password, error) {
	ok := least <= len(number) && len(number) <= most
	for _, c := range []byte(number) {
		ok = ok && '0' <= c && c <= '9'
	}
	switch {
	case ok:
		return Password{kind: kind, key: secret.New([]byte(number))}, nil
	case kind == KindCAN:
		return Password{}, fmt.Errorf("%w: a CAN has six digits", ErrPassword)
	}
	return Password{}, fmt.Errorf("%w: a %s has %d to %d digits", ErrPassword, kind, least, most)
}

// MRZ makes a password from the machine readable zone.
func MRZ(key lds.MRZKey) (Password, error) {
	if err := key.Check(); err != nil {
		return Password{}, fmt.Errorf("%w: %w", ErrPassword, err)
	}
	seed := key.Seed()
	defer clear(seed)
	sum := sha1.Sum(seed)
	const dates = 2 * (6 + 1) // what follows the document number in the seed
	number := append([]byte{}, seed[:len(seed)-dates]...)
	return Password{kind: KindMRZ, key: secret.New(sum[:]), number: secret.New(number)}, nil
}
