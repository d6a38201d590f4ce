package cms

import (
	"errors"
	"fmt"
)

var (
	// ErrMalformed reports bytes that are not a signed message, or a signer
	// whose attributes contradict it.
	ErrMalformed = errors.New("malformed signed message")
	// ErrMessageDigest reports content that differs from what was signed.
	ErrMessageDigest = errors.New("digest of the content differs from the signed one")
	// ErrSignature reports a signature that does not verify.
	ErrSignature = errors.New("signature of the message does not verify")
	// ErrNoSigner reports that the signer's certificate is not at hand.
	ErrNoSigner = errors.New("signer's certificate missing")
)

func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }
