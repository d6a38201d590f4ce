//go:build cgo

package browsertest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// A visit from beginning to end in each language, looked at in every state.
func TestVisit(t *testing.T) {
	for _, language := range []string{"ar", "fr", "en", "zgh"} {
		t.Run(language, func(t *testing.T) {
			r := newRoom(t, 1, language)
			r.clerk.until(there("reader"))
			r.inspect("1-idle")
			r.start("account")
			r.citizen.moment("lay")
			r.inspect("2-lay")
			laid := time.Now()
			r.hand("insert", world.marker+",slow=20ms")
			seen := time.Now()
			r.citizen.moment("ask")
			t.Logf("the notice is up %v after the card was laid down, %v after the reader saw it", time.Since(laid).Round(time.Millisecond), time.Since(seen).Round(time.Millisecond))
			r.clerk.state("waiting-password")
			r.inspect("3-password")
			r.clerk.password(can)
			r.frozen("4-opening", "opening")
			r.clerk.state("asking")
			r.inspect("5-asking")
			r.citizen.click("agree")
			r.frozen("6-reading", "reading")
			r.clerk.state("deciding")
			r.clerk.until(there("photo") + "?.querySelector('img').complete")
			r.citizen.moment("comparing")
			r.inspect("7-deciding")
			assert.Equal(t, "SPECIMEN MARKER BETA", r.clerk.text(there("name-latin")+".textContent"))
			assert.Equal(t, "rtl", r.clerk.text("getComputedStyle("+there("name-national")+").direction"))
			assert.NotRegexp(t, `MARKER|ZZ080482|ZZZNPKLQA`, r.citizen.text("document.documentElement.outerHTML"))
			r.clerk.click("match-match")
			state, verdict, _, _ := r.ended()
			r.citizen.moment("done")
			assert.Equal(t, "done accepted", state+" "+verdict)
			r.inspect("8-done")
			r.clerk.click("close")
			r.clerk.state("idle")
			r.citizen.moment("idle")
			entries := r.ledger()
			if assert.NotEmpty(t, entries) {
				last := entries[len(entries)-1].Record
				assert.Equal(t, "verification accepted match", last.Kind+" "+last.Verdict+" "+last.Match)
			}
		})
	}
}

// frozen inspects a state that lasts as long as the card works, which is held
// still meanwhile. A busy machine may have come further.
func (r *room) frozen(name string, state string) {
	r.Helper()
	r.clerk.state(state, "asking", "judging", "deciding")
	defer r.freeze()()
	r.inspect(name)
}
