package persona

import (
	"bytes"
	"crypto"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/lds"
)

// The distances that are written down lead to primes, and no two keys are alike.
func TestSpecimenRSAKeys(t *testing.T) {
	seen := map[string]bool{}
	for bits, keys := range distances {
		for index := range keys {
			key, err := specimenRSA(bits, index)
			require.NoError(t, err)
			assert.NoError(t, key.Validate(), "%d bits, %d", bits, index)
			assert.Equal(t, bits, key.N.BitLen())
			assert.True(t, key.Primes[0].ProbablyPrime(5) && key.Primes[1].ProbablyPrime(5))
			assert.False(t, seen[key.N.String()])
			seen[key.N.String()] = true
		}
		_, err := specimenRSA(bits, len(keys))
		assert.ErrorContains(t, err, "no specimen key")
	}
	for _, bits := range moduli {
		assert.Contains(t, distances, bits)
	}
}

// DG15 holds the public half of what the chip has, DG14 says how it signs where
// it must, and both are listed.
func TestActiveKeyOnTheCard(t *testing.T) {
	for name, announced := range map[string]int{
		"active-rsa": 0, "active-rsa-sha1": 0, "active-and-chip": 0, "active-chained": 0, "active-ec": 1, "active-only": 1, "active-no-info": 0,
	} {
		card := cardOf(t, name)
		spki, err := lds.ParseDG15(card.Files[lds.DG15])
		require.NoError(t, err)
		public, err := card.ActiveKey.SubjectPublicKeyInfo()
		require.NoError(t, err)
		assert.True(t, bytes.Equal(public, spki))
		infos, err := lds.ParseDG14(card.Files[lds.DG14])
		require.NoError(t, err)
		assert.Len(t, infos.ActiveAuth, announced, name)
		com, err := lds.ParseCOM(card.Files[lds.COM])
		require.NoError(t, err)
		assert.Contains(t, com.Files, lds.DG15)

		other := card.ActiveKey.Other()
		theirs, err := other.SubjectPublicKeyInfo()
		require.NoError(t, err)
		assert.Len(t, theirs, len(public), "of the same kind")
		assert.NotEqual(t, public, theirs)
		assert.Equal(t, card.ActiveKey.Hash, other.Hash)
	}
	assert.Nil(t, cardOf(t, "specimen").ActiveKey)
	assert.Equal(t, ec.P384(), cardOf(t, "active-only").ActiveKey.Curve)
	assert.Equal(t, crypto.SHA1, cardOf(t, "active-rsa-sha1").ActiveKey.Hash)
}

// A card on which nothing but its signature can be announced has a DG14 for it.
func TestAnnouncementAlone(t *testing.T) {
	p, err := Load("bac-only")
	require.NoError(t, err)
	p.Chip.Authentication, p.Chip.Active = nil, &Active{Curve: "brainpoolP320r1", Hash: "SHA-224"}
	card, err := p.Card()
	require.NoError(t, err)
	infos, err := lds.ParseDG14(card.Files[lds.DG14])
	require.NoError(t, err)
	require.Len(t, infos.ActiveAuth, 1)
	assert.Equal(t, "0.4.0.127.0.7.1.1.4.1.2", infos.ActiveAuth[0].SignatureAlgorithm.String())
}

// The ATR says what the chip can do.
func TestATROfShortCards(t *testing.T) {
	card := cardOf(t, "active-chained")
	assert.False(t, card.ExtendedLength)
	var check byte
	for _, b := range card.ATR[1:] {
		check ^= b
	}
	assert.Zero(t, check, "TCK")
	assert.Equal(t, byte(0x80), card.ATR[len(card.ATR)-2], "command chaining and no extended length")
}
