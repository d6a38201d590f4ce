//go:build cgo

package browsertest

// begin starts a transaction for a purpose, as a clerk does with a mouse.
func (r *room) start(purpose string) {
	r.Helper()
	r.clerk.until(there("purpose-"+purpose) + " && " + there("reader"))
	r.clerk.script(`document.getElementById("operator").value = "clerk-1"; document.getElementById("ticket").value = "A-17"`)
	r.clerk.click("purpose-" + purpose)
	r.clerk.state("waiting-card", "waiting-password")
}

// password types a CAN into the field.
func (w *window) password(text string) {
	w.Helper()
	w.until(there("password"))
	w.script(`document.getElementById("password").value = "` + text + `"`)
	w.click("open")
}

// accept runs a visit with a card to where the clerk decides.
func (r *room) accept(purpose, card string) {
	r.Helper()
	r.start(purpose)
	r.citizen.moment("lay")
	r.hand("insert", card)
	r.citizen.moment("ask")
	r.clerk.password(can)
	r.citizen.click("agree")
	r.clerk.state("deciding", "done", "failed")
}

// ended waits for the end and gives what the clerk is told.
func (r *room) ended() (state, verdict, next, failure string) {
	r.Helper()
	r.clerk.until(there("result"))
	get := func(name, field string) string { return r.clerk.text(there(name) + "?.dataset." + field + " ?? ''") }
	return get("state", "state"), get("verdict", "verdict"), get("next", "key"), get("failure", "key")
}
