//go:build cgo

package browsertest

import (
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/stretchr/testify/require"
)

// key is a key going down and up again: what it types, and which it is.
type key struct {
	name, code string // KeyboardEvent.key and .code
	shift      bool
}

var virtual = map[string]int64{"Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40, " ": 32}

// press strikes keys, one after the other, at a moment of the browser's clock
// that is a millisecond after the last: a scanner's pace, however slow this
// machine is.
func (w *window) press(keys ...key) {
	w.Helper()
	at := float64(time.Now().UnixMicro()) / 1e6
	for i, k := range keys {
		p := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: k.name, Code: k.code, WindowsVirtualKeyCode: virtual[k.name],
			Timestamp: input.TimeSinceEpoch(at + float64(i)/1000)}
		if k.shift {
			p.Modifiers = 8
		}
		switch {
		case k.name == "Enter":
			p.Type, p.Text = input.DispatchKeyEventTypeKeyDown, "\r"
		case len([]rune(k.name)) <= 2: // an Arabic key types two letters
			p.Type, p.Text = input.DispatchKeyEventTypeKeyDown, k.name
		}
		send(w, input.DispatchKeyEvent, p)
		p.Type, p.Text = input.DispatchKeyEventTypeKeyUp, ""
		send(w, input.DispatchKeyEvent, p)
	}
}

// strike presses one key as a person does, and lets the page see that nothing
// else comes.
func (w *window) strike(name string) {
	w.Helper()
	code := name
	if len(name) == 1 {
		code = map[bool]string{true: "Digit" + name, false: "Key" + strings.ToUpper(name)}[name >= "0" && name <= "9"]
	}
	w.press(key{name: name, code: code})
}

// reach presses Tab until the focus is on an element.
func (w *window) reach(selector string) {
	w.Helper()
	for range 80 {
		if met, _ := w.ask(fmt.Sprintf("document.activeElement.matches(`%s`)", selector)); met {
			return
		}
		w.strike("Tab")
	}
	require.FailNow(w, "Tab does not lead there", "%s: %s", w.role, selector)
}
