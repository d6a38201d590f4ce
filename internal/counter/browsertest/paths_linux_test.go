//go:build cgo

package browsertest

import (
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Reloading, and going back and forth again, shows what is there now in every
// state, and does nothing twice.
func TestReloadAndBack(t *testing.T) {
	r := newRoom(t, 1, "en")
	settle := func(state, moment string) {
		r.Helper()
		r.clerk.state(state)
		r.citizen.moment(moment)
		for _, w := range []*window{r.clerk, r.citizen} {
			w.reload()
			w.away()
		}
		r.clerk.state(state)
		r.citizen.moment(moment)
	}
	settle("idle", "idle")
	r.start("age")
	settle("waiting-card", "lay")
	r.hand("insert", world.marker)
	settle("waiting-password", "ask")
	r.clerk.password(can)
	settle("asking", "ask")
	r.hand("fault", "slow=20ms")
	r.citizen.click("agree")
	r.clerk.state("reading", "judging", "deciding")
	r.clerk.reload()
	settle("deciding", "comparing")
	r.clerk.click("match-match")
	settle("done", "done")
	r.clerk.click("close")
	settle("idle", "idle")
	entries := r.ledger()
	assert.Len(t, entries, 2, "the card's verdict and the clerk's, once each")
}

// away leaves the page, and comes back to it.
func (w *window) away() {
	w.Helper()
	here := w.text("location.href")
	w.do(chromedp.Navigate("about:blank"), chromedp.NavigateBack())
	w.until("location.href === `" + here + "` && document.readyState === 'complete' && document.body.dataset.events")
}

// Who has the address and not the cookie gets nothing: no page, no stream, no photo.
func TestWithoutTheCookie(t *testing.T) {
	r := newRoom(t, 1, "fr")
	r.start("age")
	r.hand("insert", world.marker)
	r.clerk.password(can)
	r.citizen.click("agree")
	r.clerk.until(there("photo") + "?.querySelector('img').complete")
	page, photo := r.clerk.text("location.href"), r.clerk.text("document.images[0].src")
	require.Contains(t, photo, "/photo/")
	for _, address := range []string{page, photo, page + "events", r.citizen.text("location.href")} {
		assert.Equal(t, "403", r.stranger(address), address)
	}
}

// stranger opens an address in a browser that has never been here.
func (r *room) stranger(address string) (status string) {
	r.Helper()
	tab, closeTab := chromedp.NewContext(world.browser, chromedp.WithNewBrowserContext())
	defer closeTab()
	w := &window{room: r, role: "stranger", tab: tab}
	require.NoError(r, chromedp.Do(tab))
	answer := get(w, chromedp.NavigateResponse(address))
	assert.NotContains(r, w.text("document.documentElement.outerHTML"), "SPECIMEN")
	return w.text("performance.getEntriesByType('navigation')[0].responseStatus") + map[bool]string{true: "", false: " by another"}[answer != nil]
}

// A page that loses its cookie loses what it shows.
func TestCookieIsTakenAway(t *testing.T) {
	r := newRoom(t, 1, "fr")
	r.clerk.until(there("reader"))
	send(r.clerk, network.DeleteCookies, network.DeleteCookiesParams{Name: "cnie", Domain: "127.0.0.1", Path: r.clerk.text("location.pathname")})
	r.clerk.script(`document.getElementById("operator").value = "clerk-1"`)
	r.clerk.click("purpose-age")
	r.clerk.until(`!document.getElementById("lost").hidden && !` + there("purpose-age"))
	r.clerk.failures.expect("403")
	r.citizen.moment("idle")
}
