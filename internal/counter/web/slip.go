package web

import (
	"net/http"

	"cnie/internal/counter"
	"cnie/internal/counter/web/guard"
)

// slipPolicy lets a receipt style itself, which loads nothing and runs nothing.
const slipPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-modals"

// slip shows the receipt of the transaction on the desk, to be printed.
func (s *Server) slip(w http.ResponseWriter, r *http.Request) {
	now, _ := s.station(readerOf(r)).look()
	// No receipt for what has no entry: it could not be proven.
	if s.options.Slip == nil || now.Place == nil || !now.State.Ended() || now.State == counter.Cancelled {
		http.NotFound(w, r)
		return
	}
	paper := "58mm"
	if r.FormValue("paper") == "a4" {
		paper = "a4"
	}
	content, err := s.options.Slip(now.Transaction, s.screen(guard.From(r.Context())).language.Tag, paper)
	if err != nil {
		// Where the visit is recorded the citizen is told all the same.
		s.options.Log.Error("slip", "error", err)
		session := guard.From(r.Context())
		s.render(w, "slip", s.clerkView(now, s.screen(session), session, readerOf(r)))
		return
	}
	w.Header().Set("Content-Security-Policy", slipPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(content) // the browser has gone: nobody to tell
}
