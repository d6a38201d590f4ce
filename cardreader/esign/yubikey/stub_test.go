//go:build !cgo && !windows

package yubikey_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"cnie/cardreader/esign"
	"cnie/cardreader/esign/yubikey"
)

// Built without cgo, the package says so. What it does otherwise is tested with the
// other back ends in package esigntest.
func TestUnavailable(t *testing.T) {
	token, err := yubikey.Open(t.Context(), nil, "reader", esign.Options{})
	assert.ErrorIs(t, err, yubikey.ErrUnavailable)
	assert.Nil(t, token)
}
