package guard

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"time"

	"golang.org/x/time/rate"
)

// Role is what a session may see.
type Role string

// The roles.
const (
	Clerk   Role = "clerk"
	Citizen Role = "citizen"
)

// cookieName is the same for both roles: a session is found by its path.
const cookieName = "cnie"

// digest keeps a secret without keeping it, and compares in constant time by
// being looked up.
type digest = [sha256.Size]byte

// Session is one paired browser.
type Session struct {
	Role  Role
	About string // as the invitation said
	Base  string // path of the session's pages, with the slash at the end
	Token string // what a form must bring along, in the field "csrf"

	cookie digest
	limit  *rate.Limiter
	seen   time.Time
}

// signed reports whether the form brought the session's token.
func (s *Session) signed(r *http.Request) bool {
	given := sha256.Sum256([]byte(r.PostFormValue("csrf")))
	want := sha256.Sum256([]byte(s.Token))
	return subtle.ConstantTimeCompare(given[:], want[:]) == 1
}

type sessionKey struct{}

func with(ctx context.Context, s *Session) context.Context {
	return context.WithValue(ctx, sessionKey{}, s)
}

// From gives the session that a request belongs to. Handlers in Options.Roles
// are only reached with one.
func From(ctx context.Context) *Session {
	s, _ := ctx.Value(sessionKey{}).(*Session)
	return s
}

// session finds the session at a place, if the request has its cookie.
func (g *Guard) session(r *http.Request, place string) *Session {
	cookie, err := r.Cookie(cookieName)
	if err != nil || len(r.CookiesNamed(cookieName)) != 1 {
		return nil
	}
	given := sha256.Sum256([]byte(cookie.Value))
	g.mu.Lock()
	defer g.mu.Unlock()
	s, now := g.sessions[place], g.options.Now()
	if s == nil || subtle.ConstantTimeCompare(given[:], s.cookie[:]) != 1 {
		return nil
	}
	if now.Sub(s.seen) > idle {
		delete(g.sessions, place)
		return nil
	}
	s.seen = now
	return s
}
