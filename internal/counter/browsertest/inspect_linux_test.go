//go:build cgo

package browsertest

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// audit gives each violation of a page in a line: the rule, and where.
const audit = `axe.run(document, {resultTypes: ["violations"]}).then((r) =>
	r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + n.target.join(" ") + ": " + n.failureSummary)))`

// inspect takes a picture of what both windows show, and looks at it as people
// with bad eyes, small screens and screen readers have it.
func (r *room) inspect(name string) {
	r.Helper()
	for _, w := range []*window{r.clerk, r.citizen} {
		w.shot(name)
		w.accessible(name)
		w.fits(name)
	}
}

// accessible asks axe-core for violations of its rules.
func (w *window) accessible(name string) {
	w.Helper()
	if w.text("typeof axe") == "undefined" {
		w.script(axe(w.T))
	}
	found := get(w, chromedp.Evaluate[[]string](audit, chromedp.EvalAwaitPromise))
	assert.Empty(w, found, "%s's window, %s", w.role, name)
}

// fits sees that nothing has to be scrolled sideways: at 320 pixels, which is
// also 1280 at 400 %, and at 640, which is 1280 at 200 % (WCAG 2.2, 1.4.10).
func (w *window) fits(name string) {
	w.Helper()
	for _, width := range []int64{320, 640} {
		w.resize(width, 800)
		over := w.text(beyond)
		assert.Empty(w, over, "%s's window, %s, %d pixels wide", w.role, name, width)
	}
	send(w, emulation.ClearDeviceMetricsOverride, cdp.Empty{})
}

// beyond names what sticks out of a page that is too wide.
const beyond = `document.documentElement.scrollWidth <= innerWidth ? "" : [...document.querySelectorAll("body *")].filter((e) =>
	!e.closest(".quiet, .skip") && (e.getBoundingClientRect().right > innerWidth || e.getBoundingClientRect().left < 0)).map((e) => e.outerHTML.slice(0, 60)).join("\n") || "something"`

// resize has the page drawn in another size.
func (w *window) resize(width, height int64) {
	w.Helper()
	send(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
	w.until(fmt.Sprintf("innerWidth === %d && innerHeight === %d", width, height))
}

// axe is axe-core; testdata/axe/README.md says where it is from.
func axe(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile("testdata/axe/axe.min.js")
	require.NoError(t, err)
	return string(script)
}

// A screen whose colours the system chooses still shows what is a button and
// what the verdict is, and nothing moves where motion is not wanted.
func TestForcedColoursAndMotion(t *testing.T) {
	r := newRoom(t, 1, "fr")
	r.start("account")
	assert.Equal(t, "none", r.clerk.text(`getComputedStyle(document.querySelector(".steps .now")).animationName`), "it moves")
	r.citizen.moment("lay")
	r.hand("insert", world.marker+",clone")
	r.clerk.password(can)
	r.clerk.state("done")
	features := []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}, {Name: "prefers-color-scheme", Value: "dark"}}
	send(r.clerk, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
	r.clerk.until(`matchMedia("(forced-colors: active)").matches`)
	for _, name := range []string{"verdict", "close"} {
		style := r.clerk.text(fmt.Sprintf(`(() => { const s = getComputedStyle(%s); return s.borderTopStyle + parseFloat(s.borderTopWidth) })()`, there(name)))
		assert.Regexp(t, `^solid[1-9]`, style, name)
	}
	r.clerk.shot("forced")
}
