package recording_test

import (
	"context"
	"crypto/rand"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu/trace"
	"cnie/cardreader"
	"cnie/cardreader/readertest"
	"cnie/cardreader/recording"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// echoChip answers the contract's script from a wire.
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

// Whoever is recorded must not notice.
func TestRecorderKeepsTheContract(t *testing.T) {
	readertest.Run(t, func(*testing.T) readertest.Harness {
		system := simulator.NewSystem("Simulated", nil, nil)
		readers := []string{"Simulated 00", "Simulated 01"}
		return readertest.Harness{
			System: recording.Record(system, rand.Reader, "test").System(), Readers: readers, Script: readertest.EchoScript, Notice: time.Second,
			Insert: func(i int) { assert.NoError(t, system.Insert(readers[i], echoChip())) },
			Remove: func(i int) { assert.NoError(t, system.Remove(readers[i])) },
		}
	})
}

// echoTrace records all that the contract asks of Echo, but for its slow command:
// a recording answers at once.
func echoTrace(t *testing.T, reader string) *trace.Trace {
	recorder := recording.Record(simulator.NewSystem(reader, echoChip()), rand.Reader, "test")
	card, err := recorder.System().Connect(t.Context(), reader+" 00")
	require.NoError(t, err)
	send := func(command []byte) {
		_, err := card.TransmitRaw(t.Context(), command)
		require.NoError(t, err)
	}
	for range 3 {
		send(readertest.EchoScript.Count)
	}
	for n := range 64 {
		command, _ := readertest.EchoScript.Ping(n)
		send(command)
	}
	long, _ := readertest.EchoScript.Long()
	send(long)
	require.NoError(t, card.Close())
	recorded, err := recorder.Trace()
	require.NoError(t, err)
	return recorded
}

// The same contract holds for a recording that is played, to programs that ask
// in an order of their own.
func TestPlayerKeepsTheContract(t *testing.T) {
	script := readertest.EchoScript
	script.Slow = nil
	readertest.Run(t, func(t *testing.T) readertest.Harness {
		var both pair
		for i, name := range []string{"First", "Second"} {
			player, err := recording.Replay(echoTrace(t, name))
			require.NoError(t, err)
			player.AnyOrder()
			player.Remove()
			both[i] = player
		}
		return readertest.Harness{
			System: both, Readers: []string{"First 00", "Second 00"}, Script: script, Notice: time.Second,
			Insert: func(i int) { both[i].Insert() }, Remove: func(i int) { both[i].Remove() },
		}
	})
}

// pair is two players as one system.
type pair [2]*recording.Player

func (p pair) Readers(ctx context.Context) (all []cardreader.Reader, err error) {
	for _, one := range p {
		readers, err := one.Readers(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, readers...)
	}
	return all, nil
}

func (p pair) Connect(ctx context.Context, reader string) (cardreader.Card, error) {
	if reader == "Second 00" {
		return p[1].Connect(ctx, reader)
	}
	return p[0].Connect(ctx, reader)
}

func (p pair) Watch(ctx context.Context) iter.Seq2[cardreader.Event, error] {
	return func(yield func(cardreader.Event, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		events := make(chan cardreader.Event)
		for _, one := range p {
			go func() {
				for event := range one.Watch(ctx) {
					select {
					case events <- event:
					case <-ctx.Done():
					}
				}
			}()
		}
		for {
			select {
			case event := <-events:
				if ctx.Err() != nil || !yield(event, nil) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}
