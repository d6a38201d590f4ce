//go:build cgo

package hostiletest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// villain serves the hostile pages, and keeps all that reaches it.
type villain struct {
	mu       sync.Mutex
	page     string
	received strings.Builder // every request
	reads    map[string][]string
	over     map[string]chan struct{}
}

func newVillain() *villain {
	return &villain{reads: map[string][]string{}, over: map[string]chan struct{}{}}
}

func (v *villain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20)) // a page that is closed sends half
	v.mu.Lock()
	defer v.mu.Unlock()
	fmt.Fprintf(&v.received, "%s %s %v\n%s\n", r.Method, r.URL, r.Header, body)
	run := r.URL.Query().Get("run")
	switch r.URL.Path {
	case "/page":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, v.page)
	case "/redirect":
		w.Header().Set("Access-Control-Allow-Origin", "*")
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusTemporaryRedirect)
	case "/worker.js":
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprintf(w, `onmessage = (e) => e.waitUntil(fetch(%q, {credentials: "include"}).then((a) => a.ok ? a.text() : "").catch(() => "").then((t) => e.source.postMessage({leak: t})));`, r.URL.Query().Get("of"))
	case "/loot":
		v.reads[run] = append(v.reads[run], string(body))
	case "/over":
		if over := v.over[run]; over != nil {
			close(over)
			delete(v.over, run)
		}
	default:
		http.NotFound(w, r)
	}
}

// learned is what a page has reported.
func (v *villain) learned(run string) []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]string(nil), v.reads[run]...)
}

// target is what a hostile page is told.
type target struct {
	Gets     []string `json:"gets"`
	Events   []string `json:"events"`
	Photo    string   `json:"photo"`
	Posts    [][2]any `json:"posts"`
	Changes  []string `json:"changes"` // addresses that would change something if asked for
	Loot     string   `json:"loot"`
	Run      string   `json:"run"`
	Patience int64    `json:"patience"` // milliseconds
}

// at is the same target under another name.
func (g target) at(t *testing.T, from, to string) (moved target) {
	t.Helper()
	b, err := json.Marshal(g)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(strings.ReplaceAll(string(b), from, to)), &moved))
	return moved
}

// targets are what the counter serves to the clerk at one base and to the citizen at
// another, with the tokens that their forms bring along.
func targets(clerk, citizen, clerkToken, citizenToken, photo, decided, asked, reader string) target {
	g := target{Gets: []string{clerk, citizen, photo, clerk + "slip"}, Events: []string{clerk + "events", citizen + "events"}, Photo: photo}
	add := func(address string, fields map[string]string) {
		form := url.Values{}
		for name, value := range fields {
			form.Set(name, value)
		}
		g.Posts = append(g.Posts, [2]any{address, fields})
		g.Changes = append(g.Changes, address+"?"+form.Encode())
	}
	add(clerk+"match", map[string]string{"csrf": clerkToken, "reader": reader, "match": "match", "transaction": decided, "person": "holder"})
	add(citizen+"consent", map[string]string{"csrf": citizenToken, "answer": "yes", "transaction": asked, "person": "holder"})
	add(clerk+"cancel", map[string]string{"csrf": clerkToken, "reader": reader, "transaction": decided})
	return g
}
