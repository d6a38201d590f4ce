package api

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"net/http"
	"regexp"
	"slices"

	"cnie/internal/answer"
	"cnie/internal/counter"
	"cnie/internal/site"
)

// promise is what was made of a request with an Idempotency-Key. Of the request
// it keeps a code under a key of this process: it may have had a person's name.
type promise struct {
	request [sha256.Size]byte
	visit   *visit
}

var idempotencyKey = regexp.MustCompile(`^[A-Za-z0-9._~-]{8,64}$`)

// begin begins a transaction, once for each key.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, c *caller) error {
	once := r.Header.Get("Idempotency-Key")
	if !idempotencyKey.MatchString(once) {
		return malformed("want an Idempotency-Key of 8 to 64 letters, digits and . _ ~ -, new for each transaction")
	}
	body, err := read(r)
	if err != nil {
		return err
	}
	defer clear(body)
	s.starting.Lock()
	defer s.starting.Unlock()
	request := s.code(body)
	if before, ok := s.promised(c, once); ok {
		if before.request != request {
			return wrong(http.StatusUnprocessableEntity, "key-reused", "this Idempotency-Key began another transaction; make a new one")
		}
		w.Header().Set("Idempotent-Replayed", "true")
		w.Header().Set("Location", before.visit.path())
		send(w, http.StatusOK, "application/json", before.visit.status())
		return nil
	}
	asked, err := parse(body)
	if err != nil {
		return err
	}
	v, err := s.start(r.Context(), c, asked)
	if err != nil {
		return err
	}
	s.remember(c, once, promise{request, v})
	w.Header().Set("Location", v.path())
	send(w, http.StatusCreated, "application/json", v.status())
	return nil
}

func (s *Server) code(body []byte) (code [sha256.Size]byte) {
	m := hmac.New(sha256.New, s.secret)
	m.Write(body)
	return [sha256.Size]byte(m.Sum(code[:0]))
}

// start asks the desk, and again if the reader became free between its answer
// and our look.
func (s *Server) start(ctx context.Context, c *caller, b beginning) (*visit, error) {
	purpose, known := s.options.Site.Purpose(b.Purpose)
	if !known || !slices.Contains(c.purposes, b.Purpose) {
		return nil, wrong(http.StatusForbidden, "purpose", "the site file does not let this client begin that")
	}
	request := counter.Request{Purpose: b.Purpose, Reader: b.Reader, Operator: b.Operator, Ticket: b.Ticket, Client: c.id, Questions: b.asked(), MinorHasCard: b.MinorHasCard}
	var busy error
	for range 3 {
		id, err := s.options.Desk.Start(ctx, request)
		switch {
		case err == nil:
			return s.follow(c, purpose, b, id), nil
		case !errors.Is(err, counter.ErrReader):
			return nil, refused(err)
		}
		if busy = s.busy(b.Reader); busy != nil {
			return nil, busy
		}
	}
	return nil, errors.New("a reader is neither free nor busy")
}

// refused says why the desk does not begin.
func refused(err error) error {
	switch {
	case errors.Is(err, counter.ErrOperator):
		return unfit("the site has no such operator")
	case errors.Is(err, counter.ErrTicket):
		return unfit("this purpose needs the number of a ticket")
	case errors.Is(err, counter.ErrQuestion):
		return unfit("this purpose does not ask that")
	case errors.Is(err, counter.ErrStopped):
		return wrong(http.StatusServiceUnavailable, "closed", "the desk is closing")
	}
	return err
}

// busy says what is in the way in a reader, "": in all of them. Nil: nothing is
// any more.
func (s *Server) busy(reader string) error {
	readers := s.options.Desk.Readers()
	if len(readers) == 0 {
		return wrong(http.StatusServiceUnavailable, "no-reader", "the desk has no card reader")
	}
	var found *problem
	there := reader == ""
	for _, r := range readers {
		if reader != "" && r.Name != reader {
			continue
		}
		there = true
		state := s.at(r)
		if state == "" {
			return nil
		}
		if found == nil {
			found = wrong(http.StatusConflict, "reader-busy", "a transaction is under way in this reader").in(state)
		}
	}
	if !there {
		return unfit("the desk has no reader of this name")
	}
	return found
}

// at is the state of the transaction in a reader, "": none is under way.
func (s *Server) at(r counter.Reader) counter.State {
	if r.Transaction == "" {
		return ""
	}
	t, err := s.options.Desk.Get(r.Transaction)
	if err != nil || t.State.Ended() {
		return ""
	}
	return t.State
}

// desk tells a client what it may begin, and where.
func (s *Server) desk(w http.ResponseWriter, _ *http.Request, c *caller) error {
	d := deskView{ID: s.options.Site.Desk.ID, Client: c.id, Production: s.options.Site.Production, Purposes: []purposeView{}, Readers: []readerView{}}
	for _, p := range s.options.Site.Purposes {
		if slices.Contains(c.purposes, p.ID) {
			d.Purposes = append(d.Purposes, purposeView{p.ID, p.Title, p.Ticket, p.Guardian, nonNil(p.Answers), nonNil(p.Places), nonNil(p.Release)})
		}
	}
	for _, r := range s.options.Desk.Readers() {
		d.Readers = append(d.Readers, readerView{r.Name, r.Card, s.at(r)})
	}
	send(w, http.StatusOK, "application/json", d)
	return nil
}

type deskView struct {
	ID         string        `json:"id"`
	Client     string        `json:"client"`
	Production bool          `json:"production"`
	Purposes   []purposeView `json:"purposes"`
	Readers    []readerView  `json:"readers"`
}

type purposeView struct {
	ID       string        `json:"id"`
	Title    site.Text     `json:"title"`
	Ticket   bool          `json:"ticket"`
	Guardian bool          `json:"guardian"`
	Answers  []site.Answer `json:"answers"`
	Places   []string      `json:"places"`
	Release  []site.Field  `json:"release"`
}

type readerView struct {
	Name  string        `json:"name"`
	Card  bool          `json:"card"`
	State counter.State `json:"state,omitempty"` // of the transaction under way
}

func nonNil[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

// without are questions as they are remembered: no record is.
func without(all []answer.Question) []answer.Question {
	bare := slices.Clone(all)
	for i := range bare {
		bare[i].Record = nil
	}
	return bare
}
