package cades

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What comes out is what went in and was hashed, however the reader hands it
// over and whoever reads it takes it.
func TestReadAhead(t *testing.T) {
	content := make([]byte, 3*aheadPiece+17)
	for i := range content {
		content[i] = byte(rand.Uint32())
	}
	want := sha256.Sum256(content)
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "halves": iotest.HalfReader, "end with the last bytes": iotest.DataErrReader,
	} {
		t.Run(name, func(t *testing.T) {
			h := sha256.New()
			a := readAhead(wrap(bytes.NewReader(content)), h)
			defer a.Close()
			got, err := io.ReadAll(iotest.HalfReader(a))
			require.NoError(t, err)
			assert.True(t, bytes.Equal(content, got))
			assert.Equal(t, want[:], h.Sum(nil))
			_, err = a.Read(make([]byte, 1))
			assert.ErrorIs(t, err, io.EOF, "it ends once more")
		})
	}
}

// An error arrives behind all that came before it; who stops in the middle keeps
// nobody waiting.
func TestReadAheadEndsEarly(t *testing.T) {
	broken := errors.New("broken")
	a := readAhead(io.MultiReader(bytes.NewReader(make([]byte, 100)), iotest.ErrReader(broken)), io.Discard)
	got, err := io.ReadAll(a)
	assert.ErrorIs(t, err, broken)
	assert.Len(t, got, 100)
	a.Close()

	a = readAhead(endless{}, io.Discard)
	_, err = io.ReadFull(a, make([]byte, aheadPiece+1))
	require.NoError(t, err)
	a.Close()
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
