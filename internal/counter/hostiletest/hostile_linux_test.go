//go:build cgo

package hostiletest

import (
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	everyOrigin = flag.Bool("every-origin", false, "every hostile page from every origin, not from one each")
	onlyAttacks = flag.String("only-attacks", "", "of those whose name matches this expression")
)

//go:embed testdata/attacks.js
var attackScript string

// stage is the browser with a clerk and a citizen at work, the counter they use,
// and a toy in its likeness.
type stage struct {
	*world
	villain      *villain
	tab          context.Context
	toy          *toy
	real, unreal target
	prey         string // origin of the toy
	loot         string // port of the villain
	state        func() string
	runs         int
}

// newRebind has a name, of 127.0.0.2, lead to a villain for one page and to the
// victim for all else: what happens when the owner of a name has it point to
// 127.0.0.1. To the browser that is one origin, since the port is the victim's.
func newRebind(w *world, v *villain, victim string) {
	w.Helper()
	_, port, err := net.SplitHostPort(victim)
	require.NoError(w, err)
	l, err := net.Listen("tcp", "127.0.0.2:"+port)
	require.NoError(w, err)
	onward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", victim, r.In.Host
	}}
	server := &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/page" {
			v.ServeHTTP(rw, q)
			return
		}
		onward.ServeHTTP(rw, q)
	}), ErrorLog: log.New(io.Discard, "", 0)} // of pages that were closed
	go func() { _ = server.Serve(l) }() // until it is closed
	w.Cleanup(func() { server.Close() })
}

// origins are where the pages come from.
var origins = []string{"http://127.0.0.1:LOOT", "http://localhost:LOOT", "http://evil.example:LOOT"}

// rebound are the attacks of a page of the victim's own origin, as the browser
// sees it.
var rebound = []string{"form", "fetch", "request", "request to change", "image", "script", "style", "frame", "event stream", "web socket", "opener"}

// standing is what a page says of where a visit stands, and of whom: all but the
// time that is left.
var standing = regexp.MustCompile(`data-(?:testid|state|key|moment|verdict|result)="[^"]*"|name="transaction" value="[^"]*"|[A-Z ]*QUOLZANBERK[A-Z ]*`)

var attackName = regexp.MustCompile(`(?m)^  "([^"]+)": `)

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{world: newWorld(t), villain: newVillain(), toy: &toy{}}
	evil := httptest.NewServer(s.villain)
	t.Cleanup(evil.Close)
	_, s.loot, _ = net.SplitHostPort(evil.Listener.Addr().String()) // it was made by net
	prey := httptest.NewServer(s.toy)
	t.Cleanup(prey.Close)
	s.prey = prey.URL
	for _, victim := range []string{s.origin, s.prey} {
		newRebind(s.world, s.villain, strings.TrimPrefix(victim, "http://"))
	}
	s.occupy()
	base := prey.URL + "/s/place/"
	s.unreal = targets(base, base, "token", "token", base+"photo/secret", "decided", "asked", "")
	return s
}

// occupy has a clerk decide about the card in the one reader and a citizen asked
// about the one in the other, both in the browser, and has two more screens look on.
func (s *stage) occupy() {
	s.Helper()
	reader := s.readers[0]
	here, there := s.pair(s.invite("Clerk"), reader), s.pair(s.invite("Clerk"), "")
	beside := s.citizen(here)
	decided := here.begin(beside, s.card.CAN)
	here.agree(beside, decided)
	asked := there.begin(s.citizen(there), s.card.CAN)
	there.waitFor(`data-key="next.holder-answers"`)
	browser := s.browse(chromedp.Flag("host-resolver-rules", "MAP evil.example 127.0.0.1,MAP rebound.example 127.0.0.2"))
	query := "?" + url.Values{"reader": {reader}}.Encode()
	clerk := s.window(browser, s.invite("Clerk"), chromedp.WaitVisible(`[data-testid="keys"]`))
	base, token := s.ask(clerk, "location.href"), s.ask(clerk, `document.querySelector("[name=csrf]").value`)
	require.NoError(s, chromedp.Do(clerk, chromedp.Navigate(base+query), chromedp.WaitVisible(`[data-testid="photo"] img`)))
	photo := s.ask(clerk, `document.querySelector("[data-testid=photo] img").src`)
	citizen := s.window(browser, s.invite("Citizen"), chromedp.WaitVisible(`[data-testid="agree"]`))
	s.real = targets(base, s.ask(citizen, "location.href"), token, s.ask(citizen, `document.querySelector("[name=csrf]").value`), photo, decided, asked, reader)
	s.tab = s.window(browser, "about:blank")
	s.state = func() string {
		var seen []string
		for _, page := range []string{here.see(), there.see(), s.ask(clerk, "document.body.outerHTML"), s.ask(citizen, "document.body.outerHTML")} {
			seen = append(seen, standing.FindAllString(page, -1)...)
		}
		return strings.Join(seen, "\n")
	}
}

// ask evaluates an expression in a window.
func (s *stage) ask(tab context.Context, expression string) string {
	s.Helper()
	said, err := chromedp.Run(tab, chromedp.Evaluate[string](expression))
	require.NoError(s, err, expression)
	return said
}

// attack has one page do its worst, from an origin, until it is over or that was
// enough, and tells what it reported. It is in front, whatever earlier pages opened and
// did not come to close: a page that is hidden gets no clicks, and its timers ring once
// a second or a minute.
func (s *stage) attack(name, origin string, g target, enough func() bool) (reads []string, took time.Duration) {
	s.Helper()
	g.Run, g.Loot = fmt.Sprint(s.runs), "http://127.0.0.1:"+s.loot
	told, err := json.Marshal(g)
	require.NoError(s, err)
	over := make(chan struct{})
	s.villain.mu.Lock()
	s.villain.page = fmt.Sprintf("<!doctype html><title>%s</title><body><script>%s\nrun(%q, %s);</script>", name, attackScript, name, told)
	s.villain.over[g.Run] = over
	s.villain.mu.Unlock()
	_, err = cdp.Call(s.tab, chromedp.FromContext(s.tab).Target, page.BringToFront, cdp.Empty{})
	require.NoError(s, err)
	began := time.Now()
	require.NoError(s, chromedp.Do(s.tab, chromedp.Navigate(origin+"/page")), "%s from %s", name, origin)
	for ; time.Since(began) < hang; time.Sleep(5 * time.Millisecond) {
		if name == "click through" {
			ctx, cancel := context.WithTimeout(s.tab, 300*time.Millisecond)
			_ = chromedp.Do(ctx, chromedp.MouseClickXY(300, 300)) // a frame that shows nothing may not answer
			cancel()
		}
		reads = s.villain.learned(g.Run)
		select {
		case <-over:
			return s.villain.learned(g.Run), time.Since(began)
		default:
		}
		if len(reads) > 0 || enough() {
			return reads, time.Since(began)
		}
	}
	s.Fatalf("%s from %s does not come to its end", name, origin)
	return nil, 0
}

// against has a page attack the toy, which it must get the better of, and then the
// counter.
func (s *stage) against(name, origin string, unreal, real target, before string) {
	s.Helper()
	s.inTurn(name, [2]string{origin, origin}, unreal, real, before)
}

// rebound does so from pages of a name that then leads to toy and counter.
func (s *stage) rebound(name, before string) {
	s.Helper()
	other := strings.NewReplacer("127.0.0.1", "rebound.example")
	toy, counter := other.Replace(s.prey), other.Replace(s.origin)
	s.inTurn(name, [2]string{toy, counter}, s.unreal.at(s.T, s.prey, toy), s.real.at(s.T, s.origin, counter), before)
}

func (s *stage) inTurn(name string, origins [2]string, unreal, real target, before string) {
	s.Helper()
	origin := origins[0]
	s.runs++
	place := fmt.Sprintf("/s/%d", s.runs)
	unreal = unreal.at(s.T, "/s/place", place)
	unreal.Patience = 12000
	changed := func() bool { _, is := s.toy.changed.Load(place); return is }
	reads, took := s.attack(name, origins[0], unreal, changed)
	assert.True(s, len(reads) > 0 || changed(), "%s from %s does not even work on the toy", name, origin)
	s.runs++
	real.Patience = (3*took + 300*time.Millisecond).Milliseconds()
	reads, more := s.attack(name, origins[1], real, func() bool { return false })
	assert.Empty(s, reads, "%s from %s", name, origin)
	assert.Equal(s, before, s.state(), "%s from %s: something has changed", name, origin)
	if testing.Verbose() {
		s.Logf("%s from %s: %v on the toy, %v", name, origin, took.Round(time.Millisecond), more.Round(time.Millisecond))
	}
}

// A clerk has a card's data on the screen, a citizen is being asked, and in the same
// browser a hostile page is open.
func TestHostilePages(t *testing.T) {
	s := newStage(t)
	before := s.state()
	require.Contains(t, before, "QUOLZANBERK")
	pages := 0
	for i, found := range attackName.FindAllStringSubmatch(attackScript, -1) {
		if !regexp.MustCompile(*onlyAttacks).MatchString(found[1]) {
			continue
		}
		for j, origin := range origins {
			// The browser hands clicks by protocol to frames of the page's own process only.
			if one := found[1] == "click through"; one && j == 0 || !one && (*everyOrigin || i%len(origins) == j) {
				s.against(found[1], strings.ReplaceAll(origin, "LOOT", s.loot), s.unreal, s.real, before)
				pages++
			}
		}
		if slices.Contains(rebound, found[1]) {
			s.rebound(found[1], before)
			pages++
		}
	}
	s.villain.mu.Lock()
	defer s.villain.mu.Unlock()
	received := s.villain.received.String()
	assert.Contains(t, received, treasure)
	assert.Empty(t, canaries(t, s.card).in("what reached the villain", []byte(received)))
	t.Logf("hostile pages: %d of %d techniques; each got the better of the toy, and none of the counter", pages, len(attackName.FindAllString(attackScript, -1)))
}
