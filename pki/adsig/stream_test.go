package adsig_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"cnie/pki/adsig"
	"cnie/pki/adsig/cades"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	megabyte = 1 << 20
	ceiling  = 64 * megabyte // of memory, whatever the length
)

// zeros is content of any length.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func long(size int64) io.Reader { return io.LimitReader(zeros{}, size) }

// TestMemory signs, raises and validates 256 MB, attached and detached, and looks
// at what the process has taken from the system.
func TestMemory(t *testing.T) {
	const size = 256 * megabyte
	s := newScene(t)
	signer := cades.Signer{Key: s.signer.Key, Chain: s.Chain(s.signer), At: s.Now}
	file := filepath.Join(t.TempDir(), "signed")
	before := taken()

	out, err := os.Create(file)
	require.NoError(t, err)
	require.NoError(t, signer.Envelop(t.Context(), out, long(size), cades.BT, s.augmenter()))
	require.NoError(t, out.Close())
	in, err := os.Open(file)
	require.NoError(t, err)
	defer in.Close()
	require.NoError(t, s.augmenter().AugmentStream(t.Context(), io.Discard, in, cades.BLT))
	_, err = in.Seek(0, io.SeekStart)
	require.NoError(t, err)
	s.validateLong(in, nil, cades.BT)

	detached, err := signer.SignReader(long(size))
	require.NoError(t, err)
	s.validateLong(bytes.NewReader(detached), long(size), cades.BB)
	assert.Less(t, taken()-before, uint64(ceiling))
}

func taken() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys
}

func (s *scene) validateLong(message, content io.Reader, level cades.Level) {
	s.t.Helper()
	in, err := adsig.Open(message, content)
	require.NoError(s.t, err)
	reports, err := adsig.Validate(in, s.policy())
	require.NoError(s.t, err)
	require.Len(s.t, reports, 1)
	assertIndication(s.t, reports[0], adsig.TotalPassed, "")
	assert.Equal(s.t, level, reports[0].Level)
}

// BenchmarkGigabyte signs and validates a file of 1 GB, and gives the ratio to
// `openssl dgst -sha256` of the same file, run before each.
func BenchmarkGigabyte(b *testing.B) {
	const size = 1 << 30
	file := filepath.Join(b.TempDir(), "file")
	require.NoError(b, os.WriteFile(file, nil, 0o600))
	require.NoError(b, os.Truncate(file, size))
	s := newScene(b)
	signer := cades.Signer{Key: s.signer.Key, Chain: s.Chain(s.signer), At: s.Now}
	detached := func(f io.Reader) []byte {
		message, err := signer.SignReader(f)
		require.NoError(b, err)
		return message
	}
	message := detached(open(b, file))
	for name, work := range map[string]func(io.Reader){
		"detached": func(f io.Reader) { detached(f) },
		"attached": func(f io.Reader) { require.NoError(b, signer.Envelop(b.Context(), io.Discard, f, cades.BB, nil)) },
		"validate": func(f io.Reader) { s.validateLong(bytes.NewReader(message), f, cades.BB) },
	} {
		b.Run(name, func(b *testing.B) {
			var ours, theirs time.Duration
			for b.Loop() {
				start := time.Now()
				require.NoError(b, exec.Command("openssl", "dgst", "-sha256", file).Run())
				theirs += time.Since(start)
				start = time.Now()
				work(open(b, file))
				ours += time.Since(start)
			}
			b.SetBytes(size)
			b.ReportMetric(float64(ours)/float64(theirs), "x-openssl")
			b.ReportMetric(float64(taken())/megabyte, "MB-taken")
		})
	}
}

func open(t testing.TB, file string) *os.File {
	f, err := os.Open(file)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// BenchmarkValidate gives the ratio of validating a B-B signature to the raw
// signatures that it takes: its own, two on the path, two on the lists.
func BenchmarkValidate(b *testing.B) {
	const signatures = 5
	s := newScene(b)
	message, policy := s.sign(cades.BB), s.policy()
	c := s.signer.Cert
	sum := c.SignatureAlgorithm.Digest(c.RawTBS)
	var raw time.Duration
	for b.Loop() {
		_, err := adsig.Validate(adsig.Input{Message: message, Digests: digests}, policy)
		require.NoError(b, err)
		start := time.Now()
		for range signatures {
			require.NoError(b, s.CA.Cert.PublicKey.Verify(c.SignatureAlgorithm, sum, c.Signature))
		}
		raw += time.Since(start)
	}
	b.ReportMetric(float64(b.Elapsed()-raw)/float64(raw), "x-raw")
}
