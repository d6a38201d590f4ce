//go:build cgo

package browsertest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// soon has a window believe that the step ends in a few seconds.
func (w *window) soon() {
	w.Helper()
	w.until(`document.querySelector("[data-deadline]")`)
	assert.Equal(w, "true", w.text(there("time")+".hidden"), "nobody is hurried from the start")
	w.script(`window.told = []; new MutationObserver(() => told.push(1)).observe(document.querySelector("[data-deadline]"), {attributes: true, attributeFilter: ["hidden"]})`)
	w.near()
	w.until("Number(document.querySelector('[data-left]').textContent) <= 13")
	assert.Equal(w, "1", w.text("told.length"), "screen readers are told once")
}

func (w *window) near() {
	w.Helper()
	w.script(`document.querySelector("[data-deadline]").dataset.deadline = Date.now() + 15000`)
	w.until("!" + there("time") + ".hidden")
}

// fresh waits until the step has all its time again.
func (w *window) fresh() {
	w.Helper()
	w.until(there("time") + ".hidden && Number(document.querySelector('[data-deadline]').dataset.deadline) > Date.now() + 60000")
}

// Before a step ends both screens say so, and one key gives the time again: the
// clerk's while he types, the citizen's beside yes and no.
func TestMoreTime(t *testing.T) {
	r := newRoom(t, 1, "fr")
	r.start("account")
	r.hand("insert", "specimen")
	r.citizen.moment("ask")
	r.clerk.until(there("password"))
	r.clerk.script(`document.getElementById("password").focus()`)
	r.clerk.soon()
	r.citizen.soon()
	r.inspect("time")
	r.clerk.near() // looking may have taken longer
	r.clerk.script(`document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "F2", code: "F2", bubbles: true}))`)
	r.clerk.fresh()
	r.citizen.fresh() // without having done anything
	assert.Equal(t, "password", r.clerk.text("document.activeElement.id"), "typing goes on where it was")
	r.citizen.soon()
	r.citizen.strike("3")
	r.citizen.fresh()
	r.citizen.soon()
	r.citizen.click("more")
	r.citizen.fresh()
	r.clerk.password(can)
	r.citizen.click("agree")
	r.clerk.state("deciding")
	r.clerk.soon()
	r.clerk.click("more")
	r.clerk.fresh()
	r.clerk.click("match-match")
	r.clerk.until(there("result"))
	r.clerk.soon()
	assert.Equal(t, "null", r.citizen.text(`document.querySelector("[data-deadline]")`), "what has ended is the clerk's")
}
