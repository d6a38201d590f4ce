package simulator_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/simulator"
	"cnie/simulator/persona"
)

func TestChipAuthentication(t *testing.T) {
	id := 7
	for _, curve := range curves {
		for _, c := range ciphers {
			t.Run(fmt.Sprintf("%v %v", curve, c), func(t *testing.T) {
				card := plainCard(true)
				private, err := curve.RandomScalar(rand.Reader)
				require.NoError(t, err)
				card.ChipKeys = []persona.ChipKey{{ID: &id, Curve: curve, Private: private, Cipher: c}}
				chip := simulator.New(card)
				terminal := opened(t, chip)
				next := agree(t, terminal, card.ChipKeys[0])
				assert.Equal(t, "60009000", newTerminal(t, chip.Transmit, next).exchange("00b09e0000"))
				assert.Equal(t, []byte{0x69, 0x88}, chip.Transmit(terminal.protect([]byte{0, 0xB0, 0, 0, 1})), "the old keys are gone")
			})
		}
	}
}

// opened is a session after Basic Access Control.
func opened(t testing.TB, chip *simulator.Chip) *terminal {
	send(t, chip.Transmit, unhex(t, selectTravel))
	s, _ := runBAC(t, chip.Transmit, key.Seed())
	return newTerminal(t, chip.Transmit, s)
}

var chipAuthMechanism = []byte{4, 0, 0x7F, 0, 7, 2, 2, 3, 2}

// agree runs Chip Authentication with a key, by the command that its cipher has,
// and returns the new session.
func agree(t testing.TB, terminal *terminal, key persona.ChipKey) session {
	next, _ := agreeAs(t, terminal, key, key.Cipher == kdf.TDES)
	return next
}

// agreeAs runs it by one command or by two, and returns the terminal's public key
// as well.
func agreeAs(t testing.TB, terminal *terminal, key persona.ChipKey, one bool) (session, member) {
	s, mechanism := side{curve: key.Curve, numbers: key.Group}, append(bytes.Clone(chipAuthMechanism), byte(key.Cipher))
	if key.Group != nil {
		mechanism[len(mechanism)-2] = 1
	}
	var reference []byte
	if key.ID != nil {
		reference = []byte{0x84, 1, byte(*key.ID)}
	}
	d := s.random(t)
	mine := s.base().times(t, d)
	next := derived(key.Cipher, s.base().times(t, key.Private).times(t, d).secret())
	if one {
		require.Equal(t, "9000", terminal.send("002241a6", append(object(0x91, mine.wire()), reference...)))
		return next, mine
	}
	require.Equal(t, "9000", terminal.send("002241a4", append(object(0x80, mechanism), reference...)))
	require.Equal(t, "7c009000", terminal.send("00860000", object(0x7C, object(0x80, mine.wire())), 0))
	return next, mine
}

// TestChipAuthenticationRefused sees the session go on under its keys.
func TestChipAuthenticationRefused(t *testing.T) {
	one, two := 1, 2
	private := append(make([]byte, 31), 5)
	card := plainCard(true)
	card.ChipKeys = []persona.ChipKey{
		{ID: &one, Curve: ec.P256(), Private: private, Cipher: kdf.AES128},
		{ID: &two, Curve: ec.P256(), Private: private, Cipher: kdf.AES128},
	}
	mechanism := func(c byte) string { return "800a" + hex.EncodeToString(append(bytes.Clone(chipAuthMechanism), c)) }
	chip := simulator.New(card)
	exchange(t, chip, selectTravel, "9000")
	exchange(t, chip, "002241a40c"+mechanism(2), "6982")
	terminal := opened(t, chip)
	for _, step := range [][2]string{
		{"002241a40c" + mechanism(2), "6a88"},            // which of two
		{"002241a40f" + mechanism(2) + "840103", "6a88"}, // neither
		{"002241a40c" + mechanism(3), "6a88"},            // no such cipher here
		{"002241a40c" + mechanism(9), "6a80"},
		{"002241a4028000", "6a80"},
		{"002241a6029100", "6a88"},
		{"002241a6038401ff", "6a80"},
		{"002241a40f" + mechanism(2) + "840102", "9000"},
		{"00860000047c02800000", "6a80"},
		{"00860000047c02800000", "6985"},
		{"00b09e0000", "60009000"},
	} {
		assert.Equal(t, step[1], terminal.exchange(step[0]), step[0])
	}
}
