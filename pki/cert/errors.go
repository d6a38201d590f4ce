package cert

import (
	"errors"
	"fmt"
)

var (
	// ErrMalformed reports bytes that are not the structure they should be.
	ErrMalformed = errors.New("malformed")
	// ErrUnsupported reports an algorithm, key or curve that this package
	// does not know; nothing was decided about the signature.
	ErrUnsupported = errors.New("algorithm not supported")
	// ErrSignature reports a signature that does not verify.
	ErrSignature = errors.New("signature does not verify")
	// ErrTooLong reports a revocation list beyond the bounds, which may be good.
	ErrTooLong = fmt.Errorf("%w: a revocation list of more than %d entries or %d MiB", ErrMalformed, MaxRevoked, maxCRL>>20)
)

func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }
