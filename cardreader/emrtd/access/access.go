// Package access opens an eMRTD chip and asks it to prove that it is an
// original: the terminal's side of ICAO Doc 9303-11, and of BSI TR-03110 where
// an inspection system needs it.
//
//   - [PACE] (§4.4) turns a short password into strong session keys. Here:
//     generic, integrated and chip authentication mapping, on every standardised
//     curve and group, with every cipher; MRZ, CAN, PIN and PUK. The strongest
//     offer is taken, whatever order the card lists them in.
//   - [BAC] (§4.3) does so with the machine readable zone and 3DES; it is what
//     chips had before PACE, and no substitute for it where PACE exists.
//   - [ChipAuthentication] (§6.2) replaces the session keys by ones that only the
//     holder of the chip's private key can compute. Here: version 1, DH and ECDH.
//     PACE with chip authentication mapping proves the same in passing.
//   - [ActiveAuthentication] (§6.1) has the chip sign a nonce.
//   - [TerminalAuthentication] (§7.1) proves to the chip what the terminal may read.
//
// Each returns the session under which to go on and what the judge needs to
// know. None decides: which protocol may be used is emrtd's business, whether
// the outcome is good enough is pki's.
//
// Errors tell apart four things. The card refused the password ([PasswordError],
// [ErrWrongPassword]), with the tries that are left where it says so; the last
// try is never spent unasked. The card did something that no honest card does
// ([ErrProtocol]): a point that is not on the curve, a token that does not fit.
// It offers nothing that is known here ([ErrUnsupported]). Everything else (the
// cable fell out) comes as package apdu or the transport reports it.
package access

import (
	"errors"
	"fmt"

	"cnie/apdu"
	"cnie/apdu/securemsg"
	"cnie/internal/kdf"
	"cnie/pki"
)

// What can go wrong beside the transport and the card's status words.
var (
	ErrWrongPassword error = wrong{}
	ErrProtocol            = errors.New("the card broke the protocol")
	ErrUnsupported         = errors.New("the card offers no variant that is supported here")
	ErrPassword            = errors.New("not a usable password")
	ErrNeedsMRZ            = fmt.Errorf("%w: Basic Access Control needs the MRZ", ErrPassword)
)

// wrong is an apdu.ErrWrongSecret that says which secret.
type wrong struct{}

func (wrong) Error() string { return "the CAN or MRZ does not open this card" }
func (wrong) Unwrap() error { return apdu.ErrWrongSecret }

// Opening is a chip that has been opened, and how.
type Opening struct {
	Session *securemsg.Session
	Access  pki.Access
	// Mapping is the chip's proof where PACE ran with chip authentication
	// mapping, else nil.
	Mapping *pki.ChipMapping
	// identity is what the chip is called in Terminal Authentication, and
	// terminal the compressed ephemeral key that it authenticates (§7.1.2), nil
	// where Chip Authentication has yet to make one.
	identity, terminal []byte
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
