package guard

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const host = "127.0.0.1:7312"

// desk is a guard before pages that say what they were asked.
type desk struct {
	*testing.T
	*Guard
	now     time.Time
	reached int // how often a page behind the guard was reached
}

func newDesk(t *testing.T) *desk {
	d := &desk{T: t, now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	say := func(what string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			d.reached++
			_, err := io.Copy(io.Discard, r.Body)
			if err != nil {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
			}
			_, _ = io.WriteString(w, what+" "+r.URL.Path)
		})
	}
	d.Guard = New(Options{
		Hosts: []string{host, "[::1]:7312", "localhost:7312"}, Public: say("public"),
		Roles: map[Role]http.Handler{Clerk: say("clerk"), Citizen: say("citizen")}, Now: func() time.Time { return d.now },
	})
	return d
}

// ask sends a request as the desk's own page would, changed by the caller.
func (d *desk) ask(method, path string, form url.Values, change func(*http.Request)) *httptest.ResponseRecorder {
	d.Helper()
	r := httptest.NewRequest(method, "http://"+host+path, nil)
	if method == http.MethodPost {
		r = httptest.NewRequest(method, "http://"+host+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://"+host)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

// pairing is what a browser has after pairing.
type pairing struct {
	base, token string
	cookie      *http.Cookie
}

func (d *desk) pairing(role Role) pairing {
	d.Helper()
	_, token, _ := strings.Cut(d.Invite(role, "", 0), "#")
	w := d.ask(http.MethodPost, "/pair", url.Values{"token": {token}}, nil)
	require.Equal(d, http.StatusSeeOther, w.Code)
	cookie := w.Result().Cookies()[0]
	base := w.Result().Header.Get("Location")
	place, _, _ := sessionPath(base)
	return pairing{base, d.sessions[place].Token, cookie}
}

func set(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func TestPairing(t *testing.T) {
	d := newDesk(t)
	_, token, _ := strings.Cut(d.Invite(Clerk, "", 0), "#")
	w := d.ask(http.MethodPost, "/pair", url.Values{"token": {token}}, nil)
	require.Equal(t, http.StatusSeeOther, w.Code)
	cookie := w.Result().Cookies()[0]
	assert.True(t, cookie.HttpOnly)
	assert.Equal(t, http.SameSiteStrictMode, cookie.SameSite)
	assert.Equal(t, w.Result().Header.Get("Location"), cookie.Path, "the cookie goes nowhere else")
	assert.Equal(t, http.StatusForbidden, d.ask(http.MethodPost, "/pair", url.Values{"token": {token}}, nil).Code, "an invitation works once")
	assert.Equal(t, http.StatusForbidden, d.ask(http.MethodPost, "/pair", url.Values{"token": {""}}, nil).Code)

	_, token, _ = strings.Cut(d.Invite(Citizen, "reader", time.Minute), "#")
	d.now = d.now.Add(time.Minute + time.Second)
	assert.Equal(t, http.StatusForbidden, d.ask(http.MethodPost, "/pair", url.Values{"token": {token}}, nil).Code, "an invitation runs out")
}

func TestWhatMayPass(t *testing.T) {
	d := newDesk(t)
	clerk, citizen := d.pairing(Clerk), d.pairing(Citizen)
	for _, row := range []struct {
		name, method, path, want string
		as                       pairing
		change                   func(*http.Request)
	}{
		{"page", "GET", "", "clerk /", clerk, nil},
		{"typed address", "GET", "", "clerk /", clerk, set("Sec-Fetch-Site", "none")},
		{"other name", "GET", "", "clerk /", clerk, func(r *http.Request) { r.Host = "localhost:7312" }},
		{"stream", "GET", "events", "clerk /events", clerk, set("Accept", "text/event-stream")},
		{"stream with origin", "GET", "events", "clerk /events", clerk, func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "http://"+host)
		}},
		{"form", "POST", "start", "clerk /start", clerk, nil},
		{"citizen", "POST", "consent", "citizen /consent", citizen, nil},
	} {
		w := d.ask(row.method, row.as.base+row.path, url.Values{"csrf": {row.as.token}}, func(r *http.Request) {
			r.AddCookie(row.as.cookie)
			if row.change != nil {
				row.change(r)
			}
		})
		assert.Equal(t, http.StatusOK, w.Code, row.name)
		assert.Equal(t, row.want, w.Body.String(), row.name)
	}
}

// Requests of hostile pages and programs: none reaches a page, and the answer is
// the same whether or not there is a session.
func TestHostileRequests(t *testing.T) {
	d := newDesk(t)
	clerk, citizen := d.pairing(Clerk), d.pairing(Citizen)
	own := func(change func(*http.Request)) func(*http.Request) {
		return func(r *http.Request) {
			r.AddCookie(clerk.cookie)
			change(r)
		}
	}
	token := url.Values{"csrf": {clerk.token}}
	rows := []struct {
		name, method, path string
		form               url.Values
		change             func(*http.Request)
		want               int
	}{
		{"rebound name", "GET", clerk.base, nil, own(func(r *http.Request) { r.Host = "evil.example:7312" }), 421},
		{"rebound name for a public page", "GET", "/metrics", nil, func(r *http.Request) { r.Host = "evil.example:7312" }, 421},
		{"name that contains ours", "GET", clerk.base, nil, own(func(r *http.Request) { r.Host = "127.0.0.1:7312.evil.example" }), 421},
		{"name that ends with ours", "GET", clerk.base, nil, own(func(r *http.Request) { r.Host = "evil.localhost:7312" }), 421},
		{"our name on another port", "GET", clerk.base, nil, own(func(r *http.Request) { r.Host = "127.0.0.1:80" }), 421},
		{"our name without a port", "GET", clerk.base, nil, own(func(r *http.Request) { r.Host = "127.0.0.1" }), 421},
		{"our name with a dot", "GET", clerk.base, nil, own(func(r *http.Request) { r.Host = "localhost.:7312" }), 421},
		{"our name in capitals", "GET", clerk.base, nil, own(func(r *http.Request) { r.Host = "LOCALHOST:7312" }), 421},
		{"decimal address", "GET", clerk.base, nil, own(func(r *http.Request) { r.Host = "2130706433:7312" }), 421},
		{"no name", "GET", clerk.base, nil, own(func(r *http.Request) { r.Host = "" }), 421},

		{"form of another page", "POST", clerk.base + "start", token, own(set("Origin", "https://evil.example")), 403},
		{"form of another port", "POST", clerk.base + "start", token, own(set("Origin", "http://127.0.0.1:8080")), 403},
		{"form of another of our names", "POST", clerk.base + "start", token, own(set("Origin", "http://localhost:7312")), 403},
		{"null origin", "POST", clerk.base + "start", token, own(set("Origin", "null")), 403},
		{"null origin, reading", "GET", clerk.base, nil, own(set("Origin", "null")), 403},
		{"origin by https", "POST", clerk.base + "start", token, own(set("Origin", "https://"+host)), 403},
		{"origin with a path", "POST", clerk.base + "start", token, own(set("Origin", "http://"+host+"/")), 403},
		{"no origin", "POST", clerk.base + "start", token, own(func(r *http.Request) { r.Header.Del("Origin") }), 403},
		{"two origins", "POST", clerk.base + "start", token, own(func(r *http.Request) { r.Header.Add("Origin", "http://"+host) }), 403},
		{"empty origin", "GET", clerk.base, nil, own(set("Origin", "")), 403},

		{"script of another site", "GET", clerk.base, nil, own(set("Sec-Fetch-Site", "cross-site")), 403},
		{"script of another port", "GET", clerk.base, nil, own(set("Sec-Fetch-Site", "same-site")), 403},
		{"image of another site", "GET", "/assets/style.css", nil, set("Sec-Fetch-Site", "cross-site"), 403},
		{"unheard-of site", "GET", clerk.base, nil, own(set("Sec-Fetch-Site", "SAME-ORIGIN")), 403},
		{"typed form", "POST", clerk.base + "start", token, own(set("Sec-Fetch-Site", "none")), 403},
		{"frame", "GET", clerk.base, nil, own(set("Sec-Fetch-Dest", "iframe")), 403},
		{"object", "GET", clerk.base, nil, own(set("Sec-Fetch-Dest", "object")), 403},
		{"stream that nobody vouches for", "GET", clerk.base + "events", nil, own(func(r *http.Request) { r.Header.Del("Sec-Fetch-Site") }), 403},
		{"stream of another origin", "GET", clerk.base + "events", nil, own(set("Origin", "http://evil.example")), 403},
		{"web socket", "GET", clerk.base + "events", nil, own(set("Upgrade", "websocket")), 403},

		{"no cookie", "GET", clerk.base, nil, nil, 403},
		{"no such session", "GET", "/s/aaaaaaaaaaaaaaaaaaaaaaaaaa/", nil, own(func(*http.Request) {}), 403},
		{"made-up cookie", "GET", clerk.base, nil, func(r *http.Request) { r.AddCookie(&http.Cookie{Name: cookieName, Value: "x"}) }, 403},
		{"two cookies", "GET", clerk.base, nil, own(func(r *http.Request) { r.AddCookie(&http.Cookie{Name: cookieName, Value: "x"}) }), 403},
		{"citizen's cookie at the clerk's page", "GET", clerk.base, nil, func(r *http.Request) { r.AddCookie(citizen.cookie) }, 403},
		{"citizen's cookie in the clerk's stream", "GET", clerk.base + "events", nil, func(r *http.Request) { r.AddCookie(citizen.cookie) }, 403},
		{"citizen's cookie and the clerk's token", "POST", clerk.base + "match", token, func(r *http.Request) { r.AddCookie(citizen.cookie) }, 403},
		{"clerk's cookie at the citizen's page", "POST", citizen.base + "consent", url.Values{"csrf": {citizen.token}}, own(func(*http.Request) {}), 403},
		{"no token", "POST", clerk.base + "start", nil, own(func(*http.Request) {}), 403},
		{"token in the address", "POST", clerk.base + "start?csrf=" + clerk.token, nil, own(func(*http.Request) {}), 403},
		{"another session's token", "POST", clerk.base + "start", url.Values{"csrf": {citizen.token}}, own(func(*http.Request) {}), 403},
		{"form as JSON", "POST", clerk.base + "start", token, own(set("Content-Type", "application/json")), 403},
		{"form as plain text", "POST", clerk.base + "start", token, own(set("Content-Type", "text/plain")), 403},
		{"preflight", "OPTIONS", clerk.base + "start", nil, own(func(*http.Request) {}), 403},
		{"put", "PUT", clerk.base + "start", nil, own(func(*http.Request) {}), 403},
		{"upward path", "GET", clerk.base + "../" + "x", nil, own(func(*http.Request) {}), 403},
		{"change without a session", "POST", "/healthz", token, nil, 403},
	}
	d.reached = 0
	for _, row := range rows {
		w := d.ask(row.method, row.path, row.form, row.change)
		assert.Equal(t, row.want, w.Code, row.name)
		assert.Equal(t, http.StatusText(row.want)+"\n", w.Body.String(), row.name)
		assert.Empty(t, w.Result().Cookies(), row.name)
		assert.Empty(t, w.Header().Get("Access-Control-Allow-Origin"), row.name)
		assert.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'", row.name)
	}
	assert.Zero(t, d.reached)
}

func TestEveryAnswerIsProtected(t *testing.T) {
	d := newDesk(t)
	clerk := d.pairing(Clerk)
	w := d.ask("GET", clerk.base, nil, func(r *http.Request) { r.AddCookie(clerk.cookie) })
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
	} {
		assert.Equal(t, want, w.Header().Get(name))
	}
	policy := w.Header().Get("Content-Security-Policy")
	assert.Contains(t, policy, "frame-ancestors 'none'")
	assert.NotContains(t, policy, "unsafe")
}

func TestBounds(t *testing.T) {
	d := newDesk(t)
	clerk := d.pairing(Clerk)
	with := func(r *http.Request) { r.AddCookie(clerk.cookie) }
	w := d.ask("POST", clerk.base+"start", url.Values{"csrf": {clerk.token}, "x": {strings.Repeat("x", maxBody)}}, with)
	assert.Equal(t, http.StatusForbidden, w.Code, "a form too long is not read to its end, so that its token is not seen")

	codes := map[int]int{}
	for range 3 * burst {
		codes[d.ask("GET", clerk.base, nil, with).Code]++
	}
	assert.Positive(t, codes[http.StatusTooManyRequests])
	assert.Positive(t, codes[http.StatusOK])
	for range 3 * burst {
		assert.NotEqual(t, http.StatusTooManyRequests, d.ask("GET", "/assets/font", nil, nil).Code, "reloading a page is no attack")
	}
	citizen := d.pairing(Citizen)
	assert.Equal(t, http.StatusOK, d.ask("GET", citizen.base, nil, func(r *http.Request) { r.AddCookie(citizen.cookie) }).Code, "one session's haste is not another's")
}

func TestSessionsEnd(t *testing.T) {
	d := newDesk(t)
	clerk := d.pairing(Clerk)
	with := func(r *http.Request) { r.AddCookie(clerk.cookie) }
	d.now = d.now.Add(idle - time.Minute)
	assert.Equal(t, http.StatusOK, d.ask("GET", clerk.base, nil, with).Code)
	d.now = d.now.Add(idle + time.Minute)
	assert.Equal(t, http.StatusForbidden, d.ask("GET", clerk.base, nil, with).Code)

	first := d.pairing(Clerk)
	d.strange.SetBurst(10 * maxSessions)
	d.strange.SetLimit(1e6)
	for range maxSessions {
		d.now = d.now.Add(time.Second)
		d.pairing(Clerk)
	}
	assert.LessOrEqual(t, len(d.sessions), maxSessions)
	assert.Equal(t, http.StatusForbidden, d.ask("GET", first.base, nil, func(r *http.Request) { r.AddCookie(first.cookie) }).Code)
}
