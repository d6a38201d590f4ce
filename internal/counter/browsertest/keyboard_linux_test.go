//go:build cgo

package browsertest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Both people do without a mouse: Tab and Enter lead everywhere.
func TestTabAndEnter(t *testing.T) {
	r := newRoom(t, 1, "fr")
	r.clerk.until(there("reader"))
	r.clerk.focus()
	r.clerk.reach("#operator")
	r.clerk.strike("ArrowDown")
	r.clerk.until(`document.getElementById("operator").value === "clerk-1"`)
	r.clerk.reach(id("purpose-age"))
	r.clerk.strike("Enter")
	r.clerk.state("waiting-card")
	r.hand("insert", world.marker)
	r.clerk.state("waiting-password")
	r.clerk.reach("#password")
	r.clerk.digits(can)
	r.clerk.strike("Enter")
	r.clerk.state("asking")
	r.citizen.focus()
	r.citizen.reach(id("agree"))
	r.citizen.strike("Enter")
	r.clerk.state("deciding")
	r.clerk.focus()
	r.clerk.reach(id("match-match"))
	r.clerk.strike("Enter")
	r.clerk.state("done")
	r.clerk.reach(id("slip"))
	r.clerk.reach(id("close"))
	r.clerk.strike("Enter")
	r.clerk.state("idle")
}

// A clerk who knows the desk presses one key for each step, and so does the
// citizen.
func TestSingleKeys(t *testing.T) {
	r := newRoom(t, 1, "zgh")
	r.clerk.until(there("reader"))
	r.clerk.focus()
	r.clerk.script(`document.getElementById("operator").value = "clerk-1"`)
	r.clerk.strike("t")
	r.clerk.until(`document.activeElement.id === "ticket"`)
	r.clerk.digits("17")
	r.clerk.strike("Enter") // the first purpose
	r.clerk.state("waiting-card")
	assert.Contains(t, r.clerk.text("document.querySelector('.purpose').textContent"), "17")
	r.hand("insert", world.marker)
	r.clerk.state("waiting-password")
	r.clerk.digits(can)
	r.clerk.strike("Enter")
	r.clerk.state("asking")
	r.citizen.focus()
	r.citizen.strike("1")
	r.clerk.state("deciding")
	r.clerk.focus()
	r.clerk.strike("3")
	r.clerk.state("done")
	r.clerk.strike("Escape")
	r.clerk.state("idle")
	r.clerk.strike("4") // over 18?
	r.clerk.state("waiting-card", "waiting-password")
	r.clerk.strike("Escape") // to the button that stops, and on it
	r.clerk.until(`document.activeElement.id === "cancel"`)
	r.clerk.strike("Escape")
	r.clerk.state("cancelled")
}

// Enter in what a record says begins the purpose that the record belongs to.
func TestRecordBelongsToItsPurpose(t *testing.T) {
	r := newRoom(t, 1, "fr")
	r.clerk.until(there("reader"))
	r.clerk.focus()
	r.clerk.script(`document.getElementById("operator").value = "clerk-1"`)
	r.clerk.script(`document.querySelector(".record").open = true`)
	r.clerk.script(`document.getElementById("record").value = "file-9"`)
	r.clerk.script(`document.getElementById("record-surname").focus()`)
	r.clerk.strike("Enter")
	r.clerk.state("waiting-card")
	assert.Contains(t, r.clerk.text("document.querySelector('.purpose').textContent"), "dossier est bien")
}

// digits types what a person types.
func (w *window) digits(text string) {
	w.Helper()
	for _, digit := range text {
		w.strike(string(digit))
	}
}
