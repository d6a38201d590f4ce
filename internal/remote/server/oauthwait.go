package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"cnie/internal/remote/oauth"
	"cnie/internal/remote/order"
	"cnie/internal/remote/store"
)

// oauthWait shows a page until the holder has answered, then sends the browser back.
func (s *Server) oauthWait(w http.ResponseWriter, r *http.Request) {
	flow, err := s.flow(r)
	if err != nil {
		s.page(w, http.StatusNotFound, page{Text: "There is nothing to wait for here, or not in this browser. Start again in the program that sent you."})
		return
	}
	request, err := s.store.Request(r.Context(), flow.Order)
	if err == nil && request.Answer == nil {
		s.page(w, http.StatusOK, page{Waiting: true, Program: request.Order.Requester.Name, Until: request.Order.Expires.Format("15:04 MST")})
		return
	}
	if _, taken := s.store.Take(r.Context(), slipName("flow", string(flow.Order)), s.now()); taken != nil && err == nil {
		err = taken // another window of this browser was first
	}
	if err == nil {
		if f := refusal(request.Answer); f != nil {
			err = f
		}
	}
	if err != nil {
		s.back(w, r, flow, err)
		return
	}
	s.code(w, r, flow)
}

// flow finds what a browser waits for.
func (s *Server) flow(r *http.Request) (*oauth.Flow, error) {
	text, err := s.store.Look(r.Context(), slipName("flow", r.PathValue("id")), s.now())
	if err != nil {
		return nil, err
	}
	var flow oauth.Flow
	if err := json.Unmarshal(text, &flow); err != nil {
		return nil, err
	}
	cookie, err := r.Cookie(waitCookie)
	if err != nil || slipName("cookie", cookie.Value) != flow.Cookie {
		return nil, store.ErrUnknown
	}
	return &flow, nil
}

// code sends the browser back with a code.
func (s *Server) code(w http.ResponseWriter, r *http.Request, flow *oauth.Flow) {
	code := string(order.NewID()) + string(order.NewID())
	text, err := json.Marshal(flow)
	if err == nil {
		err = s.store.Put(r.Context(), slipName("code", code), text, s.now().Add(codeLife))
	}
	if err != nil {
		s.back(w, r, flow, err)
		return
	}
	http.Redirect(w, r, flow.Back(s.config.URL, url.Values{"code": {code}}), http.StatusSeeOther)
}

// back sends the browser back with an error (RFC 6749 §4.1.2.1).
func (s *Server) back(w http.ResponseWriter, r *http.Request, flow *oauth.Flow, err error) {
	var f *failure
	switch {
	case errors.As(err, &f):
	case errors.Is(err, oauth.ErrRequest):
		f = invalid("response_type is code, scope is service or credential, and code_challenge is required with S256")
	default:
		s.log.Error("authorize", "error", err)
		f = &failure{Code: "temporarily_unavailable", Text: "The service cannot do that now; try again"}
	}
	http.Redirect(w, r, flow.Back(s.config.URL, url.Values{"error": {f.Code}, "error_description": {f.Text}}), http.StatusSeeOther)
}

type page struct {
	Waiting              bool
	Program, Until, Text string
}

func (s *Server) page(w http.ResponseWriter, code int, p page) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", headerContentSecurity)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(code)
	if err := waitPage.Execute(w, p); err != nil {
		s.log.Debug("page", "error", err)
	}
}
