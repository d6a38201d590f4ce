package trust_test

import (
	"crypto"
	"slices"
	"testing"
	"time"

	"cnie/internal/ec"
	"cnie/lds"
	"cnie/pki/cert"
	"cnie/pki/cms"
	"cnie/pki/specimen"
	"cnie/pki/trust"

	"github.com/stretchr/testify/require"
)

// BenchmarkPassiveAuthentication compares everything from the bytes of EF.SOD to
// a verified path with the two signature checks that it cannot do without.
// The goal is 1.3 times their time and 500 allocations; the P-256 rows are the
// hard ones, their checks being the quickest.
func BenchmarkPassiveAuthentication(b *testing.B) {
	for _, key := range []specimen.Algorithm{
		{Curve: ec.P256(), Hash: crypto.SHA256},
		{Curve: ec.BrainpoolP256r1(), Hash: crypto.SHA256},
		{RSA: 2048, Hash: crypto.SHA256},
	} {
		name := "RSA-2048"
		if key.Curve != nil {
			name = key.Curve.Name()
		}
		message, store := prepare(b, key)
		raw := rawChecks(b, message, store)
		b.Run(name, func(b *testing.B) {
			var wholes, raws []time.Duration
			for b.Loop() { // in turns, so that a busy machine slows both alike
				begin := time.Now()
				require.NoError(b, authenticate(message, store))
				between := time.Now()
				raw()
				wholes, raws = append(wholes, between.Sub(begin)), append(raws, time.Since(between))
			}
			b.ReportMetric(float64(median(wholes)), "ns/op")
			b.ReportMetric(float64(median(wholes))/float64(median(raws)), "x-raw")
			b.ReportMetric(testing.AllocsPerRun(10, func() { _ = authenticate(message, store) }), "allocs")
		})
	}
}

// median leaves out the moments in which the machine did something else.
func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// prepare signs a security object of six data groups under a country of its own.
func prepare(b *testing.B, key specimen.Algorithm) ([]byte, *trust.Store) {
	b.Helper()
	country, err := specimen.New("benchmark", specimen.Options{Key: key})
	require.NoError(b, err)
	signer, err := country.IssueDSC(specimen.DSCOptions{Key: key})
	require.NoError(b, err)
	files := map[lds.File][]byte{}
	for _, file := range []lds.File{lds.DG1, lds.DG2, lds.DG11, lds.DG12, lds.DG14, lds.DG15} {
		files[file] = []byte{file.Tag(), 0}
	}
	sod, err := signer.SignSOD(files, specimen.SODOptions{SigningTime: now})
	require.NoError(b, err)
	message, err := lds.ParseSOD(sod)
	require.NoError(b, err)
	anchor, err := cert.Parse(country.Certificate)
	require.NoError(b, err)
	return message, trust.NewStore([]*cert.Certificate{anchor}, nil)
}

func authenticate(message []byte, store *trust.Store) error {
	sd, err := cms.Parse(message)
	if err != nil {
		return err
	}
	signer, _ := sd.SignerCertificate(0)
	if _, err := sd.Verify(0, signer); err != nil {
		return err
	}
	return signer.CheckSignatureFrom(store.Issuers(signer)[0])
}

// rawChecks returns the two signature checks alone, everything parsed before.
func rawChecks(b *testing.B, message []byte, store *trust.Store) func() {
	b.Helper()
	sd, err := cms.Parse(message)
	require.NoError(b, err)
	signer, _ := sd.SignerCertificate(0)
	result, err := sd.Verify(0, signer)
	require.NoError(b, err)
	issuer := store.Issuers(signer)[0]
	attributes := sd.Signers[0].SignedAttributes
	set := append([]byte{0x31, byte(len(attributes))}, attributes...)
	check := func(key cert.PublicKey, alg cert.Algorithm, message, signature []byte) {
		require.NoError(b, key.Verify(alg, alg.Digest(message), signature))
	}
	return func() {
		check(signer.PublicKey, result.Algorithm, set, sd.Signers[0].Signature)
		check(issuer.PublicKey, signer.SignatureAlgorithm, signer.RawTBS, signer.Signature)
	}
}
