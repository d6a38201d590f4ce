//go:build unix

package server

import (
	"crypto/ecdsa"
	"crypto/rand"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/internal/remote/store/storetest"
)

// BenchmarkSignatures measures whole signatures through one replica: consent, token,
// signature, over TLS, with the program, the agent and its software key on the same
// machine. The figure to keep is 200 a second on two cores.
func BenchmarkSignatures(b *testing.B) {
	for _, state := range []string{"sqlite", "postgres"} {
		b.Run(state, func(b *testing.B) {
			w := newWorld(b, func(c *Config) {
				if state == "postgres" {
					c.State = storetest.Start(b).Database("remote")
				}
			})
			h := w.authority.ecHolder("SPECIMEN AMINA", "11")
			w.agent(h).start()
			p := w.program()
			hashes := hashesOf("one")
			b.SetParallelism(16)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					granted := p.authorizeHashes(h.id, hashes...)
					got := p.call(methodHash, signHashOf(h.id, granted.SAD, ecdsaSHA256, hashes...))
					if got.Status != http.StatusOK {
						b.Error(got.Text)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "signatures/s")
		})
	}
}

// BenchmarkBatches is the same with 50 hashes to each consent.
func BenchmarkBatches(b *testing.B) {
	w := newWorld(b)
	h := w.authority.ecHolder("SPECIMEN AMINA", "11")
	w.agent(h).start()
	p := w.program()
	var hashes []string
	for range 50 {
		hashes = append(hashes, hashesOf("one")...)
	}
	b.SetParallelism(4)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			granted := p.authorizeHashes(h.id, hashes...)
			if got := p.call(methodHash, signHashOf(h.id, granted.SAD, ecdsaSHA256, hashes...)); len(got.Signatures) != 50 {
				b.Error(got.Text)
				return
			}
		}
	})
	b.ReportMetric(50*float64(b.N)/b.Elapsed().Seconds(), "signatures/s")
}

// BenchmarkKey is the key alone, to compare with.
func BenchmarkKey(b *testing.B) {
	h := newAuthority(b).ecHolder("SPECIMEN AMINA", "11")
	sum := digest("one")
	for b.Loop() {
		_, err := ecdsa.SignASN1(rand.Reader, h.key.(*ecdsa.PrivateKey), sum)
		require.NoError(b, err)
	}
}
