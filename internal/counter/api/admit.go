package api

import (
	"errors"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"cnie/internal/counter/web/guard"
)

// caller is the client that a request comes from, with its rights.
type caller struct {
	id       string
	purposes []string
	origins  []string // none: it is no web page
	*budget
}

// budget is how much a client may ask.
type budget struct {
	limit   *rate.Limiter
	streams chan struct{}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	guard.Protect(w.Header())
	w.Header().Add("Vary", "Origin")
	if p := s.addressed(r); p != nil {
		p.write(w)
		return
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Expose-Headers", "Location, Retry-After, Idempotent-Replayed")
	}
	s.mux.ServeHTTP(w, r)
}

// addressed judges who sends a request from where, before anything is looked up:
// Host and Origin to the letter, and nothing that only a page does which was not
// let in. Sec-Fetch-… cannot be set by scripts.
func (s *Server) addressed(r *http.Request) *problem {
	origin, page := r.Header.Get("Origin"), r.Header.Values("Origin") != nil
	from, mode := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Sec-Fetch-Mode")
	switch {
	case !guard.Addressed(r, s.options.Hosts):
		return wrong(http.StatusMisdirectedRequest, "host", "this server has another name")
	case !guard.Once(r, "Origin", "Authorization", "Content-Type", "Idempotency-Key", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Access-Control-Request-Method", "Access-Control-Request-Headers"):
		return wrong(http.StatusBadRequest, "header-twice", "a header that decides is there twice")
	case page && !slices.Contains(s.options.Site.API.Origins, origin):
		return wrong(http.StatusForbidden, "origin", "the site file does not let pages of this origin in")
	case !page && from != "" && from != "none", page && mode != "" && mode != "cors":
		return wrong(http.StatusForbidden, "origin", "a page calls by fetch, with its origin")
	case r.Header.Get("Upgrade") != "" || path.Clean(r.URL.Path) != r.URL.Path || r.URL.RawQuery != "":
		return wrong(http.StatusBadRequest, "malformed", "paths here are plain, without a query and without an upgrade")
	}
	return nil
}

// only serves the methods of a path, each after its client was let in.
func (s *Server) only(m methods) http.Handler {
	allowed := slices.Sorted(maps.Keys(m))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			preflight(w, r, allowed)
			return
		}
		at, ok := m[r.Method]
		if !ok {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			wrong(http.StatusMethodNotAllowed, "method", "this path has other methods").write(w)
			return
		}
		if err := s.serve(w, r, at); err != nil {
			var p *problem
			if !errors.As(err, &p) {
				s.options.Log.ErrorContext(r.Context(), "request failed", "path", r.Pattern, "why", err.Error())
				p = wrong(http.StatusInternalServerError, "internal", "the counter could not do it; its log says why")
			}
			p.write(w)
		}
	})
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, at endpoint) error {
	if r.Method != http.MethodPost && r.ContentLength != 0 {
		return wrong(http.StatusBadRequest, "malformed", "this request has no body")
	}
	tooMany := wrong(http.StatusTooManyRequests, "too-many", "too many requests; wait a moment")
	if at.open {
		if !s.strange.Allow() {
			return tooMany
		}
		return at.serve(w, r, nil)
	}
	c, p := s.caller(r)
	switch {
	case p != nil && !s.strange.Allow():
		return tooMany
	case p != nil:
		if p.Status == http.StatusForbidden { // a page of the site's, with somebody else's token
			w.Header().Del("Access-Control-Allow-Origin")
		}
		return p
	case !c.limit.Allow():
		return tooMany
	}
	// Reading and writing may not take for ever; a stream sets its own bounds.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyWithin))
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	return at.serve(w, r, c)
}

// caller finds the client by its token. It has the rights that the site file and
// its pairing agree on.
func (s *Server) caller(r *http.Request) (*caller, *problem) {
	nobody := wrong(http.StatusUnauthorized, "token", "want Authorization: Bearer with the token of a paired client")
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, nobody
	}
	paired, err := s.options.Clients.find(token)
	if err != nil {
		if !errors.Is(err, ErrNotPaired) {
			s.options.Log.Error("pairing not read", "why", err.Error())
		}
		return nil, nobody
	}
	client, known := s.options.Site.Client(paired.Client)
	if !known {
		return nil, nobody
	}
	c := &caller{id: client.ID, purposes: both(client.Purposes, paired.Purposes), origins: both(client.Origins, paired.Origins), budget: s.budget(client.ID)}
	origin := r.Header.Get("Origin")
	if page := len(client.Origins)+len(paired.Origins) > 0; page != (origin != "") || page && !slices.Contains(c.origins, origin) {
		return nil, wrong(http.StatusForbidden, "origin", "this token is not for calls from here")
	}
	return c, nil
}

func both(some, others []string) []string {
	return slices.DeleteFunc(slices.Clone(some), func(one string) bool { return !slices.Contains(others, one) })
}

func (s *Server) budget(client string) *budget {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.clients[client]
	if b == nil {
		b = newBudget()
		s.clients[client] = b
	}
	return b
}

func newBudget() *budget {
	return &budget{limit: rate.NewLimiter(perSecond, burst), streams: make(chan struct{}, maxStreams)}
}

// asked are the headers that a page may want to send.
var asked = []string{"accept", "authorization", "cache-control", "content-type", "idempotency-key", "last-event-id"}

// preflight answers a browser that asks before it lets a page call. The origin
// has been found in the list.
func preflight(w http.ResponseWriter, r *http.Request, allowed []string) {
	h := w.Header()
	good := r.Header.Get("Origin") != "" && slices.Contains(allowed, r.Header.Get("Access-Control-Request-Method"))
	for name := range strings.SplitSeq(r.Header.Get("Access-Control-Request-Headers"), ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		good = good && (name == "" || slices.Contains(asked, name))
	}
	if !good {
		h.Del("Access-Control-Allow-Origin")
		wrong(http.StatusForbidden, "preflight", "a page may not call like this").write(w)
		return
	}
	h.Set("Access-Control-Allow-Methods", strings.Join(allowed, ", "))
	h.Set("Access-Control-Allow-Headers", strings.Join(asked, ", "))
	h.Set("Access-Control-Max-Age", "600")
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		h.Set("Access-Control-Allow-Private-Network", "true") // of the same origins
	}
	w.WriteHeader(http.StatusNoContent)
}
