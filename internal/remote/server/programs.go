package server

import "net/http"

// maxRequest bounds requests without documents: a hundred hashes, and a token that
// names them.
const maxRequest = 1 << 18

// The methods, and where they are.
const (
	base                  = "/csc/v2/"
	methodInfo            = "info"
	methodList            = "credentials/list"
	methodCredential      = "credentials/info"
	methodAuthorize       = "credentials/authorize"
	methodCheck           = "credentials/authorizeCheck"
	methodHash            = "signatures/signHash"
	methodDocument        = "signatures/signDoc"
	methodPoll            = "signatures/signPolling"
	pathAuthorize         = "/oauth2/authorize"
	pathToken             = "/oauth2/token"
	pathWait              = "/oauth2/wait/"
	pathMetadata          = "/.well-known/oauth-authorization-server"
	pathHealth            = "/healthz"
	headerContentSecurity = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'"
)

// Programs serves programs, and the browsers of those who agree there.
func (s *Server) Programs() http.Handler {
	documents := s.config.bytes()/3*4 + maxRequest // in base64
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+base+methodInfo, s.info)
	mux.Handle("POST "+base+methodList, method(s, maxRequest, s.list))
	mux.Handle("POST "+base+methodCredential, method(s, maxRequest, s.credential))
	mux.Handle("POST "+base+methodAuthorize, method(s, documents, s.authorize))
	mux.Handle("POST "+base+methodCheck, method(s, maxRequest, s.authorizeCheck))
	mux.Handle("POST "+base+methodHash, method(s, maxRequest, s.signHash))
	mux.Handle("POST "+base+methodDocument, method(s, documents, s.signDocument))
	mux.Handle("POST "+base+methodPoll, method(s, maxRequest, s.poll))
	mux.HandleFunc(base, func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, &failure{status: http.StatusNotImplemented, Code: "invalid_request", Text: "There is no such method; info lists those there are, and all are POST"})
	})
	mux.HandleFunc("GET "+pathAuthorize, s.oauthAuthorize)
	mux.HandleFunc("GET "+pathWait+"{id}", s.oauthWait)
	mux.HandleFunc("POST "+pathToken, s.oauthToken)
	mux.HandleFunc("GET "+pathMetadata, s.metadata)
	mux.HandleFunc("GET "+pathHealth, s.health)
	return mux
}

// health says whether state and broker can be reached.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	if err := s.store.Ping(r.Context()); err != nil || !s.courier.Connected() {
		s.write(w, reply{http.StatusServiceUnavailable, map[string]string{"status": "unavailable"}})
		return
	}
	s.write(w, ok(map[string]string{"status": "ok"}))
}
