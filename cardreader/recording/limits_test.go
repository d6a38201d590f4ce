package recording_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/apdu/trace"
	"cnie/cardreader"
	"cnie/cardreader/recording"
	"cnie/simulator"
)

func TestRedactedTracesDoNotPlay(t *testing.T) {
	recorded, _, err := record(t, load(t, "specimen"))
	require.NoError(t, err)
	_, err = recording.Replay(recorded.Redact())
	assert.ErrorIs(t, err, recording.ErrNoContent)
	_, err = recording.NewVirtual(recorded.Redact(), nil)
	assert.ErrorIs(t, err, recording.ErrNoContent)
}

// A recorder that ran out of room says so instead of giving half a session.
func TestTooMuch(t *testing.T) {
	recorder := recording.Record(simulator.NewSystem("Simulated"), rand.Reader, "test")
	for range trace.MaxEntries + 1 {
		_, err := recorder.Rand().Read(make([]byte, 1))
		require.NoError(t, err)
	}
	_, err := recorder.Trace()
	assert.ErrorIs(t, err, trace.ErrTooLong)
}

func TestVirtual(t *testing.T) {
	recorded := echoTrace(t, "First")
	var told []error
	card, err := recording.NewVirtual(recorded, func(err error) { told = append(told, err) })
	require.NoError(t, err)
	assert.Equal(t, []byte(recorded.Header.ATR), card.ATR())
	count := []byte{0x80, 0x20, 0, 0}
	assert.Equal(t, []byte{1, 0x90, 0}, card.Transmit(count))
	assert.Equal(t, []byte{2, 0x90, 0}, card.Transmit(count))
	card.Power(true)
	assert.Equal(t, []byte{1, 0x90, 0}, card.Transmit(count))
	assert.Empty(t, told)
	assert.Equal(t, []byte{0x6F, 0}, card.Transmit([]byte{0, 0xA4, 4, 0}))
	require.Len(t, told, 1)
	assert.EqualError(t, told[0], "SELECT is a command that the recorded card was not sent")
	assert.Equal(t, []byte{0x6F, 0}, card.Transmit([]byte{0}))
}

// A PIN passes through a recorder and does not stay in it; the session plays all
// the same.
func TestPINsAreNotRecorded(t *testing.T) {
	recorder := recording.Record(simulator.NewSystem("Simulated", echoChip()), rand.Reader, "test")
	card, err := recorder.System().Connect(t.Context(), "Simulated 00")
	require.NoError(t, err)
	verify := append([]byte{0x00, 0x20, 0x00, 0x80, 8}, "135790\xFF\xFF"...)
	_, err = card.TransmitRaw(t.Context(), verify)
	require.NoError(t, err)
	assert.Equal(t, "135790\xFF\xFF", string(verify[5:]), "what is sent is not changed")
	recorded, err := recorder.Trace()
	require.NoError(t, err)
	for _, written := range []*trace.Trace{recorded, recorded.Redact()} {
		var file bytes.Buffer
		require.NoError(t, written.Encode(&file))
		assert.NotContains(t, file.String(), "135790")
		assert.NotContains(t, file.String(), trace.Hex("135790").String())
	}
	player, err := recording.Replay(recorded)
	require.NoError(t, err)
	card, err = player.Connect(t.Context(), "Simulated 00")
	require.NoError(t, err)
	answer, err := card.TransmitRaw(t.Context(), verify)
	require.NoError(t, err)
	assert.Equal(t, []byte{0x6D, 0x00}, answer)
}

func TestGivenUpIsRecorded(t *testing.T) {
	recorder := recording.Record(simulator.NewSystem("Simulated", echoChip()), rand.Reader, "test")
	card, err := recorder.System().Connect(t.Context(), "Simulated 00")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = card.TransmitRaw(ctx, []byte{0x80, 0x20, 0, 0})
	require.ErrorIs(t, err, context.Canceled)
	recorded, err := recorder.Trace()
	require.NoError(t, err)
	assert.Equal(t, trace.GivenUp, recorded.Entries[1].Failure)
}

// anything is a reader whose card takes what the standard allows and says 9000.
type anything struct{ cardreader.System }

type anyCard struct{ cardreader.Card }

func (anything) Connect(context.Context, string) (cardreader.Card, error) { return anyCard{}, nil }
func (anyCard) ATR() cardreader.ATR                                       { return cardreader.ATR{0x3B, 0x80} }
func (anyCard) TransmitRaw(context.Context, []byte) ([]byte, error)       { return []byte{0x90, 0}, nil }

// The longest command there is passes a recorder and stays in it.
func TestLongestCommand(t *testing.T) {
	longest, err := apdu.Command{INS: 0xD6, Data: make([]byte, apdu.MaxExtendedNc), Ne: apdu.MaxExtendedNe}.Encode()
	require.NoError(t, err)
	recorder := recording.Record(anything{}, rand.Reader, "test")
	card, err := recorder.System().Connect(t.Context(), "Reader")
	require.NoError(t, err)
	_, err = card.TransmitRaw(t.Context(), longest)
	require.NoError(t, err)
	recorded, err := recorder.Trace()
	require.NoError(t, err)
	var file bytes.Buffer
	require.NoError(t, recorded.Encode(&file))
	player, err := recording.Replay(recorded)
	require.NoError(t, err)
	card, err = player.Connect(t.Context(), "Reader")
	require.NoError(t, err)
	answer, err := card.TransmitRaw(t.Context(), longest)
	require.NoError(t, err)
	assert.Equal(t, []byte{0x90, 0}, answer)
	_, err = card.TransmitRaw(t.Context(), append(longest, 0))
	assert.ErrorContains(t, err, "4 to 65,544 bytes")
	assert.NoError(t, player.Err())
}
