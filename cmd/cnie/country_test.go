package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/pki"
	"cnie/simulator"
	"cnie/simulator/country"
	"cnie/simulator/persona"
)

// utopia is what `cnie-sim pki` makes of the same values.
var utopia = persona.CSCA{Name: "UTOPIA", Country: "UT", Code: "UTO", Seed: "utopia"}

// found makes a country in a folder.
func found(t *testing.T, csca persona.CSCA, at time.Time) (dir string, made *country.Country) {
	t.Helper()
	dir = t.TempDir()
	made, err := country.Make(csca, at)
	require.NoError(t, err)
	require.NoError(t, made.WriteDir(dir))
	return dir, made
}

// Whoever makes a country can take in its lists and believe its cards, those of
// both keys; and sees through the one whose signer it revoked.
func TestMadeCountry(t *testing.T) {
	dir, made := found(t, utopia, time.Now().UTC().Truncate(24*time.Hour))
	signer, _ := made.Find(country.ListSigner)
	at := func(name string) string { return filepath.Join(dir, name) }
	store := filepath.Join(t.TempDir(), "store")
	take := func(args ...string) outcome {
		return cnie(t, simulator.NewSystem("Simulated"), append([]string{"trust", "import", "--trust", store}, args...)...)
	}
	o := take(at("UTOPIA.ml"))
	assert.Equal(t, exitNotPermitted, o.code, "nobody vouches for the list yet")
	o = take(at("UTOPIA.ml"), at("UTOPIA.crl"), "--signer", signer.Fingerprint())
	require.Equal(t, exitOK, o.code, o.stderr)
	assert.Contains(t, o.stdout, "3 of 3 certificates are chained to a self-signed one.")
	o = take(at("UTOPIA.dvl"))
	require.Equal(t, exitOK, o.code, "its country's list vouches for it: %s", o.stderr)
	o = cnie(t, simulator.NewSystem("Simulated"), "trust", "status", "--trust", store)
	assert.Contains(t, o.stdout, "place of birth is missing in DG11")

	citizen, err := persona.Load(at("citizen.yaml"))
	require.NoError(t, err)
	for _, anchors := range []string{store, dir} {
		a := judged(t, *citizen, anchors)
		assert.Equal(t, pki.Accepted, a.Verdict, "%s: %v", anchors, failed(a))
		assert.True(t, a.Specimen, anchors)

		revoked := *citizen
		revoked.Issuer.Revoked = true
		assert.Equal(t, []string{"revocation.crl"}, failed(judged(t, revoked, anchors)))

		second := *citizen
		csca := *citizen.Issuer.CSCA
		csca.Generation = 2
		second.Issuer.CSCA = &csca
		second.Document.Issued, second.Document.Expires = "2026-11-02", "2036-11-01"
		second.Issuer.From = "2026-10-01"
		assert.Empty(t, failed(judged(t, second, anchors)), anchors)

		stranger := *citizen
		other := *citizen.Issuer.CSCA
		other.Seed = "another"
		stranger.Issuer.CSCA = &other
		assert.NotEqual(t, pki.Accepted, judged(t, stranger, anchors).Verdict, "of the same name, from other keys")
	}
}

func judged(t *testing.T, p persona.Persona, anchors string) answer {
	t.Helper()
	card, err := p.Card()
	require.NoError(t, err)
	o, a := verify(t, simulator.New(card), "--can", card.CAN, "--trust", anchors)
	assert.Empty(t, o.stderr)
	return a
}

// A country whose second key is yet to come has one key.
func TestYoungCountry(t *testing.T) {
	dir, made := found(t, utopia, time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC))
	_, linked := made.Find("-link.der")
	assert.False(t, linked)
	_, second := made.Find("-2.der")
	assert.False(t, second)
	citizen, err := persona.Load(filepath.Join(dir, "citizen.yaml"))
	require.NoError(t, err)
	card, err := citizen.Card()
	require.NoError(t, err)
	o, a := verify(t, simulator.New(card), "--can", card.CAN, "--trust", dir, "--at", "2025-06-01T12:00:00Z")
	assert.Equal(t, pki.Accepted, a.Verdict, "%s %v", o.stderr, failed(a))
}
