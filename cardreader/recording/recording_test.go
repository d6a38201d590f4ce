package recording_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/apdu/trace"
	"cnie/cardreader"
	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/cardreader/recording"
	"cnie/lds"
	"cnie/pki"
	"cnie/simulator"
	"cnie/simulator/persona"
)

func load(t testing.TB, name string) *persona.Card {
	t.Helper()
	p, err := persona.Load(name)
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	return card
}

// read is one reading of the only card of a system, connection and all.
func read(t testing.TB, system cardreader.System, random io.Reader, card *persona.Card) (*pki.Evidence, error) {
	t.Helper()
	readers, err := system.Readers(t.Context())
	require.NoError(t, err)
	require.Len(t, readers, 1)
	connection, err := system.Connect(t.Context(), readers[0].Name)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	password, err := access.CAN(card.CAN)
	if len(card.PACE) == 0 {
		password, err = access.MRZ(card.MRZ)
	}
	require.NoError(t, err)
	var options []apdu.Option
	if slices.ContainsFunc(card.PACE, func(info lds.PACEInfo) bool { return info.ParameterID == 1 || info.ParameterID == 2 }) || len(card.PACEParameters) > 0 {
		options = append(options, apdu.WithExtendedLength()) // numbers of 2048 bits fit no short command
	}
	return emrtd.Read(t.Context(), apdu.NewChannel(connection, options...), emrtd.Options{
		Password: password, Files: []lds.File{lds.DG1, lds.DG11}, AllowBAC: true, Rand: random, Reset: connection.Reset,
	})
}

// record reads a card and gives the trace, written and parsed again.
func record(t testing.TB, card *persona.Card, options ...simulator.Option) (*trace.Trace, *pki.Evidence, error) {
	t.Helper()
	recorder := recording.Record(simulator.NewSystem("Simulated", simulator.New(card, options...)), rand.Reader, "test")
	evidence, failed := read(t, recorder.System(), recorder.Rand(), card)
	recorded, err := recorder.Trace()
	require.NoError(t, err)
	var file bytes.Buffer
	require.NoError(t, recorded.Encode(&file))
	parsed, err := trace.Parse(&file)
	require.NoError(t, err)
	return parsed, evidence, failed
}

// Every persona's session plays again byte for byte, and gives the same evidence
// but for the time and the mark.
func TestReplayEveryPersona(t *testing.T) {
	for _, name := range persona.Names() {
		card := load(t, name)
		recorded, want, err := record(t, card)
		require.NoError(t, err, name)
		assert.False(t, want.Replayed)
		player, err := recording.Replay(recorded)
		require.NoError(t, err)
		got, err := read(t, player, player.Rand(), card)
		require.NoError(t, err, name)
		require.NoError(t, player.Err(), name)
		assert.True(t, got.Replayed, "marked")
		got.Replayed, got.ReadAt, got.ReadUntil = false, want.ReadAt, want.ReadUntil
		assert.Equal(t, want, got, name)
	}
}

// A recording of a recording is still one.
func TestTheMarkPassesThrough(t *testing.T) {
	card := load(t, "specimen")
	recorded, _, err := record(t, card)
	require.NoError(t, err)
	player, err := recording.Replay(recorded)
	require.NoError(t, err)
	again := recording.Record(player, player.Rand(), "test")
	evidence, err := read(t, again.System(), again.Rand(), card)
	require.NoError(t, err)
	assert.True(t, evidence.Replayed)
	second, err := again.Trace()
	require.NoError(t, err)
	require.Len(t, second.Entries, len(recorded.Entries))
	for i, e := range second.Entries {
		e.At, e.Took = recorded.Entries[i].At, recorded.Entries[i].Took
		assert.Equal(t, recorded.Entries[i], e)
	}
}

// A card that is pulled out at a command is pulled out there again.
func TestReplayOfFailures(t *testing.T) {
	card := load(t, "specimen")
	whole, _, err := record(t, card)
	require.NoError(t, err)
	commands := 0
	for _, e := range whole.Entries {
		if e.IsExchange() {
			commands++
		}
	}
	for at := 0; at < commands; at += 5 {
		var system *simulator.System
		n := 0
		system = simulator.NewSystem("Simulated", simulator.New(card, simulator.WithWire(func(next func([]byte) []byte) func([]byte) []byte {
			return func(command []byte) []byte {
				if n++; n == at+1 {
					assert.NoError(t, system.Remove("Simulated 00"))
				}
				return next(command)
			}
		})))
		recorder := recording.Record(system, rand.Reader, "test")
		_, err := read(t, recorder.System(), recorder.Rand(), card)
		require.ErrorIs(t, err, cardreader.ErrCardRemoved)
		recorded, err := recorder.Trace()
		require.NoError(t, err)
		player, err := recording.Replay(recorded)
		require.NoError(t, err)
		_, err = read(t, player, player.Rand(), card)
		require.ErrorIs(t, err, cardreader.ErrCardRemoved, "command %d", at)
		require.NoError(t, player.Err())
	}
}

func TestDeviations(t *testing.T) {
	card := load(t, "specimen")
	recorded, _, err := record(t, card)
	require.NoError(t, err)
	play := func(change func(*trace.Trace), options func(*persona.Card), random io.Reader) error {
		copied := &trace.Trace{Header: recorded.Header, Entries: append([]trace.Entry(nil), recorded.Entries...)}
		if change != nil {
			change(copied)
		}
		player, err := recording.Replay(copied)
		require.NoError(t, err)
		reader := *card
		if options != nil {
			options(&reader)
		}
		if random == nil {
			random = player.Rand()
		}
		_, failed := read(t, player, random, &reader)
		var deviation *recording.DeviationError
		if errors.As(failed, &deviation) {
			assert.Equal(t, deviation, player.Err(), "the same is told after it")
		}
		return errors.Join(failed, player.Err())
	}
	cases := map[string]struct {
		err  error
		want string
	}{
		"another CAN":            {play(nil, func(c *persona.Card) { c.CAN = "654321" }, nil), "step 5 (GENERAL AUTHENTICATE): the program sent another command (GENERAL AUTHENTICATE)"},
		"fresh random numbers":   {play(nil, nil, rand.Reader), "step 4 (GENERAL AUTHENTICATE)"},
		"no random numbers left": {play(nil, nil, strings.NewReader("")), "random number"},
		"cut short":              {play(func(tr *trace.Trace) { tr.Entries = tr.Entries[:10] }, nil, nil), "the recording ends before it"},
		"longer than the session": {play(func(tr *trace.Trace) {
			tr.Entries = append(tr.Entries, trace.Exchange([]byte{0, 0x84, 0, 0, 8}, []byte{0x90, 0}, ""))
		}, nil, nil), "(GET CHALLENGE): the program stopped before it"},
		"a reset first": {play(func(tr *trace.Trace) { tr.Entries[0].Event = trace.Reset }, nil, nil), "the program connects to the card, which was not recorded"},
	}
	for name, c := range cases {
		assert.ErrorContains(t, c.err, c.want, name)
	}
}
