package trust_test

import (
	"runtime"
	"testing"
	"time"

	"cnie/internal/vectors"
	"cnie/pki/cert"
	"cnie/pki/cms"
	"cnie/pki/trust"

	"github.com/stretchr/testify/require"
)

// BenchmarkLoad opens a managed directory with a whole master list and indexes
// it, and compares that with parsing the same certificates once. The goals are
// 100 ms and 10 MB for 600 certificates; the figures are put per 600.
func BenchmarkLoad(b *testing.B) {
	dir := german(b).Path()
	sd, err := cms.Parse(vectors.File(b, "masterlist", germanFile))
	require.NoError(b, err)
	var raws [][]byte
	for c := range trust.MasterListCertificates(sd.Content) {
		raws = append(raws, c.Raw)
	}
	var wholes, parses []time.Duration
	for b.Loop() {
		begin := time.Now()
		_, err := trust.LoadDir(dir)
		require.NoError(b, err)
		between := time.Now()
		for _, raw := range raws {
			_, err := cert.Parse(raw)
			require.NoError(b, err)
		}
		wholes, parses = append(wholes, between.Sub(begin)), append(parses, time.Since(between))
	}
	scale := 600 / float64(len(raws))
	b.ReportMetric(float64(median(wholes))*scale/1e6, "ms/600")
	b.ReportMetric(float64(median(wholes))/float64(median(parses)), "x-parse")
	b.ReportMetric(held(b, dir)*scale, "MB/600")
}

// held measures what a loaded store keeps, in MB, every signature in it verified.
func held(b *testing.B, dir string) float64 {
	b.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	store, err := trust.LoadDir(dir)
	require.NoError(b, err)
	store.Relations(nil)
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(store)
	return float64(after.HeapAlloc-before.HeapAlloc) / (1 << 20)
}
