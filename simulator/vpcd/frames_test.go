package vpcd

import (
	"bufio"
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// endless repeats the same bytes.
type endless struct {
	bytes []byte
	at    int
}

func (e *endless) Read(b []byte) (int, error) {
	n := copy(b, e.bytes[e.at:])
	e.at = (e.at + n) % len(e.bytes)
	return n, nil
}

func offline(in io.Reader, out io.Writer) *frames {
	return &frames{conn: out, in: bufio.NewReaderSize(in, headerLen+maxFrame)}
}

type fixed []byte

func (f fixed) ATR() []byte            { return f }
func (f fixed) Power(bool)             {}
func (f fixed) Reset()                 {}
func (f fixed) Transmit([]byte) []byte { return f }

func TestExchangeDoesNotAllocate(t *testing.T) {
	f := offline(&endless{bytes: []byte{0, 4, 0, 0xA4, 0, 0}}, io.Discard)
	var card Card = fixed{0x90, 0x00}
	assert.Zero(t, testing.AllocsPerRun(1000, func() {
		frame, err := f.read()
		if err == nil {
			err = f.write(answer(card, frame))
		}
		if err != nil {
			t.Fatal(err)
		}
	}))
}

func FuzzServe(f *testing.F) {
	f.Add([]byte{0, 1, 1, 0, 1, 4, 0, 4, 0, 0xA4, 0, 0, 0, 1, 0})
	f.Add([]byte{0, 0})
	f.Add([]byte{0xFF, 0xFF, 1})
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		require.Error(t, serve(offline(bytes.NewReader(in), &out), fixed{0x90, 0x00}))
		for out.Len() > 0 { // whatever came in: only whole frames of the card's answer go out
			require.Equal(t, []byte{0, 2, 0x90, 0x00}, out.Next(4))
		}
	})
}
