package simulator_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	"cnie/cardreader/readertest"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// echoChip answers the contract's script from a wire: readers are tested here,
// not documents.
func echoChip() *simulator.Chip {
	echo := &readertest.Echo{}
	wire := func(func([]byte) []byte) func([]byte) []byte { return echo.Transmit }
	return simulator.New(&persona.Card{ATR: echo.ATR()}, simulator.WithWire(wire), simulator.WithApplet(forgetter{echo}))
}

// forgetter tells the echo of a reset, which an applet hears of.
type forgetter struct{ echo *readertest.Echo }

func (forgetter) AID() []byte                                  { return []byte("echo card") }
func (forgetter) Select() simulator.Response                   { return simulator.Response{SW: 0x9000} }
func (forgetter) Process(simulator.Command) simulator.Response { return simulator.Response{SW: 0x6D00} }
func (f forgetter) Deselect()                                  { f.echo.Reset() }

func TestContract(t *testing.T) {
	readertest.Run(t, func(*testing.T) readertest.Harness {
		system := simulator.NewSystem("Simulated", nil, nil)
		readers := []string{"Simulated 00", "Simulated 01"}
		return readertest.Harness{
			System: system, Readers: readers, Script: readertest.EchoScript, Notice: time.Second,
			Insert: func(i int) { assert.NoError(t, system.Insert(readers[i], echoChip())) },
			Remove: func(i int) { assert.NoError(t, system.Remove(readers[i])) },
		}
	})
}

func TestReaderGone(t *testing.T) {
	system := simulator.NewSystem("Simulated", echoChip())
	card, err := system.Connect(t.Context(), "Simulated 00")
	require.NoError(t, err)
	require.NoError(t, system.Unplug("Simulated 00"))
	_, err = card.TransmitRaw(t.Context(), []byte{0x80, 0x10, 0, 0})
	require.ErrorIs(t, err, cardreader.ErrReaderGone)
	require.ErrorIs(t, system.Remove("Simulated 00"), cardreader.ErrNoReader)

	system.Plug("Simulated 00")
	_, err = card.TransmitRaw(t.Context(), []byte{0x80, 0x10, 0, 0})
	require.ErrorIs(t, err, cardreader.ErrReaderGone, "it is another visit")
	require.ErrorIs(t, system.Remove("Simulated 00"), cardreader.ErrNoCard)
	require.NoError(t, card.Close())
}

// TestPulledWhileComputing removes the card from inside a command.
func TestPulledWhileComputing(t *testing.T) {
	var system *simulator.System
	pull := func(next func([]byte) []byte) func([]byte) []byte {
		return func(command []byte) []byte {
			assert.NoError(t, system.Remove("Simulated 00"))
			return next(command)
		}
	}
	system = simulator.NewSystem("Simulated", simulator.New(&persona.Card{ATR: []byte{0x3B, 0}}, simulator.WithWire(pull)))
	card, err := system.Connect(t.Context(), "Simulated 00")
	require.NoError(t, err)
	_, err = card.TransmitRaw(t.Context(), []byte{0, 0xA4, 0, 0})
	require.ErrorIs(t, err, cardreader.ErrCardRemoved)
}

func TestWatchTellsAReplacedCard(t *testing.T) {
	system := simulator.NewSystem("Simulated", echoChip())
	var kinds []cardreader.EventKind
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for event, err := range system.Watch(ctx) {
		require.NoError(t, err)
		if kinds = append(kinds, event.Kind); len(kinds) == 2 {
			require.NoError(t, system.Remove("Simulated 00"))
			require.NoError(t, system.Insert("Simulated 00", echoChip()))
			require.NoError(t, system.Unplug("Simulated 00"))
		}
		if len(kinds) == 4 {
			cancel()
		}
	}
	require.Equal(t, []cardreader.EventKind{cardreader.ReaderAdded, cardreader.CardInserted, cardreader.CardRemoved, cardreader.ReaderRemoved}, kinds)
}
