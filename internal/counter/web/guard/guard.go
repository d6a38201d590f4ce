package guard

import (
	"crypto/rand"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Bounds on what one browser may ask.
const (
	maxBody     = 4 << 10 // bytes; the longest form is a scanned zone of 90 characters
	perSecond   = 20      // requests of one session, after a burst
	burst       = 60
	maxSessions = 32
	idle        = 12 * time.Hour // a day at the desk; the card's data are gone long before
)

// Options say whom to let in.
type Options struct {
	// Hosts are the values of Host that are this server's, with the port:
	// 127.0.0.1:7312, [::1]:7312, localhost:7312.
	Hosts []string
	// Roles are the pages of each role. They see paths without the session's
	// own part: /, /events.
	Roles map[Role]http.Handler
	// Public is what is there for everybody who reached the right Host: pictures,
	// fonts, the page that pairs.
	Public http.Handler
	// Paired is told that an invitation has been used, nil: nobody is.
	Paired func(Role)
	// Now is the clock, nil: the system's.
	Now func() time.Time
}

// Guard stands before the pages. It is safe for concurrent use.
type Guard struct {
	options  Options
	mu       sync.Mutex
	invited  map[digest]invitation
	sessions map[string]*Session
	strange  *rate.Limiter // of what is asked without a session, but for public files
}

// New returns a guard without sessions.
func New(o Options) *Guard {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Guard{options: o, invited: map[digest]invitation{}, sessions: map[string]*Session{}, strange: rate.NewLimiter(perSecond, burst)}
}

// ServeHTTP implements http.Handler.
func (g *Guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	Protect(w.Header())
	if !Addressed(r, g.options.Hosts) {
		refuse(w, http.StatusMisdirectedRequest) // RFC 9110 §15.5.20
		return
	}
	if !fromHere(r) {
		refuse(w, http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if place, rest, ok := sessionPath(r.URL.Path); ok {
		g.serveSession(w, r, place, rest)
		return
	}
	if reads(r) { // the same few files for everybody: haste gains nothing, and a page loads a dozen at once
		g.options.Public.ServeHTTP(w, r)
		return
	}
	if !g.strange.Allow() {
		refuse(w, http.StatusTooManyRequests)
		return
	}
	if r.URL.Path == "/pair" && r.Method == http.MethodPost {
		g.pair(w, r)
		return
	}
	refuse(w, http.StatusForbidden)
}

// serveSession serves what belongs to a session: only with its cookie, and
// changes only with its token.
func (g *Guard) serveSession(w http.ResponseWriter, r *http.Request, place, rest string) {
	session := g.session(r, place)
	if session == nil || !reads(r) && !session.signed(r) {
		if !g.strange.Allow() {
			refuse(w, http.StatusTooManyRequests)
			return
		}
		refuse(w, http.StatusForbidden)
		return
	}
	if !session.limit.Allow() {
		refuse(w, http.StatusTooManyRequests)
		return
	}
	inner := r.Clone(with(r.Context(), session))
	inner.URL.Path, inner.URL.RawPath = rest, ""
	g.options.Roles[session.Role].ServeHTTP(w, inner)
}

// sessionPath splits /s/PLACE/rest.
func sessionPath(path string) (place, rest string, ok bool) {
	after, ok := strings.CutPrefix(path, "/s/")
	if !ok {
		return "", "", false
	}
	place, rest, ok = strings.Cut(after, "/")
	return place, "/" + rest, ok
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

func refuse(w http.ResponseWriter, code int) { http.Error(w, http.StatusText(code), code) }

// secret is 26 characters that nobody guesses.
func secret() string { return strings.ToLower(rand.Text()) }
