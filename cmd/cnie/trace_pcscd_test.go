//go:build linux && cgo

package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/emrtd/access"
	"cnie/cardreader/recording"
	"cnie/internal/remake"
	"cnie/pki"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// trace records a session through the real service, plays it again, and lays the
// recording itself into the reader.
func (d desk) trace(t *testing.T, card *persona.Card, trust string) {
	file := filepath.Join(t.TempDir(), "card.trace")
	takeOff := d.lay(t, simulator.New(card))
	o := d.run(t, t.Context(), "trace", "record", file, "--", "verify", "--wait", "10s", "--can", card.CAN, "--trust", trust)
	takeOff()
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Contains(t, o.stderr, "with content, in clear, since the card is a specimen")

	recorded, _ := opened(t, file)
	assert.Equal(t, d.daemon.Readers[0], recorded.Header.Reader)
	assert.Equal(t, card.ATR, []byte(recorded.Header.ATR))
	password, err := access.CAN(card.CAN)
	require.NoError(t, err)
	evidence, player, err := remake.Read(t.Context(), recorded, password)
	require.NoError(t, err)
	require.NoError(t, player.Err(), "byte for byte")
	assert.True(t, evidence.Replayed)
	assert.Equal(t, pki.PACE, evidence.Access.Protocol)

	virtual, err := recording.NewVirtual(recorded, func(error) {})
	require.NoError(t, err)
	defer d.lay(t, virtual)()
	o, a := d.verify(t, "--can", card.CAN, "--trust", trust)
	assert.NotEqual(t, exitOK, o.code, "a recording has no answer to other random numbers")
	assert.NotEqual(t, pki.Accepted, a.Verdict)
}
