package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cnie/internal/answer"
	"cnie/internal/counter"
	"cnie/internal/counter/web/guard"
	"cnie/internal/counter/web/words"
	"cnie/internal/names"
	"cnie/internal/site"
)

// clerk serves what a clerk's session reaches.
func (s *Server) clerk() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.clerkPage)
	mux.HandleFunc("GET /events", s.stream(s.drawClerk))
	mux.HandleFunc("GET /photo/{secret}", s.photo)
	mux.HandleFunc("GET /slip", s.slip)
	mux.HandleFunc("POST /start", s.act(s.start))
	mux.HandleFunc("POST /password", s.act(s.password))
	mux.HandleFunc("POST /match", s.act(s.match))
	mux.HandleFunc("POST /more", s.act(s.more))
	mux.HandleFunc("POST /cancel", s.act(s.cancel))
	mux.HandleFunc("POST /close", s.act(s.close))
	mux.HandleFunc("POST /language", s.language)
	mux.HandleFunc("POST /keys", s.keys)
	mux.HandleFunc("POST /citizen", s.inviteCitizen)
	return mux
}

// readerOf is the reader that a page belongs to. Clerks' pages carry it in their
// address, so that two of them can stand side by side; a citizen's screen cannot
// choose.
func readerOf(r *http.Request) string {
	if session := guard.From(r.Context()); session.Role == guard.Citizen {
		return session.About
	}
	return r.FormValue("reader")
}

func (s *Server) clerkPage(w http.ResponseWriter, r *http.Request) {
	now, _ := s.scene(s.station(readerOf(r)))
	session := guard.From(r.Context())
	s.render(w, "clerk", s.clerkView(now, s.screen(session), session, readerOf(r)))
}

// act runs what a form asks for, and shows as a note why it was not done. The
// script on the page asks for no content, because the stream brings it.
func (s *Server) act(do func(r *http.Request, on *station) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		on := s.station(readerOf(r))
		if err := do(r, on); err != nil {
			s.options.Log.Info("not done", "path", r.URL.Path, "error", err)
			on.say(noteFor(err))
		} else {
			on.say("")
		}
		s.back(w, r)
	}
}

// back answers a form.
func (s *Server) back(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Stream") != "" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	target := guard.From(r.Context()).Base
	if reader := r.FormValue("reader"); reader != "" {
		target += "?" + url.Values{"reader": {reader}}.Encode()
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

// notes are what people are told of why the desk did not do it.
var notes = []struct {
	err error
	key string
}{
	{counter.ErrPurpose, "note.purpose"},
	{counter.ErrTicket, "note.ticket"},
	{counter.ErrReader, "note.reader"},
	{counter.ErrOperator, "note.operator"},
	{counter.ErrQuestion, "note.question"},
	{counter.ErrStopped, "note.stopped"},
	{counter.ErrState, "note.state"},
	{counter.ErrUnknown, "note.unknown"},
	{errPassword, "note.password"},
}

func noteFor(err error) string {
	for _, n := range notes {
		if errors.Is(err, n.err) {
			return n.key
		}
	}
	return "note.failed"
}

// meant finds the transaction that a form is about: the one that was on its page,
// and not what came since. A stale number, or a stop, would be the next person's.
func meant(r *http.Request, on *station) (scene, error) {
	now, _ := on.look()
	if r.FormValue("transaction") != now.ID {
		return now, counter.ErrUnknown
	}
	return now, nil
}

// start begins a visit, one at a time: a second click, or a second window, would put
// one where nobody could see it any more.
func (s *Server) start(r *http.Request, on *station) error {
	on.starting.Lock()
	defer on.starting.Unlock()
	if now, _ := on.look(); now.ID != "" && !now.State.Ended() {
		return counter.ErrState
	}
	operator := r.FormValue("operator")
	s.choose(guard.From(r.Context()), func(c *screen) { c.operator = operator })
	id, err := s.options.Desk.Start(s.ctx, counter.Request{
		Purpose: r.FormValue("purpose"), Ticket: r.FormValue("ticket"), Operator: operator,
		Reader: on.reader, MinorHasCard: r.FormValue("minor") != "", Questions: s.questions(r),
	})
	if err != nil {
		return err
	}
	return s.follow(on, id)
}

// questions are those of the purpose that need nothing but a card, lives-in with the
// place that was chosen, and same-person with the record that was typed. The record
// goes with the question and stays nowhere.
func (s *Server) questions(r *http.Request) []answer.Question {
	p, _ := s.options.Site.Purpose(r.FormValue("purpose"))
	var list []answer.Question
	for _, q := range p.Answers {
		switch place := r.FormValue("place-" + p.ID); {
		case q == site.Over16 || q == site.Over18:
			list = append(list, answer.Question{ID: string(q)})
		case q == site.LivesIn && place != "":
			list = append(list, answer.Question{ID: string(q), Arg: place})
		case q == site.SamePerson:
			list = append(list, answer.Question{ID: string(q), Arg: r.FormValue("record"), Record: typedRecord(r)})
		}
	}
	return list
}

func typedRecord(r *http.Request) *answer.Record {
	typed := func(key string) string { return strings.TrimSpace(r.FormValue("record-" + key)) }
	return &answer.Record{
		Latin:     names.Name{Surname: typed("surname"), Given: typed("given_names")},
		National:  names.Name{Surname: typed("national_surname"), Given: typed("national_given_names")},
		BirthDate: typed("birth_date"), CIN: typed("cin"),
	}
}

func (s *Server) password(r *http.Request, on *station) error {
	password, err := parsePassword(r.FormValue("password"))
	if err != nil {
		return err
	}
	now, err := meant(r, on)
	if err != nil {
		password.Wipe()
		return err
	}
	return s.options.Desk.Password(now.ID, password)
}

func (s *Server) match(r *http.Request, on *station) error {
	match := counter.Match(r.FormValue("match"))
	if match != counter.Matches && match != counter.NoMatch && match != counter.Unsure {
		return counter.ErrState
	}
	now, err := meant(r, on)
	if err != nil || r.FormValue("person") != string(now.Person) {
		return counter.ErrUnknown
	}
	return s.options.Desk.Match(now.ID, match)
}

// more gives the time of the step again to who is at work, on either screen.
func (s *Server) more(r *http.Request, on *station) error {
	now, err := meant(r, on)
	if err != nil {
		return err
	}
	return s.options.Desk.Extend(now.ID)
}

func (s *Server) cancel(r *http.Request, on *station) error {
	now, err := meant(r, on)
	if err != nil {
		return err
	}
	return s.options.Desk.Cancel(now.ID)
}

func (s *Server) close(r *http.Request, on *station) error {
	now, err := meant(r, on)
	if err != nil {
		return nil // forgotten already, as it should be
	}
	err = s.options.Desk.Close(now.ID)
	if errors.Is(err, counter.ErrUnknown) {
		err = nil // forgotten already, as it should be
	}
	if err == nil {
		on.forget(now.ID)
	}
	return err
}

func (s *Server) language(w http.ResponseWriter, r *http.Request) {
	if tag := r.FormValue("language"); words.Known(tag) {
		s.choose(guard.From(r.Context()), func(c *screen) { c.language = words.Find(tag) })
	}
	r.Header.Del("X-Stream") // the whole page is another one
	s.back(w, r)
}

func (s *Server) keys(w http.ResponseWriter, r *http.Request) {
	s.choose(guard.From(r.Context()), func(c *screen) { c.noKeys = !c.noKeys })
	r.Header.Del("X-Stream")
	s.back(w, r)
}

// inviteCitizen leads a new window to a citizen's screen beside this page.
func (s *Server) inviteCitizen(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, s.guard.Invite(guard.Citizen, readerOf(r), time.Minute), http.StatusSeeOther)
}

// photo serves the picture of the transaction that is shown, at its address only.
func (s *Server) photo(w http.ResponseWriter, r *http.Request) {
	secret := r.PathValue("secret")
	s.mu.Lock()
	stations := make([]*station, 0, len(s.stations))
	for _, on := range s.stations {
		stations = append(stations, on)
	}
	s.mu.Unlock()
	for _, on := range stations {
		now, _ := on.look()
		if now.photo == "" || now.photo != secret {
			continue
		}
		// Asked again, because the desk may have wiped it since.
		t, err := s.options.Desk.Get(now.ID)
		if err == nil && t.Photo.Show(func(p picture) {
			w.Header().Set("Content-Type", p.MIME)
			_, _ = w.Write(p.Data) // the browser has gone: nobody to tell
		}) {
			return
		}
	}
	http.NotFound(w, r)
}
