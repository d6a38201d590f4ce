package pki_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/pki"
	"cnie/pki/specimen"
)

// Everybody can write a certificate that links a real authority's key, which is
// public, to an authority that calls itself a specimen. A card is a specimen only if
// its document signer, which nobody else could have written, says so too.
func TestRealCardBelowASpecimenAuthority(t *testing.T) {
	honest := world{}.judge(t)
	require.Equal(t, pki.Accepted, honest.Verdict())
	assert.True(t, honest.Specimen)
	assert.False(t, honest.Disguised)
	real := "MINISTRY - NOT A REAL ISSUER"
	require.Len(t, real, len(specimen.Organisation))
	rename := func(tbs []byte) { copy(tbs, bytes.ReplaceAll(tbs, []byte(specimen.Organisation), []byte(real))) }
	for name, vouching := range map[string]bool{"as it is": false, "linked": true} {
		report := world{reissue: rename, sod: specimen.SODOptions{ByKeyID: true}, anchors: func(t testing.TB, c *specimen.Country) [][]byte {
			if !vouching {
				csca, err := c.Reissue(c.Certificate, rename)
				require.NoError(t, err)
				return [][]byte{csca}
			}
			forger, err := specimen.New("whoever sits at the desk", specimen.Options{})
			require.NoError(t, err)
			link, err := forger.Link(c) // of c it takes the public key
			require.NoError(t, err)
			return [][]byte{forger.Certificate, link}
		}}.judge(t)
		check, _ := report.Check(pki.CheckIssuerPath)
		require.Equal(t, pki.Passed, check.Outcome, "%s: %s", name, check.Reason)
		assert.Equal(t, vouching, report.Specimen, name)
		assert.Equal(t, vouching, report.Disguised, name)
		t.Log(name, report.Verdict())
	}
}
