package emrtd_test

import (
	"crypto/rand"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/internal/ec"
	"cnie/lds"
	"cnie/pki"
	"cnie/simulator/persona"
)

// BenchmarkRead reads the specimen from a chip in the same process, which is
// what the protocols cost on both sides. The metrics count a whole run, access
// control (6 APDUs) included.
func BenchmarkRead(b *testing.B) {
	card := load(b, "specimen")
	l := insert(card)
	o := emrtd.Options{Password: can(b, card.CAN), Files: asked}
	for b.Loop() {
		l.commands, l.seen = 0, nil
		require.NoError(b, l.reset(b.Context()))
		_, err := read(l, o)
		require.NoError(b, err)
	}
	b.ReportMetric(float64(l.commands), "apdus")
}

// BenchmarkPACE opens a chip in the same process by generic mapping. Either side
// multiplies five times: base point by its key and by the nonce, the other's point
// by its key, then the same with the mapped generator. "x-mul" is the whole run,
// both sides and all that is in between, to those ten multiplications: four of the
// base point, six of others. The two take turns and the fastest turn of each
// counts.
func BenchmarkPACE(b *testing.B) {
	for _, curve := range []*ec.Curve{ec.P256(), ec.BrainpoolP256r1(), ec.BrainpoolP384r1()} {
		b.Run(curve.Name(), func(b *testing.B) {
			p, err := persona.Load("specimen")
			require.NoError(b, err)
			p.Chip.PACE = []persona.Protocol{{Curve: curve.Name(), Cipher: "AES-128"}}
			card, err := p.Card()
			require.NoError(b, err)
			offered, err := lds.ParseCardAccess(card.Files[lds.CardAccess])
			require.NoError(b, err)
			l, password := insert(card), can(b, card.CAN)
			open := func() {
				l.chip.Reset()
				l.seen = nil
				if _, err := access.PACE(b.Context(), apdu.NewChannel(l), password, offered, rand.Reader); err != nil {
					b.Fatal(err)
				}
			}
			compare(b, open, multiplications(b, curve))
		})
	}
}

// multiplications are those of both sides of PACE with generic mapping.
func multiplications(b *testing.B, curve *ec.Curve) func() {
	k := make([]byte, curve.ScalarBytes())
	_, _ = rand.Read(k)
	k[0] &= 0x7F // below the order
	point, err := curve.Generator().Mul(k)
	require.NoError(b, err)
	base := curve.Generator()
	return func() {
		for i := range 10 {
			p := point
			if i < 4 {
				p = base
			}
			if _, err := p.Mul(k); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// compare reports how many times longer f takes than the raw cryptography in it.
func compare(b *testing.B, f, raw func()) {
	const turn = 20
	whole, part := math.Inf(1), math.Inf(1)
	for done := 0; b.Loop(); done++ {
		f()
		if done%turn == 0 {
			b.StopTimer()
			whole, part = min(whole, clock(turn, f)), min(part, clock(turn, raw))
			b.StartTimer()
		}
	}
	b.ReportMetric(whole/part, "x-mul")
}

// clock is the time in ns of one of n calls.
func clock(n int, f func()) float64 {
	start := time.Now()
	for range n {
		f()
	}
	return float64(time.Since(start).Nanoseconds()) / float64(n)
}

// BenchmarkReadAndJudge is everything between a card and a verdict: PACE and Chip
// Authentication on P-256, 17 KB under AES-128, passive authentication under a
// P-256 signer, from a chip in the same process, whose own work is in the figure.
func BenchmarkReadAndJudge(b *testing.B) {
	card, judge := load(b, "specimen"), specimenJudge(b)
	l, o := insert(card), emrtd.Options{Password: can(b, card.CAN), Files: asked}
	for b.Loop() {
		l.seen = nil
		require.NoError(b, l.reset(b.Context()))
		e, err := read(l, o)
		require.NoError(b, err)
		require.Equal(b, pki.Accepted, judge.Verify(b.Context(), e).Verdict())
	}
}
