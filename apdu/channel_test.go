package apdu_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
)

// script is a card that expects its commands in order and fails on any other.
type script struct {
	t     *testing.T
	lines [][2]string
}

func (s *script) TransmitRaw(_ context.Context, command []byte) ([]byte, error) {
	require.NotEmpty(s.t, s.lines, "one command too many: %X", command)
	line := s.lines[0]
	s.lines = s.lines[1:]
	require.Equal(s.t, line[0], strings.ToUpper(hex.EncodeToString(command)))
	return hex.DecodeString(line[1])
}

func TestChannel(t *testing.T) {
	long := bytes.Repeat([]byte{0xAB}, 300)
	longHex := strings.Repeat("AB", 300)
	cases := []struct {
		name    string
		options []apdu.Option
		command apdu.Command
		lines   [][2]string
		want    apdu.Response
	}{
		{"plain", nil, apdu.Command{INS: 0xB0, Ne: 256}, [][2]string{{"00B0000000", "01029000"}},
			apdu.Response{Data: []byte{1, 2}, SW: 0x9000}},
		{"61xx is joined", nil, apdu.Command{INS: 0xB0, Ne: 256},
			[][2]string{{"00B0000000", "016102"}, {"00C0000002", "02036101"}, {"00C0000001", "049000"}},
			apdu.Response{Data: []byte{1, 2, 3, 4}, SW: 0x9000}},
		{"61xx under secure messaging is fetched in the clear", nil, apdu.Command{CLA: 0x0C, INS: 0x88, Data: []byte{7}, Ne: 256},
			[][2]string{{"0C880000010700", "016101"}, {"00C0000001", "029000"}},
			apdu.Response{Data: []byte{1, 2}, SW: 0x9000}},
		{"6Cxx is repeated once", nil, apdu.Command{INS: 0xB0, Ne: 256},
			[][2]string{{"00B0000000", "6C02"}, {"00B0000002", "01026C01"}},
			apdu.Response{Data: []byte{1, 2}, SW: 0x6C01}},
		{"6Cxx without Le is an answer", nil, apdu.Command{INS: 0xA4}, [][2]string{{"00A40000", "6C02"}},
			apdu.Response{Data: []byte{}, SW: 0x6C02}},
		{"a long command is chained", nil, apdu.Command{INS: 0x86, Data: long, Ne: 65536},
			[][2]string{{"10860000FF" + longHex[:510], "9000"}, {"008600002D" + longHex[510:] + "00", "9000"}},
			apdu.Response{Data: []byte{}, SW: 0x9000}},
		{"a refused link ends the chain", nil, apdu.Command{INS: 0x86, Data: long},
			[][2]string{{"10860000FF" + longHex[:510], "6883"}},
			apdu.Response{Data: []byte{}, SW: 0x6883}},
		{"extended length", []apdu.Option{apdu.WithExtendedLength()}, apdu.Command{INS: 0x86, Data: long, Ne: 65536},
			[][2]string{{"0086000000012C" + longHex + "0000", "9000"}},
			apdu.Response{Data: []byte{}, SW: 0x9000}},
		{"short stays short with extended length", []apdu.Option{apdu.WithExtendedLength()}, apdu.Command{INS: 0xB0, Ne: 8},
			[][2]string{{"00B0000008", "6A82"}}, apdu.Response{Data: []byte{}, SW: 0x6A82}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			card := &script{t, c.lines}
			got, err := apdu.NewChannel(card, c.options...).Transmit(t.Context(), c.command)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
			assert.Empty(t, card.lines, "commands that were not sent")
		})
	}
}

// endless answers everything with the same bytes.
type endless []byte

func (e endless) TransmitRaw(context.Context, []byte) ([]byte, error) { return e, nil }

func TestChannelLimits(t *testing.T) {
	storm := endless{0x61, 0x00}
	channel := apdu.NewChannel(storm)
	_, err := channel.Transmit(t.Context(), apdu.Command{INS: 0xB0, Ne: 256})
	require.ErrorIs(t, err, apdu.ErrLimit)
	assert.LessOrEqual(t, channel.Counters().APDUs, apdu.DefaultLimits.Commands)

	flood := endless(append(make([]byte, 256), 0x61, 0x00))
	_, err = apdu.NewChannel(flood, apdu.WithLimits(apdu.Limits{Answer: 1000})).Transmit(t.Context(), apdu.Command{INS: 0xB0, Ne: 256})
	require.ErrorIs(t, err, apdu.ErrLimit)

	channel = apdu.NewChannel(endless{0x90, 0x00}, apdu.WithLimits(apdu.Limits{Commands: 2}))
	for range 2 {
		_, err = channel.Transmit(t.Context(), apdu.Command{})
		require.NoError(t, err)
	}
	_, err = channel.Transmit(t.Context(), apdu.Command{})
	require.ErrorIs(t, err, apdu.ErrLimit)
}

func TestChannelMalformedAnswer(t *testing.T) {
	_, err := apdu.NewChannel(endless{0x90}).Transmit(t.Context(), apdu.Command{})
	assert.ErrorIs(t, err, apdu.ErrMalformed)
}

// broken is a reader that fails.
type broken struct{ error }

func (b broken) TransmitRaw(context.Context, []byte) ([]byte, error) { return nil, b.error }

// What failed is not the card's answer, costs nothing and keeps its cause.
func TestChannelFailures(t *testing.T) {
	channel := apdu.NewChannel(broken{context.DeadlineExceeded})
	_, err := channel.Transmit(t.Context(), apdu.Command{INS: 0xB0, Ne: 256})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorContains(t, err, "transmit: ")
	_, err = channel.Transmit(t.Context(), apdu.Command{Ne: -1})
	require.ErrorIs(t, err, apdu.ErrMalformed)
	_, err = apdu.Do(t.Context(), channel, apdu.Command{})
	require.Error(t, err)
	assert.Zero(t, channel.Counters())
	assert.False(t, channel.Replayed(), "a link that does not say so is no recording")
	assert.False(t, channel.ExtendedLength())
	channel.UseExtendedLength(true)
	assert.True(t, channel.ExtendedLength())
}

func TestDo(t *testing.T) {
	_, err := apdu.Do(t.Context(), apdu.NewChannel(endless{0x69, 0x82}), apdu.Command{INS: 0xB0})
	var refusal *apdu.StatusError
	require.True(t, errors.As(err, &refusal))
	assert.Equal(t, apdu.StatusError{INS: 0xB0, SW: 0x6982}, *refusal)
}

func TestTraceHasNoContent(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	card := &script{t, [][2]string{{"002000800431323334", "5EC2E79000"}}}
	channel := apdu.NewChannel(card, apdu.WithTrace(func(e apdu.Exchange) { logger.Debug("apdu", "exchange", e) }))
	_, err := channel.Transmit(t.Context(), apdu.Command{INS: 0x20, P2: 0x80, Data: []byte("1234")})
	require.NoError(t, err)
	line := strings.ToUpper(log.String())
	assert.Contains(t, line, "HEADER=00200080")
	assert.Contains(t, line, "SW=9000")
	for _, secret := range []string{"31323334", "1234", "5EC2E7", fmt.Sprint([]byte("1234"))} {
		assert.NotContains(t, line, secret)
	}
	assert.Equal(t, apdu.Counters{APDUs: 1, Sent: 9, Received: 5}, channel.Counters())
}

func ExampleDo() {
	card := apdu.NewChannel(endless{0xCA, 0xFE, 0x90, 0x00})
	challenge, err := apdu.Do(context.Background(), card, apdu.Command{INS: apdu.INSGetChallenge, Ne: 8})
	fmt.Printf("%X %v\n", challenge, err)
	// Output: CAFE <nil>
}
