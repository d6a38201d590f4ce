package guard

import (
	"crypto/sha256"
	"net/http"
	"time"

	"golang.org/x/time/rate"
)

// invitation is a secret that works once.
type invitation struct {
	role  Role
	about string
	until time.Time // zero: until it is used
}

// Invite returns the path of an address that pairs one browser in a role. It
// works once, and for so long if life is not zero. What the session shall be
// about stays with it.
func (g *Guard) Invite(role Role, about string, life time.Duration) string {
	token := secret()
	invited := invitation{role: role, about: about}
	if life > 0 {
		invited.until = g.options.Now().Add(life)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forgetInvitations()
	g.invited[sha256.Sum256([]byte(token))] = invited
	return "/pair#" + token
}

// forgetInvitations drops what has run out. The caller holds the lock.
func (g *Guard) forgetInvitations() {
	now := g.options.Now()
	for key, i := range g.invited {
		if !i.until.IsZero() && now.After(i.until) {
			delete(g.invited, key)
		}
	}
}

// pair exchanges an invitation for a session.
func (g *Guard) pair(w http.ResponseWriter, r *http.Request) {
	session, cookie := g.admit(r.PostFormValue("token"))
	if session == nil {
		refuse(w, http.StatusForbidden)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: cookie, Path: session.Base, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	if g.options.Paired != nil {
		g.options.Paired(session.Role)
	}
	http.Redirect(w, r, session.Base, http.StatusSeeOther)
}

func (g *Guard) admit(token string) (*Session, string) {
	key := sha256.Sum256([]byte(token))
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forgetInvitations()
	invited, ok := g.invited[key]
	if !ok {
		return nil, ""
	}
	delete(g.invited, key)
	g.makeRoom()
	place, cookie := secret(), secret()
	session := &Session{Role: invited.role, About: invited.about, Base: "/s/" + place + "/", Token: secret(), cookie: sha256.Sum256([]byte(cookie)),
		limit: rate.NewLimiter(perSecond, burst), seen: g.options.Now()}
	g.sessions[place] = session
	return session, cookie
}

// makeRoom ends the session that has been quiet the longest when there are too
// many. The caller holds the lock.
func (g *Guard) makeRoom() {
	if len(g.sessions) < maxSessions {
		return
	}
	var oldest string
	for place, s := range g.sessions {
		if oldest == "" || s.seen.Before(g.sessions[oldest].seen) {
			oldest = place
		}
	}
	delete(g.sessions, oldest)
}
