package traces_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"filippo.io/age"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu/trace"
	"cnie/internal/traces"
	"cnie/lds"
)

func sample(specimen bool) *trace.Trace {
	t := &trace.Trace{Header: trace.Header{
		Version: 1, Content: trace.Full, Program: "cnie test", At: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC),
		Reader: "Virtual PCD 00 00", ATR: trace.Hex{0x3B, 0x80}, Specimen: specimen,
		Session: trace.Session{Files: []string{"dg1"}, Password: "CAN"},
	}}
	add := func(at, took int64, e trace.Entry) {
		e.At, e.Took = at, took
		t.Entries = append(t.Entries, e)
	}
	selectApplication := append([]byte{0x00, 0xA4, 0x04, 0x0C, 7}, lds.AID...)
	add(0, 5, trace.Entry{Event: trace.Connect})
	add(10, 1200, trace.Exchange([]byte{0x00, 0xB0, 0x9C, 0x00, 0xDF}, []byte{0x31, 0x00, 0x90, 0x00}, ""))
	add(2000, 300, trace.Exchange(selectApplication, []byte{0x90, 0x00}, ""))
	add(3000, 300, trace.Exchange([]byte{0x0C, 0xB0, 0x81, 0x00, 0x0D}, []byte{0x99, 0x02, 0x90, 0x00, 0x90, 0x00}, ""))
	add(4000, 300, trace.Exchange([]byte{0x0C, 0xB0, 0x00, 0xDF, 0x0D}, []byte{0x99, 0x02, 0x90, 0x00, 0x90, 0x00}, ""))
	add(5000, 300, trace.Exchange([]byte{0x0C, 0xB0, 0x8D, 0x00, 0x0D}, []byte{0x6A, 0x82}, ""))
	add(6000, 700, trace.Exchange([]byte{0x0C, 0xB0, 0x82, 0x00, 0x0D}, nil, trace.Removed))
	return t
}

func TestWriteAndOpen(t *testing.T) {
	mine, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	other, err := age.GenerateX25519Identity()
	require.NoError(t, err)

	var clear, sealed bytes.Buffer
	require.ErrorIs(t, traces.Write(&clear, sample(false)), traces.ErrPersonal)
	assert.Empty(t, clear.Bytes())
	require.NoError(t, traces.Write(&clear, sample(true)))
	require.NoError(t, traces.Write(&sealed, sample(false), mine.Recipient()))
	require.NoError(t, traces.Write(&bytes.Buffer{}, sample(false).Redact()))

	for file, wantEncrypted := range map[*bytes.Buffer]bool{&clear: false, &sealed: true} {
		got, encrypted, err := traces.Open(bytes.NewReader(file.Bytes()), mine)
		require.NoError(t, err)
		assert.Equal(t, wantEncrypted, encrypted)
		assert.Len(t, got.Entries, 7)
	}
	_, _, err = traces.Open(bytes.NewReader(sealed.Bytes()))
	assert.ErrorIs(t, err, traces.ErrNeedsKey)
	_, _, err = traces.Open(bytes.NewReader(sealed.Bytes()), other)
	assert.ErrorIs(t, err, traces.ErrOtherKey)
	flipped := bytes.Clone(sealed.Bytes())
	flipped[len(flipped)-1] ^= 1
	_, _, err = traces.Open(bytes.NewReader(flipped), mine)
	assert.ErrorIs(t, err, traces.ErrDamaged)
	_, _, err = traces.Open(strings.NewReader("age-encryption.org/v1\nendless"), mine)
	assert.ErrorIs(t, err, traces.ErrDamaged)
	_, _, err = traces.Open(strings.NewReader("no trace"))
	assert.ErrorIs(t, err, trace.ErrMalformed)
	_, _, err = traces.Open(bytes.NewReader(make([]byte, 10<<20)))
	assert.ErrorIs(t, err, trace.ErrTooLong)
}

const shown = `Recorded 2026-11-22 08:00:00 UTC by cnie test.
Reader: Virtual PCD 00 00. ATR: 3B80.
Asked for: dg1, with the CAN.
SPECIMEN: the card of a person who does not exist.
With content. What secure messaging covers is not decrypted here.

   #      ms  sent   recv  status  what happened
connected to the card
read EF.CardAccess: 1 command, 1.2 ms
   1     1.2     5      4  9000    READ BINARY
select the application: 1 command, 0.3 ms
   2     0.3    12      2  9000    SELECT the eMRTD application
read EF.DG1: 2 commands, 0.6 ms
   3     0.6    10     12  9000 s  2 × READ BINARY
read EF.DG13: 1 command, 0.3 ms
   5     0.3     5      2  6A82 s  READ BINARY: not found
read EF.DG2: 1 command, 0.7 ms
   6     0.7     5      0   s      READ BINARY: the card was removed

6 commands, 37 bytes sent, 20 received.
6.7 ms in all, 3.1 ms of them the card's.
`

func TestText(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, traces.Text(&out, sample(true), 0))
	assert.Equal(t, shown, out.String())
}

func TestTextFitsATerminal(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, traces.Text(&out, sample(true), 40))
	table := out.String()[strings.Index(out.String(), "\n\n"):]
	for _, line := range strings.Split(table, "\n") {
		assert.LessOrEqual(t, utf8.RuneCountInString(line), 40, line)
	}
}

// What somebody wrote into a file must not steer the terminal of whoever looks.
func TestTextIsHarmless(t *testing.T) {
	hostile := sample(true)
	hostile.Header.Reader = "\x1b[2J\u202ereader\r\n"
	hostile.Header.Program = "\x07\x9b31m"
	hostile.Header.Session.Password = "\x00"
	hostile.Header.Remade, hostile.Header.Unequal = true, []string{"\x1b]0;title\x07"}
	var out bytes.Buffer
	require.NoError(t, traces.Text(&out, hostile, 80))
	for _, r := range out.String() {
		if r != '\n' {
			assert.True(t, r >= ' ' && r != 0x7F && r != 0x9B && r != 0x202E, "%U", r)
		}
	}
	assert.Contains(t, out.String(), `\x1b[2J\u202ereader\r\n`)
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, traces.JSON(&out, sample(true).Redact()))
	var got struct {
		Content string
		Total   traces.Total
		Steps   []trace.Step
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	assert.Equal(t, "redacted", got.Content)
	assert.Equal(t, traces.Total{Commands: 6, Sent: 37, Received: 20, Card: 3105, Whole: 6700}, got.Total)
	assert.Equal(t, "read EF.DG2", got.Steps[len(got.Steps)-1].Name)
}

func TestNames(t *testing.T) {
	assert.Equal(t, "EF.CardAccess", traces.Names.Short(false, 0x1C))
	assert.Equal(t, "EF.SOD", traces.Names.Short(true, 0x1D))
	assert.Equal(t, "EF.CardSecurity", traces.Names.Short(false, 0x1D))
	assert.Empty(t, traces.Names.Short(true, 0x1C))
	assert.Equal(t, "EF.DG1", traces.Names.File(0x0101))
	assert.Equal(t, "EF.SOD", traces.Names.File(0x011D))
	assert.Empty(t, traces.Names.File(0x9999))
	assert.Equal(t, "the PIV application", traces.Names.Application([]byte{0xA0, 0, 0, 3, 8, 0, 0, 0x10, 0}))
	assert.Empty(t, traces.Names.Application([]byte{1, 2, 3}))
}
