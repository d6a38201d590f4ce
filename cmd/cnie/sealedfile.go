package main

import (
	"errors"
	"io"
	"os"

	"filippo.io/age"
)

// sealedError is what is said of a file that does not open: its name and this.
type sealedError struct {
	err      error
	code     int
	sentence string
}

const (
	needsIdentity = "is encrypted; give --identity FILE with an age private key that it was encrypted to"
	otherIdentity = "does not open with these identities; it was encrypted to others, or the list of recipients in it was damaged"
	damaged       = "was changed or is not whole; have it sent again"
)

// openSealed opens a file that may be encrypted to somebody, with the private keys
// in the identity files.
func openSealed[T any](name string, identityFiles []string, open func(io.Reader, ...age.Identity) (T, error), known []sealedError) (T, error) {
	var none T
	var identities []age.Identity
	for _, file := range identityFiles {
		found, err := parseIdentities(file)
		if err != nil {
			return none, err
		}
		identities = append(identities, found...)
	}
	file, err := os.Open(name)
	if err != nil {
		return none, cannotRead(name, err)
	}
	defer file.Close()
	content, err := open(file, identities...)
	for _, k := range known {
		if errors.Is(err, k.err) {
			return none, &failure{code: k.code, sentence: name + " " + k.sentence, cause: err}
		}
	}
	if err != nil {
		return none, cannotRead(name, err)
	}
	return content, nil
}
