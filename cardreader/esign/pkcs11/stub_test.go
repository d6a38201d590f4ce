//go:build !cgo && !windows && !dlopen

package pkcs11_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"cnie/cardreader/esign"
	"cnie/cardreader/esign/pkcs11"
)

// Built without cgo, the package says so.
func TestUnavailable(t *testing.T) {
	tokens, err := pkcs11.Open(t.Context(), pkcs11.URI{Module: "module.so"}, esign.Options{Ask: typed("123456")})
	assert.ErrorIs(t, err, pkcs11.ErrUnavailable)
	assert.Empty(t, tokens)
}
