package pades_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"time"

	"cnie/pki/adsig"
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

// BenchmarkValidate validates signatures in a document of 1 MB and a thousand
// objects, and says how long that takes as a multiple of what no validation can
// do without: every signature in the file and in the lists beside it verified
// once, and every byte range hashed, both by the standard library.
func BenchmarkValidate(b *testing.B) {
	d := newDesk(b)
	for name, c := range map[string]struct {
		document   []byte
		policy     adsig.Policy
		signatures int
	}{
		// The signer's, on two certificates, on two lists.
		"B-B": {d.sign(megabyte(), cades.BB), d.policy(), 5},
		// The signer's, on two timestamps, on three certificates and a
		// responder's, on three responses.
		"B-LTA": {d.sign(megabyte(), cades.BLTA), d.offline(), 10},
	} {
		b.Run(name, func(b *testing.B) {
			bare := d.bare(b, c.document, c.signatures)
			var whole, least spent // in turns, so that both meet the same machine
			for b.Loop() {
				start := time.Now()
				found, err := pades.Validate(bytes.NewReader(c.document), int64(len(c.document)), c.policy)
				whole.add(time.Since(start))
				require.NoError(b, err)
				assertPassed(b, found.Signatures[0])
				start = time.Now()
				require.True(b, bare())
				least.add(time.Since(start))
			}
			b.ReportMetric(float64(whole.all)/float64(least.all), "×bare")
			b.ReportMetric(float64(whole.shortest)/float64(least.shortest), "×bare-shortest")
			b.ReportMetric(whole.shortest.Seconds()*1e3, "ms-validate")
			b.ReportMetric(least.shortest.Seconds()*1e3, "ms-bare")
		})
	}
}

// spent is the time of all runs, and of the shortest, which other programs on the
// machine disturb least.
type spent struct{ all, shortest time.Duration }

func (s *spent) add(d time.Duration) {
	s.all += d
	if s.shortest == 0 || d < s.shortest {
		s.shortest = d
	}
}

// bare verifies so many signatures on P-256, and hashes the byte ranges of a
// document.
func (d *desk) bare(b *testing.B, document []byte, signatures int) func() bool {
	key, ok := d.signer.Key.Public().(*ecdsa.PublicKey)
	require.True(b, ok)
	digest := sha256.Sum256(document)
	signature, err := d.signer.Key.Sign(rand.Reader, digest[:], crypto.SHA256)
	require.NoError(b, err)
	var ranges [][]byte
	for _, found := range byteRanges.FindAllSubmatch(document, -1) {
		for i := 1; i < len(found); i += 2 {
			from, err1 := strconv.Atoi(string(found[i]))
			length, err2 := strconv.Atoi(string(found[i+1]))
			require.NoError(b, errors.Join(err1, err2))
			ranges = append(ranges, document[from:from+length])
		}
	}
	require.NotEmpty(b, ranges)
	return func() bool {
		sum := sha256.New()
		for _, r := range ranges {
			sum.Write(r)
		}
		right := true
		for range signatures {
			right = ecdsa.VerifyASN1(key, digest[:], signature) && right
		}
		return right
	}
}

var byteRanges = regexp.MustCompile(`/ByteRange ?\[ ?(\d+) (\d+) (\d+) (\d+) *\]`)

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
