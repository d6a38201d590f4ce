package pki_test

import (
	"crypto"
	"fmt"
	"math/big"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/cert"
	"cnie/pki/cms"
	"cnie/pki/specimen"
	"cnie/pki/trust"
)

// crowd is a store of 600 country signing certificates of 200 countries, three
// generations each, one of them c's, with a revocation list of c.
func crowd(b testing.TB, c *specimen.Country) *trust.Store {
	b.Helper()
	anchors := [][]byte{c.Certificate}
	for i := range 599 {
		name := fmt.Sprint("COUNTRY ", i/3)
		other, err := specimen.New(fmt.Sprint("crowd ", i), specimen.Options{Name: name, Key: specimen.Algorithm{Curve: ec.P256(), Hash: crypto.SHA256}})
		require.NoError(b, err)
		anchors = append(anchors, other.Certificate)
	}
	revoked := make([]specimen.Revocation, 50)
	for i := range revoked {
		revoked[i] = specimen.Revocation{Serial: big.NewInt(int64(i + 1)), At: signed}
	}
	return newStore(b, anchors, [][]byte{list(b, c, now.AddDate(0, 0, -1), now.AddDate(0, 1, 0), revoked...)})
}

// passive is evidence of a document that offers nothing but passive
// authentication (ICAO 9303-11 §5.1): EF.SOD and data groups, portrait included.
func passive(b testing.TB, signer *specimen.Signer, personal []byte) *pki.Evidence {
	b.Helper()
	card := citizen(b, "specimen")
	files := map[lds.File][]byte{}
	for _, f := range []lds.File{lds.DG1, lds.DG2, lds.DG11, lds.DG12} {
		files[f] = card.Files[f]
	}
	if personal != nil {
		files[lds.DG13] = personal
	}
	sod, err := signer.SignSOD(files, specimen.SODOptions{SigningTime: signed})
	require.NoError(b, err)
	files[lds.SOD] = sod
	return &pki.Evidence{ReadAt: now, Access: pki.Access{Protocol: pki.PACE}, Asked: []lds.File{lds.SOD, lds.DG1, lds.DG2, lds.DG11, lds.DG12}, Files: files}
}

// BenchmarkPassiveAuthentication compares everything from the bytes of EF.SOD to
// the report, 600 anchors loaded, with the two signature checks and the hashes
// that it cannot do without. The goal is 1.3 times the signature checks alone and
// 500 allocations.
func BenchmarkPassiveAuthentication(b *testing.B) {
	p256 := specimen.Algorithm{Curve: ec.P256(), Hash: crypto.SHA256}
	for name, csca := range map[string]specimen.Algorithm{
		"P-256 under RSA-4096":        {RSA: 4096, Hash: crypto.SHA256},
		"P-256 under P-256":           p256,
		"P-256 under brainpoolP256r1": {Curve: ec.BrainpoolP256r1(), Hash: crypto.SHA256},
	} {
		b.Run(name, func(b *testing.B) { comparePassive(b, csca, p256) })
	}
}

func comparePassive(b *testing.B, csca, dsc specimen.Algorithm) {
	country, err := specimen.New("benchmark", specimen.Options{Key: csca})
	require.NoError(b, err)
	signer, err := country.IssueDSC(specimen.DSCOptions{Key: dsc})
	require.NoError(b, err)
	evidence, store := passive(b, signer, nil), crowd(b, country)
	v, err := pki.NewVerifier(store, pki.Policy{At: now})
	require.NoError(b, err)
	report := v.Verify(b.Context(), evidence)
	require.Equal(b, []pki.Axis{pki.AxisAccess, pki.AxisChip}, report.Open(), "%v", report.Checks)
	signatures, hashes := raw(b, evidence, store)
	var wholes, raws, hashed []time.Duration
	for b.Loop() { // in turns, so that a busy machine slows all alike
		t0 := time.Now()
		v.Verify(b.Context(), evidence)
		t1 := time.Now()
		signatures()
		t2 := time.Now()
		hashes()
		wholes, raws, hashed = append(wholes, t1.Sub(t0)), append(raws, t2.Sub(t1)), append(hashed, time.Since(t2))
	}
	whole, checks, digests := float64(median(wholes)), float64(median(raws)), float64(median(hashed))
	b.ReportMetric(whole, "ns/op")
	b.ReportMetric(whole/checks, "x-signatures")
	b.ReportMetric(whole/(checks+digests), "x-signatures-and-hashes")
	b.ReportMetric(testing.AllocsPerRun(20, func() { v.Verify(b.Context(), evidence) }), "allocs")
}

// median leaves out the moments in which the machine did something else.
func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// raw returns the signature checks alone, everything parsed before, and the
// hashes of the data groups alone.
func raw(b *testing.B, evidence *pki.Evidence, store *trust.Store) (signatures, hashes func()) {
	b.Helper()
	message, err := lds.ParseSOD(evidence.Files[lds.SOD])
	require.NoError(b, err)
	sd, err := cms.Parse(message)
	require.NoError(b, err)
	signer, _ := sd.SignerCertificate(0)
	result, err := sd.Verify(0, signer)
	require.NoError(b, err)
	issuer := store.Issuers(signer)[0]
	attributes := sd.Signers[0].SignedAttributes
	set := append([]byte{0x31, byte(len(attributes))}, attributes...)
	check := func(key cert.PublicKey, alg cert.Algorithm, message, signature []byte) {
		if key.Verify(alg, alg.Digest(message), signature) != nil {
			panic("a signature that verified before does not")
		}
	}
	signatures = func() {
		check(signer.PublicKey, result.Algorithm, set, sd.Signers[0].Signature)
		check(issuer.PublicKey, signer.SignatureAlgorithm, signer.RawTBS, signer.Signature)
	}
	hashes = func() {
		for f, content := range evidence.Files {
			if f.IsDataGroup() {
				result.Algorithm.Digest(content)
			}
		}
	}
	return signatures, hashes
}

// BenchmarkVerifyParallel verifies 1,000 distinct EF.SOD on one core and on two.
// The goal is 1.8 times the pace: no lock stands in the way.
func BenchmarkVerifyParallel(b *testing.B) {
	if runtime.NumCPU() < 2 {
		b.Skip("one core only")
	}
	country, err := specimen.New("benchmark", specimen.Options{})
	require.NoError(b, err)
	signer, err := country.IssueDSC(specimen.DSCOptions{})
	require.NoError(b, err)
	pile := make([]*pki.Evidence, 1000)
	for i := range pile {
		pile[i] = passive(b, signer, fmt.Append(nil, i))
	}
	v, err := pki.NewVerifier(crowd(b, country), pki.Policy{At: now})
	require.NoError(b, err)
	var one, two []time.Duration
	for b.Loop() {
		one = append(one, verifyAll(b, v, pile, 1))
		two = append(two, verifyAll(b, v, pile, 2))
	}
	// The quickest of each: another program on the second core would spoil the rest.
	b.ReportMetric(float64(slices.Min(one))/float64(slices.Min(two)), "x-one-core")
	b.ReportMetric(float64(slices.Min(two))/float64(len(pile)), "ns/SOD")
}

// verifyAll judges the whole pile by so many workers, each on a core of its own.
func verifyAll(b *testing.B, v *pki.Verifier, pile []*pki.Evidence, workers int) time.Duration {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
	start := time.Now()
	var next atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(pile)); i = next.Add(1) - 1 {
				if r := v.Verify(b.Context(), pile[i]); r.Axis(pki.AxisIssuer) != pki.Passed || r.Axis(pki.AxisIntegrity) != pki.Passed {
					b.Error("not verified")
				}
			}
		})
	}
	all.Wait()
	return time.Since(start)
}
