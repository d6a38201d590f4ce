package api

import (
	"context"
	"crypto/rand"
	"iter"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"cnie/internal/answer"
	"cnie/internal/counter"
	"cnie/internal/site"
)

// Base is the path under which everything here stands.
const Base = "/api/v1/"

// Bounds on what is asked and kept.
const (
	maxBody    = 16 << 10        // bytes of a request
	bodyWithin = 5 * time.Second // until a request has come in whole
	perSecond  = 20              // requests of one client, after a burst
	burst      = 60
	maxStreams = 8 // of one client at a time
	maxVisits  = 1000
	keep       = 15 * time.Minute // how long what came of a transaction can be fetched
	life       = 10 * time.Minute // of a signed answer
)

// Desk is what the API needs of counter.Desk. It has no way to open a card, to
// agree or to decide.
type Desk interface {
	Start(context.Context, counter.Request) (string, error)
	Cancel(id string) error
	Get(id string) (counter.Transaction, error)
	Watch(ctx context.Context, id string) iter.Seq[counter.Transaction]
	Readers() []counter.Reader
}

// Options say what is served. All but Hook, Now and Log are needed.
type Options struct {
	Desk    Desk
	Site    *site.Site
	Hosts   []string // what the server is called, with the port
	Clients *Pairings
	Key     *answer.Key // signs answers
	Hook    *Hook       // told of transactions that have ended; nil: nobody is
	Now     func() time.Time
	Log     *slog.Logger // told what happens, never to whom
}

// Server answers the business software. It is an http.Handler for paths under
// Base and safe for concurrent use.
type Server struct {
	options Options
	mux     *http.ServeMux
	strange *rate.Limiter // of those without a token
	ctx     context.Context
	stop    context.CancelFunc
	work    sync.WaitGroup
	secret  []byte // under which requests are remembered

	starting sync.Mutex // one transaction begins at a time
	mu       sync.Mutex
	visits   map[string]*visit
	promises map[string]promise
	clients  map[string]*budget
}

// New makes a server. Close ends it.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		options: o, mux: http.NewServeMux(), strange: rate.NewLimiter(perSecond, burst), secret: []byte(rand.Text()),
		visits: map[string]*visit{}, promises: map[string]promise{}, clients: map[string]*budget{},
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	for path, methods := range s.routes() {
		s.mux.Handle(path, methods)
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		wrong(http.StatusNotFound, "no-such-path", "there is nothing at this path").write(w)
	})
	return s
}

// Close ends the event streams and forgets everything.
func (s *Server) Close() {
	s.stop()
	s.work.Wait()
}

// methods are what can be done at one path.
type methods map[string]endpoint

// endpoint answers a request of a client, or, if it is open, of anybody who
// reached the right host.
type endpoint struct {
	open  bool
	serve func(w http.ResponseWriter, r *http.Request, c *caller) error
}

func (s *Server) routes() map[string]http.Handler {
	found := map[string]http.Handler{}
	for path, m := range s.table() {
		found[path] = s.only(m)
	}
	return found
}

// table is every path there is; the description has the same.
func (s *Server) table() map[string]methods {
	return map[string]methods{
		Base + "openapi.json":             {http.MethodGet: {open: true, serve: s.describe}},
		Base + "keys":                     {http.MethodGet: {open: true, serve: s.keys}},
		Base + "desk":                     {http.MethodGet: {serve: s.desk}},
		Base + "transactions":             {http.MethodPost: {serve: s.begin}},
		Base + "transactions/{id}":        {http.MethodGet: {serve: s.look}, http.MethodDelete: {serve: s.cancel}},
		Base + "transactions/{id}/events": {http.MethodGet: {serve: s.events}},
		Base + "transactions/{id}/result": {http.MethodGet: {serve: s.result}},
	}
}
