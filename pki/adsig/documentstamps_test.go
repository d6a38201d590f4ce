package adsig_test

import (
	"crypto"
	"testing"

	"cnie/pki/adsig"
	"cnie/pki/adsig/tsp"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestValidateStamps judges timestamps with no signature below them, each in its
// place whatever time it states.
func TestValidateStamps(t *testing.T) {
	s := newScene(t)
	token := func() []byte {
		sum, err := digests(crypto.SHA256)
		require.NoError(t, err)
		token, err := tsp.Ask(t.Context(), s.Stamp, crypto.SHA256, sum)
		require.NoError(t, err)
		return token.Raw
	}
	first := token()
	s.later(0, 0, 1)
	second := token()
	in := adsig.Input{Certificates: [][]byte{s.CA.Cert.Raw}, Stamps: []adsig.Stamp{{Token: second, Digests: digests}, {Token: first, Digests: digests}, {Token: []byte{0x30, 0}, Digests: digests}}}
	_, err := adsig.ValidateStamps(in, adsig.Policy{})
	require.ErrorIs(t, err, adsig.ErrPolicy)
	reports, err := adsig.ValidateStamps(in, s.policy())
	require.NoError(t, err)
	require.Len(t, reports, 3)
	assert.True(t, reports[1].Time.Before(reports[0].Time))
	for i, want := range []adsig.Indication{adsig.TotalPassed, adsig.TotalPassed, adsig.TotalFailed} {
		indication, _ := reports[i].Indication()
		assert.Equal(t, want, indication, "%+v", reports[i])
	}
}
