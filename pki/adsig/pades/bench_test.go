package pades_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"runtime"
	"testing"
	"time"

	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
	"cnie/pki/adsig/pdf/pdftest"

	"github.com/stretchr/testify/require"
)

// megabyte is a document of that size in many objects.
func megabyte() []byte {
	f := pdftest.Page("SPECIMEN")
	for n := 6; n < 1030; n++ {
		f.Objects[n] = pdftest.Stream("", string(bytes.Repeat([]byte{'x'}, 940)))
	}
	return f.Bytes()
}

// BenchmarkSign signs a document of 1 MB at B-B with the one raw signature that
// it takes, and says how much time goes into anything else, and how much memory
// as a multiple of the document.
func BenchmarkSign(b *testing.B) {
	for name, key := range map[string]func(*desk){
		"rsa":  func(d *desk) { d.signer = d.Signer(rsaKey()) },
		"p256": func(*desk) {},
	} {
		b.Run(name, func(b *testing.B) {
			d := newDesk(b)
			key(d)
			document := megabyte()
			digest := sha256.Sum256(document)
			raw := measure(b, func() error {
				_, err := d.signer.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
				return err
			})
			s := d.newSigner()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for b.Loop() {
				require.NoError(b, s.Sign(b.Context(), io.Discard, bytes.NewReader(document), int64(len(document)), cades.BB, nil))
			}
			runtime.ReadMemStats(&after)
			whole := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			b.ReportMetric((whole-float64(raw.Nanoseconds()))/1e6, "ms-over-key/op")
			b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(b.N)/float64(len(document)), "×document-allocated")
		})
	}
}

// BenchmarkValidate validates a signature at B-LTA in a document of 1 MB and a
// thousand objects, each of which is compared with what it was.
func BenchmarkValidate(b *testing.B) {
	d := newDesk(b)
	document := d.sign(megabyte(), cades.BLTA)
	policy := d.policy()
	for b.Loop() {
		_, err := pades.Validate(bytes.NewReader(document), int64(len(document)), policy)
		require.NoError(b, err)
	}
}

// measure is the shortest of several runs.
func measure(b *testing.B, f func() error) time.Duration {
	best := time.Hour
	for range 20 {
		start := time.Now()
		require.NoError(b, f())
		best = min(best, time.Since(start))
	}
	return best
}
