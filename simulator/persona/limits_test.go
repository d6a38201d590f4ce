package persona

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/lds"
)

// A chip with a small buffer says so in EF.ATR/INFO, which anybody may read.
func TestSizesInATRInfo(t *testing.T) {
	card := cardOf(t, "small-buffer")
	assert.Equal(t, []byte{
		0x47, 3, 0x84, 0x21, 0xE0, // command chaining, extended length, how long
		0x7F, 0x66, 10, 0x02, 3, 0, 0, 160, 0x02, 3, 0, 0, 160,
	}, card.Files[lds.ATRInfo])
	p, err := Load("small-buffer")
	require.NoError(t, err)
	short := false
	p.Chip.ExtendedLength, p.Chip.Buffer = &short, Buffer{Answer: 200}
	card, err = p.Card()
	require.NoError(t, err)
	assert.Equal(t, []byte{
		0x47, 3, 0x84, 0x21, 0xA0,
		0x7F, 0x66, 10, 0x02, 3, 0, 0xFF, 0xFF, 0x02, 3, 0, 0, 200,
	}, card.Files[lds.ATRInfo])
	assert.NotContains(t, cardOf(t, "specimen").Files, lds.ATRInfo)
}

// A file of a gigabyte is refused for what it is, not read.
func TestLargeFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "large.yaml")
	require.NoError(t, os.WriteFile(name, nil, 0o600))
	require.NoError(t, os.Truncate(name, 1<<30))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Load(name)
	runtime.ReadMemStats(&after)
	assert.ErrorContains(t, err, "larger than any persona")
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "bytes")
}
