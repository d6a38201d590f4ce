package server

import (
	"crypto/x509"
	"errors"
	"io"
	"net/http"

	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
	"cnie/internal/remote/store"
)

// AgentsHandler serves agents, who have shown a certificate.
func (s *Server) AgentsHandler() http.Handler {
	const one = gate.Root + "/{session}"
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+gate.Root, s.agent(s.join))
	mux.HandleFunc("GET "+one+"/orders", s.agent(s.orders))
	mux.HandleFunc("GET "+one+"/orders/{order}", s.agent(s.waits))
	mux.HandleFunc("GET "+one+"/orders/{order}/documents/{n}", s.agent(s.document))
	mux.HandleFunc("POST "+one+"/answers", s.agent(s.answer))
	mux.HandleFunc("DELETE "+one, s.agent(s.leave))
	return mux
}

// statuses of the codes in package gate.
var statuses = map[gate.Code]int{
	gate.Malformed: http.StatusBadRequest, gate.NotNamed: http.StatusForbidden, gate.NotTrusted: http.StatusForbidden, gate.Taken: http.StatusConflict,
	gate.Gone: http.StatusGone, gate.Unknown: http.StatusNotFound, gate.Answered: http.StatusConflict, gate.Trouble: http.StatusServiceUnavailable,
}

// problem is an error as agents are told it.
type problem struct {
	code gate.Code
	text string
}

// Error implements error.
func (p *problem) Error() string { return string(p.code) + ": " + p.text }

// codes are what errors of the state are to an agent.
var codes = []struct {
	err  error
	code gate.Code
}{
	{order.ErrMalformed, gate.Malformed}, {store.ErrTaken, gate.Taken}, {store.ErrForeign, gate.NotNamed}, {store.ErrGone, gate.Gone}, {store.ErrUnknown, gate.Unknown}, {store.ErrAnswered, gate.Answered},
}

// visit is a request of an agent: its certificate, and the session that it names.
type visit struct {
	*http.Request
	certificate *x509.Certificate
	session     store.Session
}

// agent finds out who the agent is, and tells it what went wrong.
func (s *Server) agent(do func(http.ResponseWriter, *visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		certificate := r.TLS.VerifiedChains[0][0]
		v := &visit{r, certificate, store.Session{ID: order.ID(r.PathValue("session")), Agent: gate.Name(certificate), Expires: s.now().Add(s.config.lease())}}
		err := error(&problem{gate.NotNamed, "the certificate is not one of an agent beside a card"})
		if v.session.Agent != "" {
			err = do(w, v)
		}
		if err != nil && r.Context().Err() == nil {
			s.refuse(w, r, err)
		}
	}
}

func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem
	if !errors.As(err, &p) {
		p = &problem{gate.Trouble, "the service cannot do that now"}
		for _, known := range codes {
			if errors.Is(err, known.err) {
				p = &problem{known.code, err.Error()}
			}
		}
		if p.code == gate.Trouble {
			s.log.Error("agent", "path", r.URL.Path, "error", err)
		}
	}
	s.write(w, reply{statuses[p.code], gate.Problem{Error: p.code, Description: p.text}})
}

func (s *Server) leave(w http.ResponseWriter, v *visit) error {
	if err := s.store.Leave(v.Context(), v.session); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// body reads what an agent sends.
func body(w http.ResponseWriter, v *visit, most int64) ([]byte, error) {
	text, err := io.ReadAll(http.MaxBytesReader(w, v.Body, most))
	if err != nil {
		return nil, &problem{gate.Malformed, "the request cannot be read, or is too long"}
	}
	return text, nil
}
