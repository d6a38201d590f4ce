//go:build cgo

package pcsc_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	"cnie/cardreader/pcsc"
	"cnie/internal/pcscd"
)

// A virtual reader has no keys, says so over a real service, and the card in it can
// be used after that.
func TestVirtualReaderHasNoPINPad(t *testing.T) {
	daemon := pcscd.Start(t, pcscd.Options{})
	s := inserted(t, daemon)
	defer s.empty(t)
	card, err := pcsc.New().Connect(t.Context(), daemon.Readers[0])
	require.NoError(t, err)
	defer card.Close()
	pad, is := card.(cardreader.PINPad)
	require.True(t, is)
	there, err := pad.HasPINPad(t.Context())
	require.NoError(t, err)
	assert.False(t, there)
	command := append([]byte{0, 0x20, 0, 0x80, 8}, bytes.Repeat([]byte{0xFF}, 8)...)
	_, err = pad.VerifyPIN(t.Context(), cardreader.PINEntry{Command: command, Min: 6, Max: 8})
	assert.ErrorIs(t, err, cardreader.ErrNoPINPad)
	_, err = card.TransmitRaw(t.Context(), []byte{0, 0x84, 0, 0, 8})
	assert.NoError(t, err)
}
