package simulator_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// A reader with short commands gets the protected answer in pieces, which it
// fetches in the clear; the session goes on.
func TestSignatureInPieces(t *testing.T) {
	for bits, want := range map[int]int{1024: 1, 2048: 2, 3072: 2, 4096: 3} {
		card := signing(t, persona.Active{RSA: bits})
		_, terminal := inside(t, card)
		signature, pieces := ask(t, terminal, false)
		assert.Equal(t, want, pieces, bits)
		require.Len(t, signature, bits/8)
		recovered(t, card, signature)
		assert.Equal(t, "9000", terminal.exchange(selectTravel))
	}
}

// What is left of an answer is gone once another command came.
func TestPiecesAreForTheNextCommand(t *testing.T) {
	chip, terminal := inside(t, signing(t, persona.Active{RSA: 2048}))
	answer := chip.Transmit(terminal.build([]byte{0x00, 0x88, 0x00, 0x00}, unhex(t, "f173589974bf40c6"), []byte{0}))
	require.Equal(t, []byte{0x61, byte(len(answer))}[:1], answer[len(answer)-2:len(answer)-1])
	terminal.count() // the answer that nobody opens
	assert.Equal(t, "9000", terminal.exchange(selectTravel))
	exchange(t, chip, "00c0000000", "6d00") // and with it the session
	answer = chip.Transmit(terminal.build([]byte{0x00, 0x88, 0x00, 0x00}, unhex(t, "f173589974bf40c6"), []byte{0}))
	assert.Equal(t, "6988", hex.EncodeToString(answer))

	chip, terminal = inside(t, signing(t, persona.Active{RSA: 2048}))
	chip.Transmit(terminal.build([]byte{0x00, 0x88, 0x00, 0x00}, unhex(t, "f173589974bf40c6"), []byte{0}))
	chip.Reset()
	exchange(t, chip, "00c0000000", "6d00")
}

func TestInternalAuthenticateRefused(t *testing.T) {
	card := signing(t, persona.Active{RSA: 1024})
	_, terminal := inside(t, card)
	for command, want := range map[string]string{
		"0088010008f173589974bf40c600":   "6a86",
		"0088000107f173589974bf4000":     "6a86",
		"0088000007f173589974bf4000":     "6700",
		"0088000009f173589974bf40c60000": "6700",
		"0088000000":                     "6700",
		"0088000008f173589974bf40c6":     "6700", // no Le
		"0088000008f173589974bf40c610":   "6c80", // less than there is
		"1088000008f173589974bf40c600":   "6884",
	} {
		assert.Equal(t, want, terminal.exchange(command), command)
	}
	assert.Len(t, terminal.exchange("0088000008f173589974bf40c680"), 2*128+4, "exactly as long")

	_, long := inside(t, signing(t, persona.Active{RSA: 2048}))
	assert.Equal(t, "6700", long.exchange("0088000008f173589974bf40c610"), "no status word can name the length")

	chip := simulator.New(card)
	exchange(t, chip, internalAuthenticate, "6d00") // in the master file
	exchange(t, chip, selectTravel, "9000")
	exchange(t, chip, internalAuthenticate, "6982")

	card.ActiveKey = nil // as on a copy
	_, terminal = inside(t, card)
	assert.Equal(t, "6a88", terminal.exchange(internalAuthenticate))
	delete(card.Files, lds.DG15)
	_, terminal = inside(t, card)
	assert.Equal(t, "6d00", terminal.exchange(internalAuthenticate))
}

// A chip that is open to everybody signs in the clear, as much as fits.
func TestSigningInTheClear(t *testing.T) {
	for bits, want := range map[int]int{1024: 130, 2048: 258, 3072: 2} {
		card := signing(t, persona.Active{RSA: bits})
		card.PACE, card.BAC = nil, false
		chip := simulator.New(card)
		exchange(t, chip, selectTravel, "9000")
		assert.Len(t, chip.Transmit(unhex(t, internalAuthenticate)), want)
		assert.Len(t, chip.Transmit(unhex(t, "00880000000008f173589974bf40c60000")), bits/8+2)
	}
}
