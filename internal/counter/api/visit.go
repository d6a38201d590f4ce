package api

import (
	"net/http"
	"sync"
	"time"

	"cnie/cardreader/emrtd"
	"cnie/internal/answer"
	"cnie/internal/counter"
	"cnie/internal/site"
)

// Status is how a transaction stands. Nothing in it is about a person.
type Status struct {
	ID      string         `json:"id"`
	Serial  uint64         `json:"serial"` // grows with every change
	Purpose string         `json:"purpose"`
	Reader  string         `json:"reader"`
	State   counter.State  `json:"state"`
	Person  counter.Person `json:"person"` // whose card it is about
	Card    bool           `json:"card"`   // one is in the reader
	Step    emrtd.Step     `json:"step,omitempty"`
	Next    string         `json:"next"`              // what is to be done, by a key
	Failure string         `json:"failure,omitempty"` // why it failed, by a key
	Began   time.Time      `json:"began"`
	Changed time.Time      `json:"changed"`
}

func statusOf(t counter.Transaction) Status {
	return Status{
		ID: t.ID, Serial: t.Serial, Purpose: t.Purpose, Reader: t.Reader, State: t.State, Person: t.Person, Card: t.Card,
		Step: t.Progress.Step, Next: t.Next, Failure: t.Failure, Began: t.Began, Changed: t.Changed,
	}
}

// visit is a transaction that a client began. It outlives what the desk has of it
// for a while, and has nothing of the holder but signed answers.
type visit struct {
	client, nonce string
	purpose       site.Purpose
	questions     []answer.Question

	mu      sync.Mutex
	now     Status
	outcome *Result // once it has ended
	changed chan struct{}
}

func (v *visit) path() string { return Base + "transactions/" + v.status().ID }

func (v *visit) status() Status {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// look returns how it stands, and what is closed when that changes.
func (v *visit) look() (Status, <-chan struct{}) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now, v.changed
}

func (v *visit) set(now Status, outcome *Result) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now, v.outcome = now, outcome
	close(v.changed)
	v.changed = make(chan struct{})
}

// follow keeps up with a transaction from now on.
func (s *Server) follow(c *caller, purpose site.Purpose, b beginning, id string) *visit {
	v := &visit{client: c.id, nonce: b.Nonce, purpose: purpose, questions: without(b.asked()), changed: make(chan struct{})}
	began := s.options.Now()
	v.now = Status{ID: id, Serial: 1, Purpose: purpose.ID, Reader: b.Reader, State: counter.WaitingCard, Person: counter.Holder, Began: began, Changed: began}
	if t, err := s.options.Desk.Get(id); err == nil {
		v.now = statusOf(t)
	}
	s.mu.Lock()
	s.forgetOld()
	s.visits[id] = v
	s.mu.Unlock()
	s.options.Log.Info("begun by software", "client", c.id, "transaction", id)
	s.work.Go(func() { s.watch(v, id) })
	return v
}

func (s *Server) watch(v *visit, id string) {
	for t := range s.options.Desk.Watch(s.ctx, id) {
		now := statusOf(t)
		if !t.State.Ended() {
			v.set(now, nil)
			continue
		}
		v.set(now, s.conclude(v, t))
		s.ended(now)
		return
	}
	if s.ctx.Err() != nil {
		return
	}
	// The desk forgot it between its end and our look: another one began at once.
	now := v.status()
	now.Serial, now.State, now.Failure, now.Next, now.Changed = now.Serial+1, counter.Failed, lost, "", s.options.Now()
	v.set(now, &Result{ID: id, Purpose: now.Purpose, State: now.State, Failure: lost, Person: now.Person, Statements: []string{}, Answers: []Given{}})
	s.ended(now)
}

// lost is why a transaction failed whose end nobody saw.
const lost = "failure.lost"

// ended tells the webhook, and has the visit forgotten in time, whoever asks.
func (s *Server) ended(now Status) {
	time.AfterFunc(keep+time.Second, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.forgetOld()
	})
	if s.options.Hook != nil {
		s.options.Hook.Tell(now.ID, now.State, now.Changed)
	}
}

// forgetOld drops what has been there to fetch for long enough, and the oldest if
// there is too much. The caller holds the lock.
func (s *Server) forgetOld() {
	now := s.options.Now()
	var oldest string
	var since time.Time
	for id, v := range s.visits {
		at := v.status()
		switch {
		case !at.State.Ended():
		case now.Sub(at.Changed) > keep:
			delete(s.visits, id)
		case oldest == "" || at.Changed.Before(since):
			oldest, since = id, at.Changed
		}
	}
	if len(s.visits) >= maxVisits {
		delete(s.visits, oldest)
	}
	for k, p := range s.promises {
		if s.visits[p.visit.status().ID] != p.visit {
			delete(s.promises, k)
		}
	}
}

func (s *Server) promised(c *caller, once string) (promise, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetOld()
	p, ok := s.promises[c.id+" "+once]
	return p, ok
}

func (s *Server) remember(c *caller, once string, p promise) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.promises[c.id+" "+once] = p
}

// find takes a path to one of the client's own transactions.
func (s *Server) find(r *http.Request, c *caller) (*visit, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetOld()
	v, ok := s.visits[r.PathValue("id")]
	if !ok || v.client != c.id {
		return nil, wrong(http.StatusNotFound, "no-such-transaction", "there is no such transaction, or no longer")
	}
	return v, nil
}

// look answers how a transaction stands.
func (s *Server) look(w http.ResponseWriter, r *http.Request, c *caller) error {
	v, err := s.find(r, c)
	if err != nil {
		return err
	}
	send(w, http.StatusOK, "application/json", v.status())
	return nil
}

// cancel ends a transaction, and wipes what was seen.
func (s *Server) cancel(w http.ResponseWriter, r *http.Request, c *caller) error {
	v, err := s.find(r, c)
	if err != nil {
		return err
	}
	now, _ := v.look()
	if s.options.Desk.Cancel(now.ID) != nil {
		return wrong(http.StatusConflict, "ended", "the transaction has ended").in(v.status().State)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
