package simulator_test

import (
	"crypto/sha1"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/simulator"
	"cnie/simulator/persona"
)

func TestBuffer(t *testing.T) {
	card := plainCard(false, pace(ec.P256(), kdf.AES128))
	card.Buffer = persona.Buffer{Command: 170, Answer: 160}
	chip := simulator.New(card)
	exchange(t, chip, "00a4040ca5"+strings.Repeat("00", 165), "6a82")
	exchange(t, chip, "00a4040ca6"+strings.Repeat("00", 166), "6700")
	exchange(t, chip, "00b09c0000", "31009000")

	s, sw := runPACE(t, chip.Transmit, ec.P256(), kdf.AES128, 2, []byte(can))
	require.Equal(t, []byte{0x90, 0}, sw)
	longest := 0
	terminal := newTerminal(t, func(command []byte) []byte {
		answer := chip.Transmit(command)
		longest = max(longest, len(answer))
		return answer
	}, s)
	require.Equal(t, "9000", terminal.exchange(selectTravel))
	assert.Equal(t, "6c7f", terminal.exchange("00b09d00df"), "127 bytes and their protection fit 160")
	assert.Len(t, terminal.exchange("00b09d007f"), 2*(127+2))
	assert.Len(t, terminal.exchange("00b09d0000"), 2*(127+2), "all that fits")
	assert.LessOrEqual(t, longest, 160)
	assert.Greater(t, longest, 144, "and not a block less")
}

// Time stands still in the bubble but for what the chip sleeps.
func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		card := plainCard(false, pace(ec.P256(), kdf.AES128))
		card.Delay = persona.Delay{Command: 15, Kilobyte: 100}
		chip := simulator.New(card)
		start := time.Now()
		answer := chip.Transmit([]byte{0, 0xB0, 0x9C, 0, 0})
		assert.Equal(t, 15*time.Millisecond+time.Duration(5+len(answer))*100*time.Microsecond, time.Since(start))
	})
}

// A card can be pulled out in the middle of a slow command, without waiting.
func TestSlowCardCanBePulled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		card := plainCard(false, pace(ec.P256(), kdf.AES128))
		card.Delay = persona.Delay{Command: 5000}
		system := simulator.NewSystem("Simulated", simulator.New(card))
		connection, err := system.Connect(t.Context(), "Simulated 00")
		require.NoError(t, err)
		failed := make(chan error)
		go func() {
			_, err := connection.TransmitRaw(t.Context(), []byte{0, 0xB0, 0x9C, 0, 0})
			failed <- err
		}()
		synctest.Wait()
		start := time.Now()
		require.NoError(t, system.Remove("Simulated 00"))
		assert.Zero(t, time.Since(start))
		assert.ErrorIs(t, <-failed, cardreader.ErrCardRemoved)
	})
}

func TestGuesses(t *testing.T) {
	card := plainCard(true, pace(ec.P256(), kdf.AES128))
	card.Retries = persona.Retries{Free: 2, Wait: 500}
	synctest.Test(t, func(t *testing.T) {
		chip := simulator.New(card)
		attempt := func(password string, want byte) time.Duration {
			start := time.Now()
			_, sw := runPACE(t, chip.Transmit, ec.P256(), kdf.AES128, 2, []byte(password))
			assert.Equal(t, want, sw[0])
			chip.Power(false) // does not help
			chip.Power(true)
			return time.Since(start)
		}
		const half = 500 * time.Millisecond
		for _, took := range []time.Duration{0, 0, 0, half, 2 * half} {
			assert.Equal(t, took, attempt("999999", 0x63))
		}
		assert.Equal(t, 3*half, attempt(can, 0x90), "it opens all the same")
		assert.Zero(t, attempt("999999", 0x63), "and begins to count anew")

		for range 40 {
			attempt("999999", 0x63)
		}
		assert.Equal(t, 10*time.Second, attempt(can, 0x90), "at most")
	})
}

// Basic Access Control guesses at the same secret.
func TestGuessesByBAC(t *testing.T) {
	card := plainCard(true)
	card.Retries = persona.Retries{Wait: 100}
	synctest.Test(t, func(t *testing.T) {
		chip := simulator.New(card)
		attempt := func(seed []byte, want byte) time.Duration {
			exchange(t, chip, selectTravel, "9000")
			start := time.Now()
			_, sw := runBAC(t, chip.Transmit, seed)
			assert.Equal(t, want, sw[0])
			return time.Since(start)
		}
		wrong := sha1.Sum([]byte("another card"))
		assert.Zero(t, attempt(wrong[:], 0x63))
		assert.Equal(t, 100*time.Millisecond, attempt(wrong[:], 0x63))
		assert.Equal(t, 200*time.Millisecond, attempt(card.MRZ.Seed(), 0x90))
		assert.Zero(t, attempt(card.MRZ.Seed(), 0x90))
	})
}
