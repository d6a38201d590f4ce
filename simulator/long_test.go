package simulator_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/simulator"
)

// echo is an application of long commands and answers: CA answers as many bytes
// as P1-P2 says, CB what it was sent.
type echo struct{ seen []simulator.Command }

func (*echo) AID() []byte                { return []byte("SPECIMEN LONG") }
func (*echo) Select() simulator.Response { return simulator.Response{Data: pattern(20), SW: 0x9000} }
func (*echo) Deselect()                  {}
func (*echo) MaxCommand() int            { return 600 }
func (e *echo) Process(c simulator.Command) simulator.Response {
	e.seen = append(e.seen, c)
	switch c.INS {
	case 0xCA:
		return simulator.Response{Data: pattern(int(c.P1)<<8 | int(c.P2)), SW: 0x6282}
	case 0xCB:
		return simulator.Response{Data: bytes.Clone(c.Data), SW: 0x9000}
	}
	return simulator.Response{SW: 0x6D00}
}

var selectLong = "00a404000d" + hex.EncodeToString([]byte("SPECIMEN LONG"))

func hexPattern(from, to int) string { return hex.EncodeToString(pattern(to)[from:]) }

func TestLongCommandsAndAnswers(t *testing.T) {
	half := hex.EncodeToString(pattern(255))
	for _, c := range []struct {
		name  string
		steps [][2]string
	}{
		{"fits", [][2]string{{"00ca010000", hexPattern(0, 256) + "6282"}}},
		{"one more than fits", [][2]string{{"00ca010100", hexPattern(0, 256) + "6101"}, {"00c0000001", "006282"}, {"00c0000000", "6985"}}},
		{"much more", [][2]string{
			{"00ca024100", hexPattern(0, 256) + "6100"}, {"00c0000000", hexPattern(256, 512) + "6141"},
			{"00c0000040", hexPattern(512, 576) + "6101"}, {"00c0000000", "406282"},
		}},
		{"exactly 256 left", [][2]string{{"00ca020000", hexPattern(0, 256) + "6100"}, {"00c0000000", hexPattern(256, 512) + "6282"}}},
		{"asked for a length first", [][2]string{{"00ca003008", hexPattern(0, 8) + "6128"}, {"00c0000028", hexPattern(8, 48) + "6282"}}},
		{"more than there is", [][2]string{{"00ca003008", hexPattern(0, 8) + "6128"}, {"00c00000ff", hexPattern(8, 48) + "6282"}}},
		{"without Le", [][2]string{{"00ca0101", hexPattern(0, 256) + "6101"}, {"00c00000", "006282"}}},
		{"extended", [][2]string{{"00ca024100000000"[:14], hexPattern(0, 577) + "6282"}}},
		{"interrupted answer", [][2]string{{"00ca003008", hexPattern(0, 8) + "6128"}, {"00cb00000101", "019000"}, {"00c0000000", "6985"}}},
		{"answer and another selection", [][2]string{{"00ca003008", hexPattern(0, 8) + "6128"}, {"00a4040005a000000308", "6a82"}, {"00c0000000", "6985"}}},
		{"GET RESPONSE of nothing", [][2]string{{"00c0000000", "6985"}}},
		{"GET RESPONSE with parameters", [][2]string{{"00ca003008", hexPattern(0, 8) + "6128"}, {"00c0010000", "6a86"}}},
		{"GET RESPONSE with data", [][2]string{{"00ca003008", hexPattern(0, 8) + "6128"}, {"00c000000100", "6700"}}},
		{"chain", [][2]string{{"10cb0000ff" + half, "9000"}, {"10cb00000103", "9000"}, {"00cb0000020405", half + "036102"}, {"00c0000002", "04059000"}}},
		{"chain of one", [][2]string{{"10cb0000", "9000"}, {"00cb0000", "9000"}}},
		{"chain too long", [][2]string{{"10cb0000ff" + half, "9000"}, {"10cb0000ff" + half, "9000"}, {"10cb0000ff" + half, "6700"}, {"00cb00000107", "079000"}}},
		{"too long without a chain", [][2]string{{"00cb0000000259" + hexPattern(0, 601), "6700"}}},
		{"another instruction breaks in", [][2]string{{"10cb00000101", "9000"}, {"00ca000100", "6883"}, {"00cb00000102", "029000"}}},
		{"other parameters break in", [][2]string{{"10cb00000101", "9000"}, {"00cb00010102", "6883"}}},
		{"GET RESPONSE breaks in", [][2]string{{"10cb00000101", "9000"}, {"00c0000000", "6883"}}},
		{"selection ends a chain", [][2]string{{"10cb00000101", "9000"}, {selectLong, hexPattern(0, 20) + "9000"}, {"00cb00000102", "029000"}}},
		{"failed selection ends a chain", [][2]string{{"10cb00000101", "9000"}, {"00a4040005a000000308", "6a82"}, {"00cb00000102", "029000"}}},
		{"chained GET RESPONSE", [][2]string{{"10c0000000", "6884"}}},
		{"chained selection", [][2]string{{"10a4040005a000000308", "6884"}}},
		{"selection, length first", [][2]string{{selectLong + "08", hexPattern(0, 8) + "610c"}, {"00c000000c", hexPattern(8, 20) + "9000"}}},
		{"selection without an answer", [][2]string{{"00a4040c" + selectLong[8:], "9000"}, {"00c0000000", "6985"}}},
		{"other forms of selection", [][2]string{{"00a4020c02011c", "6d00"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			card := plainCard(false)
			card.ExtendedLength = true
			chip := simulator.New(card, simulator.WithApplet(&echo{}))
			exchange(t, chip, selectLong, hexPattern(0, 20)+"9000")
			for _, step := range c.steps {
				exchange(t, chip, step[0], step[1])
			}
		})
	}
}

// A joined command looks as if it had come in one piece.
func TestJoinedCommand(t *testing.T) {
	app := &echo{}
	chip := simulator.New(plainCard(false), simulator.WithApplet(app))
	for _, command := range []string{selectLong, "10cb01020101", "10cb01020102", "00cb01020103" + "20"} {
		chip.Transmit(unhex(t, command))
	}
	require.Len(t, app.seen, 1)
	got := app.seen[0]
	assert.Equal(t, simulator.Command{INS: 0xCB, P1: 1, P2: 2, Data: []byte{1, 2, 3}, Ne: 32, Room: 32}, got)
}

// TestLongAnswerUnderProtection sends what fits the secured answer, then the rest.
func TestLongAnswerUnderProtection(t *testing.T) {
	chip := simulator.New(plainCard(false, pace(ec.P256(), kdf.AES128)), simulator.WithApplet(&echo{}))
	s, _ := runPACE(t, chip.Transmit, ec.P256(), kdf.AES128, 2, []byte(can))
	terminal := newTerminal(t, chip.Transmit, s)
	require.Equal(t, hexPattern(0, 20)+"9000", terminal.exchange(selectLong+"00"))
	assert.Equal(t, hexPattern(0, 223)+"6121", terminal.exchange("00ca010000"))
	assert.Equal(t, hexPattern(223, 256)+"6282", terminal.exchange("00c0000021"))
	assert.Equal(t, "6110", terminal.exchange("00ca0010"), "no Le: nothing fits")
	assert.Equal(t, hexPattern(0, 16)+"6282", terminal.exchange("00c0000010"))
}

func TestResetForgetsLongExchanges(t *testing.T) {
	chip := simulator.New(plainCard(false), simulator.WithApplet(&echo{}))
	chip.Transmit(unhex(t, selectLong))
	chip.Transmit(unhex(t, "10cb00000101"))
	chip.Reset()
	exchange(t, chip, selectLong, hexPattern(0, 20)+"9000")
	exchange(t, chip, "00cb00000102", "029000")
}
