package web

import (
	"context"
	"io/fs"
	"iter"
	"log/slog"
	"net/http"
	"runtime"
	"sync"
	"time"
	"weak"

	"cnie/cardreader/emrtd/access"
	"cnie/internal/counter"
	"cnie/internal/counter/web/guard"
	"cnie/internal/counter/web/words"
	"cnie/internal/site"
)

// Desk is what the pages need of counter.Desk.
type Desk interface {
	Start(context.Context, counter.Request) (string, error)
	Password(id string, password access.Password) error
	Consent(id string, agreed bool) error
	Match(id string, match counter.Match) error
	Extend(id string) error
	Cancel(id string) error
	Close(id string) error
	Get(id string) (counter.Transaction, error)
	Watch(ctx context.Context, id string) iter.Seq[counter.Transaction]
	Readers() []counter.Reader
}

// Slip makes the receipt of a transaction as a page of HTML that loads nothing:
// paper is "58mm" or "a4".
type Slip func(t counter.Transaction, language, paper string) ([]byte, error)

// Options say what the pages are drawn of.
type Options struct {
	Desk     Desk
	Site     *site.Site
	Hosts    []string // what the server is called, with the port: see guard.Options
	Language string   // tag, of screens until somebody chooses another
	Slip     Slip
	Audio    fs.FS // spoken notices of the operator; nil: none but the program's own
	// Paired is told that a screen has been paired, and the path that pairs the
	// next one in the same role.
	Paired func(role guard.Role, next string)
	Log    *slog.Logger // told what happens, never to whom
}

// Server is the desk's pages. It is an http.Handler and safe for concurrent use.
type Server struct {
	options  Options
	guard    *guard.Guard
	voices   voices
	Measures *Measures
	ctx      context.Context // of everything that outlives a request
	stop     context.CancelFunc

	mu       sync.Mutex
	stations map[string]*station                    // by reader, "": whichever is free
	screens  map[weak.Pointer[guard.Session]]screen // of sessions that live
}

// screen is what a browser has chosen.
type screen struct {
	language words.Language
	noKeys   bool // single keys do nothing
	operator string
}

// New makes the pages of a desk. Close ends them.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{options: o, voices: voices{own: o.Audio}, Measures: newMeasures(), stations: map[string]*station{}, screens: map[weak.Pointer[guard.Session]]screen{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.guard = guard.New(guard.Options{
		Hosts:  o.Hosts,
		Public: s.public(),
		Roles:  map[guard.Role]http.Handler{guard.Clerk: s.clerk(), guard.Citizen: s.citizen()},
		Paired: s.paired,
	})
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.guard.ServeHTTP(w, r) }

// Invite returns the path of an address that pairs one browser in a role.
func (s *Server) Invite(role guard.Role) string { return s.guard.Invite(role, "", 0) }

// InviteAt is Invite for a citizen's screen that stands beside a reader.
func (s *Server) InviteAt(reader string) string { return s.guard.Invite(guard.Citizen, reader, 0) }

func (s *Server) paired(role guard.Role) {
	s.options.Log.Info("paired", "role", role)
	if s.options.Paired != nil {
		s.options.Paired(role, s.Invite(role))
	}
}

// Close ends the event streams, and cancels and wipes what is on the desk.
func (s *Server) Close() {
	s.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, station := range s.stations {
		station.wipe(s.options.Desk)
	}
}

// screen returns what the browser of a request has chosen.
func (s *Server) screen(session *guard.Session) screen {
	s.mu.Lock()
	defer s.mu.Unlock()
	if chosen, ok := s.screens[weak.Make(session)]; ok {
		return chosen
	}
	return screen{language: words.Find(s.options.Language)}
}

// choose changes what a browser has chosen.
func (s *Server) choose(session *guard.Session, change func(*screen)) {
	chosen := s.screen(session)
	change(&chosen)
	s.mu.Lock()
	defer s.mu.Unlock()
	key := weak.Make(session)
	if _, known := s.screens[key]; !known {
		runtime.AddCleanup(session, s.left, key)
	}
	s.screens[key] = chosen
}

// left forgets what a browser had chosen whose session is over.
func (s *Server) left(key weak.Pointer[guard.Session]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.screens, key)
}

// station is where the transactions of a reader are followed.
func (s *Server) station(reader string) *station {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.stations[reader]
	if found == nil {
		found = &station{reader: reader, changed: make(chan struct{})}
		s.stations[reader] = found
	}
	return found
}

// beat is how often a stream shows that it is alive and looks at the readers.
const beat = time.Second
