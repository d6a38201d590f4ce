package pki_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/pki"
)

// TestConcurrentVerify shares one verifier, one store whose memory of verified
// signatures is still empty, and one piece of evidence among many; each comes to
// the same report. The race detector listens in `make check`.
func TestConcurrentVerify(t *testing.T) {
	good, bad := collect(t, citizen(t, "specimen")), collect(t, citizen(t, "revoked"))
	v, err := pki.NewVerifier(country(t), pki.Policy{At: now})
	require.NoError(t, err)
	var all sync.WaitGroup
	reports := make([]pki.Report, 32)
	for i := range reports {
		all.Go(func() {
			evidence := good
			if i%4 == 3 {
				evidence = bad
			}
			reports[i] = v.Verify(t.Context(), evidence)
			reports[i].Holder()
		})
	}
	all.Wait()
	for i, r := range reports {
		assert.Equal(t, reports[i%4].Checks, r.Checks)
	}
	assert.Equal(t, pki.Accepted, reports[0].Verdict())
	assert.Equal(t, pki.Refused, reports[3].Verdict())
}
