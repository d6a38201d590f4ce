package remake_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/emrtd/access"
	"cnie/cardreader/recording"
	"cnie/internal/remake"
	"cnie/internal/vectors"
	"cnie/lds"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// A card that was pulled out at any command is pulled out there again.
func TestPulled(t *testing.T) {
	card := load(t, "specimen")
	for _, at := range []int{1, 2, 3, 6, 8, 20, 30} {
		var system *simulator.System
		n := 0
		system = simulator.NewSystem("Somewhere", simulator.New(card, simulator.WithWire(func(next func([]byte) []byte) func([]byte) []byte {
			return func(command []byte) []byte {
				if n++; n == at {
					assert.NoError(t, system.Remove("Somewhere 00"))
				}
				return next(command)
			}
		})))
		was := record(t, system, passwordOf(t, card))
		made, secret, err := remake.Trace(t.Context(), was, passwordOf(t, card))
		require.NoError(t, err)
		assert.Empty(t, made.Header.Unequal, "command %d", at)
		assert.Equal(t, parts(was), parts(made), "command %d", at)
		_, err = play(t, made, secret)
		assert.ErrorIs(t, err, cardreader.ErrCardRemoved, "command %d", at)
	}
}

// Damaged answers, plain refusals and wrong passwords happen again.
func TestMishaps(t *testing.T) {
	card := load(t, "specimen")
	change := func(at int, f func([]byte) []byte) simulator.Option {
		n := 0
		return simulator.WithWire(func(next func([]byte) []byte) func([]byte) []byte {
			return func(command []byte) []byte {
				if n++; n == at {
					return f(next(command))
				}
				return next(command)
			}
		})
	}
	damage := func(answer []byte) []byte { answer[len(answer)-3] ^= 1; return answer }
	refuse := func([]byte) []byte { return []byte{0x69, 0x88} }
	for name, wire := range map[string]simulator.Option{
		"a damaged token": change(7, damage), "a damaged point": change(5, damage), "a damaged checksum": change(20, damage),
		"a refused read": change(20, refuse), "PACE refused": change(3, refuse),
	} {
		was := record(t, simulator.NewSystem("Somewhere", simulator.New(card, wire)), passwordOf(t, card))
		made, secret, err := remake.Trace(t.Context(), was, passwordOf(t, card))
		require.NoError(t, err, name)
		assert.Empty(t, made.Header.Unequal, name)
		assert.Equal(t, parts(was), parts(made), name)
		evidence, err := play(t, made, secret)
		if name == "PACE refused" {
			assert.ErrorIs(t, err, apdu.ErrSecureMessage)
			continue
		}
		require.NoError(t, err, name)
		assert.NotEmpty(t, evidence.Broken, name)
	}

	wrong, err := access.CAN("999999")
	require.NoError(t, err)
	was := record(t, simulator.NewSystem("Somewhere", simulator.New(card)), wrong)
	made, secret, err := remake.Trace(t.Context(), was, wrong)
	require.NoError(t, err)
	assert.Empty(t, made.Header.Unequal)
	assert.Equal(t, remake.WrongCAN, secret.CAN)
	_, err = play(t, made, secret)
	assert.ErrorIs(t, err, access.ErrWrongPassword)
}

// The public BSI specimen of another State and another time: its signature is of
// a kind and length of its own, and so is the picture.
func TestBSISpecimen(t *testing.T) {
	card, err := persona.FromDir(vectors.Shared(t, "bsi2008"))
	require.NoError(t, err)
	password, err := access.MRZ(lds.MRZKey{DocumentNumber: "C11T002JM", BirthDate: "960812", ExpiryDate: "131031"})
	require.NoError(t, err)
	was := record(t, simulator.NewSystem("Somewhere", simulator.New(card)), password)
	was.Header.At = time.Date(2008, 6, 1, 0, 0, 0, 0, time.UTC)
	made, secret, err := remake.Trace(t.Context(), was, password)
	require.NoError(t, err)
	t.Log(strings.Join(made.Header.Unequal, "; "))
	for _, what := range made.Header.Unequal {
		assert.Contains(t, what, "EF.SOD", "all else is equal")
	}
	evidence, err := play(t, made, secret)
	require.NoError(t, err)
	zone, err := lds.ParseDG1(evidence.Files[lds.DG1])
	require.NoError(t, err)
	assert.Equal(t, "SPECIMEN", zone.Surname)
	assert.True(t, strings.HasPrefix(zone.DocumentNumber, "ZZZ"))
	assert.Equal(t, "D", zone.IssuingState)
	assert.Len(t, evidence.Files[lds.DG2], len(card.Files[lds.DG2]))
}

// Whoever does not know what opened the card cannot rebuild it.
func TestWrongPasswordIsADeviation(t *testing.T) {
	card := load(t, "specimen")
	was := record(t, simulator.NewSystem("Somewhere", simulator.New(card)), passwordOf(t, card))
	other, err := access.CAN("111111")
	require.NoError(t, err)
	_, _, err = remake.Trace(t.Context(), was, other)
	var deviation *recording.DeviationError
	require.True(t, errors.As(err, &deviation))
	assert.Equal(t, 6, deviation.Step)

	_, _, err = remake.Trace(t.Context(), was.Redact(), passwordOf(t, card))
	assert.ErrorIs(t, err, recording.ErrNoContent)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = remake.Trace(ended, was, passwordOf(t, card))
	assert.ErrorIs(t, err, context.Canceled)
}
