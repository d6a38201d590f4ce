//go:build cgo

package browsertest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWrongCANThenRight(t *testing.T) {
	r := newRoom(t, 1, "ar")
	clerk := r.clerk.watch()
	r.start("account")
	r.hand("insert", world.marker)
	r.citizen.moment("ask")
	r.clerk.password("12345")
	r.clerk.until(there("note") + `?.dataset.key === "note.password"`)
	r.clerk.password("654321")
	r.clerk.until(there("next") + `?.dataset.key === "next.wrong-can-or-mrz" && ` + there("password"))
	r.inspect("wrong")
	assert.Zero(t, clerk.seen())
	r.clerk.password(can)
	r.citizen.click("agree")
	r.clerk.state("deciding")
	assert.Equal(t, "accepted", r.clerk.text(there("verdict")+".dataset.verdict"))
}

// A card that is pulled out shows nothing, and put back it takes up where it was.
func TestCardIsPulled(t *testing.T) {
	for _, moment := range []string{"opening", "asking", "reading"} {
		t.Run(moment, func(t *testing.T) {
			r := newRoom(t, 1, "fr")
			clerk, citizen := r.clerk.watch(), r.citizen.watch()
			r.start("account")
			r.hand("insert", world.marker)
			r.citizen.moment("ask")
			if moment == "opening" {
				r.hand("fault", "slow=100ms")
			}
			r.clerk.password(can)
			if moment == "reading" {
				r.clerk.state("asking")
				r.hand("fault", "slow=100ms")
				r.citizen.click("agree")
			}
			r.clerk.state(moment)
			r.hand("remove")
			r.clerk.until(there("next") + `?.dataset.key.startsWith("next.put-")`)
			r.clerk.state("waiting-card")
			r.clerk.shot("pulled")
			r.citizen.shot("pulled")
			assert.Zero(t, clerk.seen()+citizen.seen())
			r.hand("insert", world.marker)
			if moment != "reading" {
				r.citizen.click("agree")
			}
			r.again()
			assert.Equal(t, "accepted", r.clerk.text(there("verdict")+".dataset.verdict"))
		})
	}
}

// again waits until the card that was put back is judged, and types the CAN once
// more where it is asked for.
func (r *room) again() {
	r.Helper()
	r.clerk.state("waiting-password", "deciding", "done", "failed")
	if r.clerk.text(there("state")+".dataset.state") == "waiting-password" {
		r.clerk.password(can)
	}
	r.clerk.state("deciding")
}

func TestOtherCardIsPutBack(t *testing.T) {
	r := newRoom(t, 1, "fr")
	clerk, citizen := r.clerk.watch(), r.citizen.watch()
	r.start("account")
	r.hand("insert", "specimen")
	r.clerk.password(can)
	r.clerk.state("asking")
	r.hand("fault", "slow=100ms")
	r.citizen.click("agree")
	r.clerk.state("reading")
	r.hand("swap", world.marker)
	state, verdict, _, failure := r.ended()
	assert.Equal(t, "failed failure.other-card", state+verdict+" "+failure)
	r.citizen.moment("ended")
	r.inspect("other")
	assert.Zero(t, clerk.seen()+citizen.seen())
}
