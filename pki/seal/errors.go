package seal

import "errors"

// Errors of Open and of parsing keys. None repeats content.
var (
	ErrMalformed   = errors.New("not an evidence file of this version")
	ErrTooLong     = errors.New("longer than evidence can be")
	ErrDamaged     = errors.New("the file was changed, or is not whole")
	ErrSignature   = errors.New("the terminal's signature does not fit")
	ErrNeedsKey    = errors.New("the file is encrypted and no identity was given")
	ErrOtherKey    = errors.New("the file is encrypted to others")
	ErrTerminalKey = errors.New("not an Ed25519 key in the OpenSSH format")
	ErrLocked      = errors.New("the terminal's key is protected by a passphrase")
)
