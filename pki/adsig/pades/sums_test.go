package pades

import (
	"bytes"
	"crypto"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Signatures of one file share what they hash, and each gets the digest that it
// would have got alone, in whatever order they are asked for.
func TestSumsOfOneFile(t *testing.T) {
	content := make([]byte, 10_000)
	for i := range content {
		content[i] = byte(rand.Uint32())
	}
	hashes := []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512, crypto.SHA1}
	for range 50 {
		prefix := &prefixes{r: bytes.NewReader(content)}
		var all []*sums
		for range 6 {
			cuts := []int64{rand.Int64N(9_000), rand.Int64N(9_000), rand.Int64N(9_000)}
			slices.Sort(cuts)
			all = append(all, newSums(prefix, cuts[0], cuts[1], cuts[2]))
		}
		for range 30 {
			s, h := all[rand.IntN(len(all))], hashes[rand.IntN(len(hashes))]
			got, err := s.digest(h)
			require.NoError(t, err)
			want := h.New()
			want.Write(content[:s.from])
			want.Write(content[s.to:s.end])
			assert.Equal(t, want.Sum(nil), got)
		}
	}
	short := newSums(&prefixes{r: bytes.NewReader(content)}, 10, 20, 20_000)
	_, err := short.digest(crypto.SHA256)
	assert.Error(t, err, "the file ends before what is signed")
}
