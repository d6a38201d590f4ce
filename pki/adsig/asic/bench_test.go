package asic_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"testing"
	"time"

	"cnie/pki/adsig/asic"
	"cnie/pki/adsig/cades"

	"github.com/stretchr/testify/require"
)

// BenchmarkCreate puts ten files of 1 MB under one signature, and gives the ratio
// to hashing them and one raw signature.
func BenchmarkCreate(b *testing.B) {
	d := newDesk(b)
	content := bytes.Repeat([]byte("SPECIMEN"), 1<<17)
	var all []asic.Document
	for n := range 10 {
		all = append(all, asic.Document{Name: string(rune('a' + n)), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(content)), nil
		}})
	}
	var ours, bare time.Duration
	for b.Loop() {
		start := time.Now()
		require.NoError(b, asic.Create(b.Context(), io.Discard, all, d.hand(), cades.BB, nil))
		ours += time.Since(start)
		start = time.Now()
		var digest [32]byte
		for range all {
			digest = sha256.Sum256(content)
		}
		_, err := d.signer.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
		bare += time.Since(start)
		require.NoError(b, err)
	}
	b.SetBytes(int64(len(all) * len(content)))
	b.ReportMetric(float64(ours)/float64(bare), "×bare")
}
