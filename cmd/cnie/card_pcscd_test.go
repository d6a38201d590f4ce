//go:build linux && cgo

package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// look inspects a card in a real reader, with and without what opens it, and
// reads one whose buffer holds a whole portrait.
func (d desk) look(t *testing.T, trust string) {
	card := cardOf(t, "small-buffer")
	takeOff := d.lay(t, simulator.New(card))
	d.awaitCard(t)
	o := d.run(t, t.Context(), "card", "inspect", "--json", "--can", card.CAN)
	takeOff()
	require.Equal(t, exitOK, o.code, o.stderr)
	var shown cardShown
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &shown))
	assert.Equal(t, 160, shown.Length.Answer)
	assert.Equal(t, 158, shown.Length.Usable)
	require.NotNil(t, shown.Opened)
	assert.Contains(t, shown.Opened.Groups, lds.DG2)

	card = cardOf(t, "specimen")
	card.Buffer = persona.Buffer{Command: 65535, Answer: 65535}
	sizes, err := lds.Capabilities{Functions: []byte{0x84, 0x21, 0xC0}, Command: 65535, Answer: 65535}.Encode()
	require.NoError(t, err)
	card.Files[lds.ATRInfo] = sizes
	defer d.lay(t, simulator.New(card))()
	d.awaitCard(t)
	o, a := d.verify(t, "--can", card.CAN, "--trust", trust)
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Less(t, a.IO.APDUs, 20, "a file in a command each")
}
