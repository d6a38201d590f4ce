package cms_test

import (
	"slices"
	"testing"
	"time"

	"cnie/internal/vectors"
	"cnie/pki/cms"
	"cnie/pki/specimen"

	"github.com/stretchr/testify/require"
)

// BenchmarkSOD reads EF.SODs and verifies them with the certificates inside, and
// compares with what nobody can save: two hashes and the signature check under
// a key that was parsed before.
func BenchmarkSOD(b *testing.B) {
	b.Run("specimen", func(b *testing.B) { benchmarkSOD(b, specimenSOD(b, specimen.SODOptions{})) })
	for _, name := range []string{"rsa-2048-sha256", "ecdsa-p256-sha256"} {
		b.Run(name, func(b *testing.B) {
			benchmarkSOD(b, vectors.File(b, "synthetic-sod", "johnny-silverhand-"+name+".sod"))
		})
	}
}

func benchmarkSOD(b *testing.B, message []byte) {
	whole := func() error {
		sd, err := cms.Parse(message)
		if err == nil {
			_, err = sd.Verify(0, sd.Certificates[0])
		}
		return err
	}
	raw := rawCheck(b, message)
	var wholes, raws []time.Duration
	for b.Loop() { // in turns, so that a busy machine slows both alike
		begin := time.Now()
		require.NoError(b, whole())
		between := time.Now()
		require.NoError(b, raw())
		wholes, raws = append(wholes, between.Sub(begin)), append(raws, time.Since(between))
	}
	slices.Sort(wholes)
	slices.Sort(raws)
	median := len(raws) / 2
	b.ReportMetric(float64(wholes[median]), "ns/op")
	b.ReportMetric(float64(wholes[median])/float64(raws[median]), "x-raw")
	b.ReportMetric(testing.AllocsPerRun(10, func() { _ = whole() }), "allocs")
	b.ReportMetric(testing.AllocsPerRun(10, func() { _ = raw() }), "raw-allocs")
}

func rawCheck(b *testing.B, message []byte) func() error {
	sd, err := cms.Parse(message)
	require.NoError(b, err)
	result, err := sd.Verify(0, sd.Certificates[0])
	require.NoError(b, err)
	key, signer := sd.Certificates[0].PublicKey, sd.Signers[0]
	attributes := wrap(0x31, signer.SignedAttributes)
	return func() error {
		_ = result.Algorithm.Digest(sd.Content)
		return key.Verify(result.Algorithm, result.Algorithm.Digest(attributes), signer.Signature)
	}
}
