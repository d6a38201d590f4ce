package jades_test

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"testing"
	"time"

	"cnie/pki/adsig/jades"

	"github.com/stretchr/testify/require"
)

// BenchmarkSign signs an object by its digest with each kind of key, and says how
// much time goes into anything but the raw signature.
func BenchmarkSign(b *testing.B) {
	for _, name := range []string{"ES256", "RS256"} {
		b.Run(name, func(b *testing.B) {
			d := newDesk(b, kinds(b)[name])
			sum := sha256.Sum256(letter)
			var ours, raw time.Duration
			for b.Loop() {
				start := time.Now()
				_, err := d.signer(name).SignObjects([]jades.Object{{Name: "letter.txt", MIME: "text/plain", Digest: sum[:]}})
				ours += time.Since(start)
				require.NoError(b, err)
				start = time.Now()
				_, err = d.id.Key.Sign(rand.Reader, sum[:], crypto.SHA256)
				raw += time.Since(start)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(ours)/float64(raw), "×key")
			b.ReportMetric((ours-raw).Seconds()*1e3/float64(b.N), "ms-over-key")
		})
	}
}
