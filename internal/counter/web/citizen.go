package web

import (
	"net/http"

	"cnie/internal/counter"
	"cnie/internal/counter/web/guard"
)

// citizen serves what a citizen's session reaches: the notice, the voices, and
// yes or no.
func (s *Server) citizen() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.citizenPage)
	mux.HandleFunc("GET /events", s.stream(s.drawCitizen))
	mux.HandleFunc("GET /audio/{language}/{key}", s.audio)
	mux.HandleFunc("POST /consent", s.act(s.consent))
	mux.HandleFunc("POST /more", s.act(s.more))
	mux.HandleFunc("POST /language", s.language)
	return mux
}

func (s *Server) citizenPage(w http.ResponseWriter, r *http.Request) {
	now, _ := s.scene(s.station(readerOf(r)))
	session := guard.From(r.Context())
	s.render(w, "citizen", s.citizenView(now, s.screen(session), session))
}

func (s *Server) consent(r *http.Request, on *station) error {
	answer := r.FormValue("answer")
	if answer != "yes" && answer != "no" {
		return counter.ErrState
	}
	now, err := meant(r, on)
	// What was agreed to is the notice that was on the screen, and no other.
	if err != nil || r.FormValue("person") != string(now.Person) {
		return counter.ErrUnknown
	}
	return s.options.Desk.Consent(now.ID, answer == "yes")
}
