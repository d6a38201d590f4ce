package adsig_test

import (
	"bytes"
	"testing"
	"time"

	"cnie/internal/ec"
	"cnie/pki/adsig"
	"cnie/pki/adsig/cades"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLevels validates a signature of each level at once, after the signer's
// certificate ended (two years), after the time-stamp authority's did (five) and
// after their issuer's did (ten): with what came with it alone, and with lists of
// the day. Whatever made the last timestamp has to be known to be good today.
func TestLevels(t *testing.T) {
	const passed = adsig.SubIndication("")
	years := []int{0, 3, 6, 11}
	for _, c := range []struct {
		level         cades.Level
		alone, listed []adsig.SubIndication
	}{
		{
			cades.BB,
			[]adsig.SubIndication{adsig.TryLater, adsig.OutOfBoundsNoPOE, adsig.OutOfBoundsNoPOE, adsig.OutOfBoundsNoPOE},
			[]adsig.SubIndication{passed, adsig.OutOfBoundsNoPOE, adsig.OutOfBoundsNoPOE, adsig.OutOfBoundsNoPOE},
		},
		{
			cades.BT,
			[]adsig.SubIndication{adsig.TryLater, adsig.OutOfBoundsNoPOE, adsig.OutOfBoundsNoPOE, adsig.OutOfBoundsNoPOE},
			[]adsig.SubIndication{passed, adsig.TryLater, adsig.OutOfBoundsNoPOE, adsig.OutOfBoundsNoPOE},
		},
		{
			cades.BLT,
			[]adsig.SubIndication{passed, adsig.OutOfBoundsNoPOE, adsig.OutOfBoundsNoPOE, adsig.OutOfBoundsNoPOE},
			[]adsig.SubIndication{passed, passed, adsig.OutOfBoundsNotRevoked, adsig.OutOfBoundsNoPOE},
		},
		{
			cades.BLTA,
			[]adsig.SubIndication{passed, adsig.OutOfBoundsNoPOE, adsig.OutOfBoundsNoPOE, adsig.OutOfBoundsNoPOE},
			[]adsig.SubIndication{passed, passed, adsig.OutOfBoundsNotRevoked, adsig.OutOfBoundsNoPOE},
		},
	} {
		t.Run(c.level.String(), func(t *testing.T) {
			s := newScene(t)
			message := s.sign(c.level)
			r := s.validate(message, s.policy())
			assertIndication(t, r, adsig.TotalPassed, passed)
			assert.Equal(t, c.level, r.Level)
			assert.WithinDuration(t, s.Now, *r.Claimed, time.Second)
			start := s.Now
			for i, n := range years {
				s.Now = start.AddDate(n, 0, 0)
				_, sub := s.validate(message, s.offline()).Indication()
				assert.Equal(t, c.alone[i], sub, "alone after %d years", n)
				_, sub = s.validate(message, s.policy()).Indication()
				assert.Equal(t, c.listed[i], sub, "with lists after %d years", n)
			}
		})
	}
}

// TestRenewal keeps a signature for sixteen years, past the end of everything
// that it was made with, by renewing its archive timestamp every four.
func TestRenewal(t *testing.T) {
	s := newScene(t)
	message := s.sign(cades.BLTA)
	signed := s.Now
	for i := range 4 {
		s.later(4, 0, 0)
		s.NewTSA(s.Now)
		if i == 1 {
			s.NewCA(s.Now)
		}
		message = s.raise(message, cades.BLTA)
	}
	s.later(0, 6, 0)
	r := s.validate(message, s.policy())
	assertIndication(t, r, adsig.TotalPassed, "")
	assert.Equal(t, cades.BLTA, r.Level)
	assert.WithinDuration(t, signed, r.Proven, 5*time.Second)
	require.Len(t, r.Stamps, 6)
	assert.Equal(t, adsig.SignatureStamp, r.Stamps[0].Kind)
	assert.Equal(t, adsig.ArchiveStamp, r.Stamps[5].Kind)
}

// TestCurves validates signatures on curves that crypto/x509 refuses.
func TestCurves(t *testing.T) {
	for _, curve := range []*ec.Curve{ec.BrainpoolP256r1(), ec.BrainpoolP384r1(), ec.BrainpoolP512r1()} {
		t.Run(curve.Name(), func(t *testing.T) {
			s := newScene(t)
			s.signer = s.OnCurve(curve)
			a := s.augmenter()
			a.Collector.Lists = []string{"root.crl", "ca.crl"}
			signer := cades.Signer{Key: s.signer.Key, Chain: s.Chain(s.signer), At: s.Now}
			message, err := signer.SignReader(bytes.NewReader(content))
			require.NoError(t, err)
			message, err = a.Augment(t.Context(), message, cades.BLTA, digests)
			require.NoError(t, err)
			s.later(0, 0, 1)
			r := s.validate(message, s.policy())
			assertIndication(t, r, adsig.TotalPassed, "")
			assert.Equal(t, cades.BLTA, r.Level)
			s.Revoke(s.signer)
			assertIndication(t, s.validate(message, s.policy()), adsig.TotalPassed, "")
		})
	}
}
