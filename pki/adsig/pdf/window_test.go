package pdf

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whatever was read before, a window shows what is in the file.
func TestWindow(t *testing.T) {
	content := make([]byte, 3*maxBlock+100)
	for i := range content {
		content[i] = byte(rand.Uint32())
	}
	size := int64(len(content))
	f := &File{r: bytes.NewReader(content), size: size}
	for i := range int64(5000) {
		at, n := rand.Int64N(size+1), rand.IntN(3000)
		if i%3 > 0 { // one behind the other
			at = min(size, f.near.at+rand.Int64N(2*maxBlock))
		}
		b, err := f.window(at, n)
		require.NoError(t, err)
		require.True(t, bytes.Equal(content[at:min(size, at+int64(n))], b), "%d bytes at %d", n, at)
		b, err = f.piece(at, n)
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(content[at:], b))
		require.GreaterOrEqual(t, int64(len(b)), min(int64(n), size-at))
	}
	for _, at := range []int64{-1, size + 1} {
		_, err := f.window(at, 1)
		assert.ErrorIs(t, err, ErrMalformed)
	}
}
