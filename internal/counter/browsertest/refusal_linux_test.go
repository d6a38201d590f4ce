//go:build cgo

package browsertest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The control of every test that looks for the portrait: it is found where it may be.
func TestPhotoIsSeenWhenItMayBe(t *testing.T) {
	r := newRoom(t, 1, "fr")
	clerk, citizen := r.clerk.watch(), r.citizen.watch()
	r.accept("account", world.marker)
	r.clerk.until(there("photo") + "?.querySelector('img').complete")
	r.clerk.shot("deciding")
	r.clerk.click("match-match")
	r.clerk.state("done")
	state, verdict, _, _ := r.ended()
	assert.Equal(t, "done accepted", state+" "+verdict)
	assert.Greater(t, clerk.seen(), 2000)
	assert.Zero(t, citizen.seen())
}

func TestHolderRefuses(t *testing.T) {
	r := newRoom(t, 1, "fr")
	clerk, citizen := r.clerk.watch(), r.citizen.watch()
	r.start("age")
	r.hand("insert", world.marker)
	r.clerk.password(can)
	r.clerk.state("asking")
	r.citizen.click("refuse")
	r.citizen.moment("refused")
	state, _, next, _ := r.ended()
	assert.Equal(t, "refused-by-holder next.holder-refused", state+" "+next)
	r.clerk.shot("refused")
	r.citizen.shot("refused")
	for _, w := range []*window{r.clerk, r.citizen} {
		assert.NotRegexp(t, `MARKER|علامة|ZZ080482|ZZZNPKLQA|1990`, w.text("document.documentElement.outerHTML"))
	}
	assert.Zero(t, clerk.seen()+citizen.seen())
	entries := r.ledger()
	if assert.NotEmpty(t, entries) {
		assert.Equal(t, "refusal", entries[len(entries)-1].Record.Kind)
	}
}
