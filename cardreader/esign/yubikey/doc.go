// Package yubikey signs with a YubiKey, or a token that answers like one, through
// go-piv.
//
// Package piv signs with these tokens as well. What this package adds is what only
// they tell: the PIN policy and the touch policy of each key, and keys that have no
// certificate yet. Firmware before 5.3 tells neither; it has the policies of the
// PIV standard.
//
// The library has a PC/SC connection of its own, so that [Open] takes a reader's
// name instead of a transmitter. It leaves the card as it is when it disconnects,
// and with it the right that a PIN gave; [Open] and Close therefore have the
// cardreader.System connect and disconnect once more, which resets the card.
//
// Known limits of the library: it cannot be interrupted, so that a context that
// ends leaves it behind, and the reader busy, until the token answers; and it pads
// the PIN in memory that nobody can wipe.
//
// It needs cgo but on Windows. Built without, [Open] says so.
package yubikey

import "errors"

// ErrUnavailable says that this build cannot use YubiKeys.
var ErrUnavailable = errors.New("this build has no support for YubiKeys (built without cgo); package piv signs with them too")

// ErrNotYubiKey says that a card does not answer like a YubiKey.
var ErrNotYubiKey = errors.New("the card is no YubiKey")
