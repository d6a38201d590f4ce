//go:build unix

package ec_test

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
)

// BenchmarkOpenSSL sets each operation beside the same one of `openssl speed`, run just before it and just after it. Both
// are counted in processor time, as openssl does by itself: on a machine that others use, wall time would count their work
// as ours.
func BenchmarkOpenSSL(b *testing.B) {
	for _, c := range []*ec.Curve{ec.BrainpoolP256r1(), ec.BrainpoolP384r1(), ec.BrainpoolP512r1(), ec.P256(), ec.P384()} {
		suffix := strings.NewReplacer("brainpoolP", "brp", "P-", "p").Replace(c.Name())
		d, digest := scalar(c, testScalars(c, 1)[0]), make([]byte, c.ScalarBytes())
		pub := mul(b, c.Generator(), d)
		r, s, err := ec.Sign(c, d, digest)
		require.NoError(b, err)
		for _, operation := range []struct {
			name, algorithm string
			field           int // of openssl's line
			run             func()
		}{
			{"multiply", "ecdh", 3, func() { _, _ = ec.ECDH(d, pub) }},
			{"verify", "ecdsa", 4, func() { ec.Verify(pub, digest, r, s) }},
			{"sign", "ecdsa", 3, func() { _, _, _ = ec.Sign(c, d, digest) }},
		} {
			b.Run(c.Name()+"/"+operation.name, func(b *testing.B) {
				theirs := opensslTime(b, operation.algorithm+suffix, operation.field)
				operation.run() // tables are made at first use
				before := processorTime(b)
				for b.Loop() {
					operation.run()
				}
				ours := (processorTime(b) - before) / time.Duration(b.N)
				theirs = (theirs + opensslTime(b, operation.algorithm+suffix, operation.field)) / 2
				b.ReportMetric(float64(ours.Nanoseconds())/1000, "µs-ours")
				b.ReportMetric(float64(theirs.Nanoseconds())/1000, "µs-openssl")
				b.ReportMetric(float64(ours)/float64(theirs), "ratio")
			})
		}
	}
}

// opensslTime reads how many operations openssl does in a second of processor time.
func opensslTime(b *testing.B, algorithm string, field int) time.Duration {
	out, err := exec.Command("openssl", "speed", "-mr", "-seconds", "1", algorithm).Output()
	require.NoError(b, err)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	fields := strings.Split(lines[len(lines)-1], ":") // +F5:index:bits:operations a second:…
	require.Greater(b, len(fields), field)
	rate, err := strconv.ParseFloat(fields[field], 64)
	require.NoError(b, err)
	return time.Duration(float64(time.Second) / rate)
}

func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
