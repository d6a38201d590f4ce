//go:build cgo

package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// window is a window of the browser with one of the counter's screens.
type window struct {
	*room
	role     string
	tab      context.Context
	close    func()
	failures *failures
}

// open pairs a new window with an address that the counter printed.
func (r *room) open(role, address string) *window {
	r.Helper()
	tab, closeTab := chromedp.NewContext(world.browser, chromedp.WithNewWindow(true))
	w := &window{room: r, role: role, tab: tab, close: closeTab, failures: &failures{}}
	r.Cleanup(closeTab)
	require.NoError(r, chromedp.Do(tab))
	require.NoError(r, chromedp.Listen(tab, w.failures.hear))
	send(w, network.Enable, network.EnableParams{})
	w.do(chromedp.Navigate(address))
	w.until("document.body?.dataset.events !== undefined")
	r.Cleanup(func() {
		assert.Empty(r, w.failures.all(), "what the browser complained about in the %s's window", role)
	})
	r.Cleanup(func() {
		if r.Failed() && tab.Err() == nil {
			w.shot("failed")
			r.Logf("%s's window: %s\n%s", role, w.text("document.body.innerText"), r.said.String())
		}
	})
	return w
}

func (w *window) do(actions ...chromedp.Action[chromedp.Void]) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.tab, hang)
	defer cancel()
	require.NoError(w, chromedp.Do(ctx, actions...), w.role)
}

// get does what has a result.
func get[T any](w *window, action chromedp.Action[T]) T {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.tab, hang)
	defer cancel()
	result, err := chromedp.Run(ctx, action)
	require.NoError(w, err, w.role)
	return result
}

// send gives the browser a command of its protocol.
func send[P, R any](w *window, command cdp.Command[P, R], parameters P) R {
	w.Helper()
	return get(w, func(ctx context.Context, t *chromedp.Target) (R, error) { return cdp.Call(ctx, t, command, parameters) })
}

// ask evaluates a condition. A page that is being replaced does not answer.
func (w *window) ask(condition string) (met bool, err error) {
	ctx, cancel := context.WithTimeout(w.tab, hang)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+condition+")"))
}

// until waits for a condition of the page, in JavaScript.
func (w *window) until(condition string) {
	w.Helper()
	end := time.Now().Add(hang)
	for {
		met, err := w.ask(condition)
		if met {
			return
		}
		if time.Now().After(end) || w.tab.Err() != nil {
			require.FailNow(w, "the page never gets there", "%s: %s (%v)", w.role, condition, err)
		}
		time.Sleep(5 * time.Millisecond) // and look again
	}
}

// text is what an expression of the page gives.
func (w *window) text(expression string) string {
	w.Helper()
	return get(w, chromedp.Evaluate[string]("String("+expression+")"))
}

// script does something in the page.
func (w *window) script(what string) {
	w.Helper()
	w.do(chromedp.Evaluate[chromedp.Void](what))
}

// found is the selector of an element by its test id, and condition that it is there.
func id(name string) string    { return fmt.Sprintf(`[data-testid=%q]`, name) }
func there(name string) string { return fmt.Sprintf("document.querySelector(`%s`)", id(name)) }

// click presses a button by its test id, once it is there.
func (w *window) click(name string) {
	w.Helper()
	w.until(there(name))
	w.script(there(name) + ".click()")
}

// state waits until the clerk's window shows one of the states.
func (w *window) state(names ...string) {
	w.Helper()
	w.until(fmt.Sprintf("%q.split(' ').includes(%s?.dataset.state)", join(names), there("state")))
}

// moment waits until the citizen's window shows one of the moments.
func (w *window) moment(names ...string) {
	w.Helper()
	w.until(fmt.Sprintf("%q.split(' ').includes(%s?.dataset.moment)", join(names), there("moment")))
}

func join(names []string) (all string) {
	for i, n := range names {
		if i > 0 {
			all += " "
		}
		all += n
	}
	return all
}

// shot leaves a picture of the whole page in out/counter.
func (w *window) shot(name string) {
	w.Helper()
	tall := get(w, chromedp.Evaluate[int64]("document.documentElement.scrollHeight"))
	w.resize(1280, max(tall, 800)) // or what sticks to the lower edge would be in the middle
	picture := get(w, chromedp.CaptureScreenshot())
	send(w, emulation.ClearDeviceMetricsOverride, cdp.Empty{})
	file := filepath.Join(world.shots, fmt.Sprintf("%s-%s-%s.png", w.Name(), name, w.role))
	require.NoError(w, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(w, os.WriteFile(file, picture, 0o644))
}

// reload loads the page again, and waits until its stream runs.
func (w *window) reload() {
	w.Helper()
	w.script("window.old = true")
	send(w, page.Reload, page.ReloadParams{})
	w.until("!window.old && document.readyState === 'complete'")
}

// focus brings the window to the front, as a person does who types there.
func (w *window) focus() {
	w.Helper()
	send(w, page.BringToFront, cdp.Empty{})
}
