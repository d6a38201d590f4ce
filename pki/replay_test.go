package pki_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/pki"
)

// No relaxation, nor all of them together, accepts the recording of a card; and
// the mark survives whatever carries evidence.
func TestReplaysAreNeverAccepted(t *testing.T) {
	e := collect(t, citizen(t, "specimen"))
	require.Equal(t, pki.Accepted, judge(t, country(t), e).Verdict())
	e.Replayed = true
	written, err := json.Marshal(e)
	require.NoError(t, err)
	var carried pki.Evidence
	require.NoError(t, json.Unmarshal(written, &carried))
	for _, evidence := range []*pki.Evidence{e, &carried} {
		for name, relax := range map[string]func(*pki.Policy){
			"strict": func(*pki.Policy) {},
			"lax": func(p *pki.Policy) {
				p.AllowBAC, p.AllowUnverifiedIssuer, p.AllowSigningOutsideKeyUse, p.AllowOtherDocumentType = true, true, true, true
				p.AllowExpiredDocument, p.AllowCRLAge, p.AllowTrustAge = 1e6*time.Hour, 1e6*time.Hour, 1e6*time.Hour
				p.AllowOpen = []pki.Axis{pki.AxisChip, pki.AxisValidity, pki.AxisRevocation}
			},
		} {
			r := judge(t, country(t), evidence, relax)
			assert.Equal(t, pki.Refused, r.Verdict(), name)
			assert.Equal(t, []pki.CheckID{pki.CheckAccessReplay}, failures(r), "%s: it is all that is wrong", name)
			assert.Nil(t, r.Holder(), "%s: nothing of the holder is shown", name)
		}
	}
}

// A policy cannot name the axis on which the check stands as one to leave open.
func TestReplayAxisIsNotWaivable(t *testing.T) {
	p := pki.Policy{At: now, AllowOpen: []pki.Axis{pki.AxisAccess}}
	assert.ErrorIs(t, p.Check(), pki.ErrPolicy)
}
