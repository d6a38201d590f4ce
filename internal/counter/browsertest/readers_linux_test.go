//go:build cgo

package browsertest

import (
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
)

// Two readers at one desk: two visits at once, each with its own two windows,
// and neither shows anything of the other.
func TestTwoReaders(t *testing.T) {
	r := newRoom(t, 2, "fr")
	r.clerk.until(`document.querySelectorAll("[data-testid=reader]").length === 2`)
	base := r.clerk.text("location.href")
	r.citizen.do(chromedp.Navigate(base)) // no third citizen: a browser has six connections to a host, and each window one
	r.citizen.until(there("reader"))
	seats := []*room{r.seat(0, r.clerk, r.citizen), r.seat(1, r.open("clerk", base), r.open("citizen", base))}
	for _, seat := range seats {
		seat.start("account")
		seat.citizen.moment("lay")
	}
	r.hand("insert", world.marker)
	r.hand("insert", "--slot", "1", "specimen")
	for _, seat := range seats {
		seat.clerk.password(can)
	}
	seats[1].citizen.click("agree")
	seats[1].clerk.state("deciding")
	seats[0].clerk.state("asking")
	assert.Equal(t, "SPECIMEN SIMULATEUR", seats[1].clerk.text(there("name-latin")+".textContent"))
	assert.NotContains(t, seats[0].clerk.text("document.documentElement.outerHTML"), "SIMULATEUR")
	seats[0].citizen.click("agree")
	seats[0].clerk.state("deciding")
	assert.Equal(t, "SPECIMEN MARKER BETA", seats[0].clerk.text(there("name-latin")+".textContent"))
	seats[0].clerk.click("match-no-match")
	seats[0].clerk.state("done")
	seats[1].clerk.state("deciding")
	seats[1].citizen.moment("comparing")
	seats[1].clerk.click("match-match")
	seats[1].clerk.state("done")
}

// seat gives two windows to one reader: the clerk's for it, and the citizen's that
// the clerk's opens.
func (r *room) seat(reader int, clerk, citizen *window) *room {
	r.Helper()
	seat := *r
	seat.clerk, seat.citizen = clerk, citizen
	clerk.room, citizen.room = &seat, &seat
	address := "./?" + url.Values{"reader": {r.readers[reader]}}.Encode()
	for _, w := range []*window{clerk, citizen} {
		w.script("location.href = `" + address + "`")
		w.until("location.search !== '' && document.readyState === 'complete'")
	}
	citizen.script(there("open-citizen") + `.form.target = "_self"`)
	citizen.click("open-citizen")
	citizen.moment("idle")
	return &seat
}
