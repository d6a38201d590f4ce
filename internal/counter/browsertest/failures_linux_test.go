//go:build cgo

package browsertest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// failures are what a browser complains about: scripts that threw, pages and
// pictures that did not come, a policy that was violated.
type failures struct {
	mu    sync.Mutex
	heard []string
}

func (f *failures) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		f.add(fmt.Sprint(e.ExceptionDetails.Text, " ", e.ExceptionDetails.URL, ":", e.ExceptionDetails.LineNumber))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			f.add(e.Entry.Text + " " + e.Entry.URL)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			f.add(fmt.Sprint(e.Response.Status, " ", e.Response.URL))
		}
	}
}

func (f *failures) add(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.heard = append(f.heard, text)
}

// all gives what was heard, but for what a counter that has gone leaves behind.
func (f *failures) all() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(f.heard), func(s string) bool {
		return strings.Contains(s, "ERR_INCOMPLETE_CHUNKED_ENCODING") || strings.Contains(s, "ERR_CONNECTION_REFUSED")
	})
}

// expect takes from what was heard what a test has brought about.
func (f *failures) expect(part string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.heard = slices.DeleteFunc(f.heard, func(s string) bool { return strings.Contains(s, part) })
}
