package piv_test

import (
	"context"
	"crypto"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/esign"
	"cnie/internal/secret"
	pretend "cnie/simulator/piv"
)

func asPIN(err error, target **esign.PINError) bool { return errors.As(err, target) }

// A card with policies of its own shows them by refusing; it is then asked with the
// PIN, and remembered.
func TestOwnPolicy(t *testing.T) {
	contents := specimen(t, curves)
	key := contents.Keys[pretend.Authentication]
	key.PINPolicy = 3 // always
	contents.Keys[pretend.Authentication] = key
	d := newDesk(t, contents, pretend.WithYubico())
	asked := 0
	authentication := d.key("9A", esign.Options{Ask: func(_ context.Context, a esign.Ask) (secret.Bytes, error) {
		asked++
		assert.Equal(t, 3, a.Left)
		return secret.New([]byte(pin)), nil
	}})
	for n := 1; n <= 3; n++ {
		_, err := authentication.Sign(nil, digest[:], crypto.SHA256)
		require.NoError(t, err)
		assert.Equal(t, n, asked)
	}
}

// A card that does not know how to withdraw the PIN still says how many tries there
// were before, and closing shuts the others.
func TestWithdraw(t *testing.T) {
	d := newDesk(t, specimen(t, curves))
	d.wire.Change(func(command []byte, next func([]byte) []byte) []byte {
		if command[1] == 0x20 && command[2] == 0xFF {
			return []byte{0x6A, 0x86}
		}
		return next(command)
	})
	var left []int
	key := d.key("9C", esign.Options{Ask: func(_ context.Context, a esign.Ask) (secret.Bytes, error) {
		left = append(left, a.Left)
		return secret.New([]byte(pin)), nil
	}})
	for range 3 {
		_, err := key.Sign(nil, digest[:], crypto.SHA256)
		require.NoError(t, err)
	}
	assert.Equal(t, []int{3, 3, 3}, left)

	d.wire.Change(nil)
	token := d.open(t, esign.Options{Ask: typed})
	keys, err := token.Keys(t.Context())
	require.NoError(t, err)
	_, err = keys[0].Sign(nil, digest[:], crypto.SHA256)
	require.NoError(t, err)
	empty := []byte{0x00, 0x20, 0x00, 0x80}
	assert.Equal(t, []byte{0x90, 0x00}, d.chip.Transmit(empty))
	require.NoError(t, token.Close())
	assert.Equal(t, []byte{0x63, 0xC3}, d.chip.Transmit(empty), "without a reset")
}

func TestDescription(t *testing.T) {
	d := newDesk(t, specimen(t, curves)).key("9C", esign.Options{}).Description()
	assert.Len(t, d.Token, 32, "the card's GUID")
	assert.True(t, d.AlwaysPIN)
	assert.False(t, d.Touch)
	assert.Equal(t, "9C (SPECIMEN AMINA)", d.Name())
}
