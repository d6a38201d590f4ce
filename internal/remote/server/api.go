package server

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"cnie/internal/remote/activation"
	"cnie/internal/remote/oauth"
	"cnie/internal/remote/order"
)

// failure is an error as the API shows it (CSC API v2 §10).
type failure struct {
	status   int
	Code     string       `json:"error"`
	Text     string       `json:"error_description"`
	Response order.ID     `json:"responseID,omitempty"` // where the answer to an earlier request can be had
	Reason   order.Reason `json:"reason,omitempty"`     // the agent's
}

// Error implements error.
func (f *failure) Error() string { return f.Code + ": " + f.Text }

func invalid(format string, args ...any) *failure {
	return &failure{status: http.StatusBadRequest, Code: "invalid_request", Text: fmt.Sprintf(format, args...)}
}

func missing(kind, name string) *failure {
	return invalid("Missing (or invalid type) %s parameter %s", kind, name)
}

var errUnauthorized = &failure{status: http.StatusUnauthorized, Code: "invalid_token", Text: "The access token is missing, or is not valid any more"}

// caller is who sends a request.
type caller struct {
	client *oauth.Client
	only   order.Credential // that the token is good for; "": all of the client's
	sad    string           // the token, when it is the permission to sign itself
}

// may tells whether the caller may use a credential.
func (c *caller) may(id order.Credential) bool {
	return c.client.May(id) && (c.only == "" || c.only == id)
}

// caller finds who sends a request by its bearer token (RFC 6750 §2.1): an access
// token, or an activation token, which is one of scope "credential".
func (s *Server) caller(r *http.Request) (*caller, error) {
	header := r.Header.Get("Authorization")
	token, ok := strings.CutPrefix(header, "Bearer ")
	switch {
	case header == "":
		return nil, errUnauthorized
	case !ok || token == "":
		return nil, invalid("Malformed authorization header")
	}
	var by caller
	if access, err := s.access.Open(token, s.now()); err == nil {
		by.client, by.only = s.config.Clients.Find(access.Client), access.Credential
	} else if grant, err := activation.Open(token, s.tokens.Keys(), s.config.URL, s.config.URL, s.now()); err == nil {
		by.client, by.only, by.sad = s.config.Clients.Find(grant.Client), grant.Credential, token
	}
	if by.client == nil {
		return nil, errUnauthorized
	}
	return &by, nil
}

// reply is what a method returns: a status, and what is written as JSON.
type reply struct {
	status int
	body   any
}

func ok(body any) reply { return reply{http.StatusOK, body} }

// method serves one method of the API: a JSON object in, another out.
func method[T any](s *Server, most int64, do func(ctx context.Context, by *caller, in *T) (reply, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		by, err := s.caller(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		var in T
		if err := decode(http.MaxBytesReader(w, r.Body, most), &in); err != nil {
			s.fail(w, r, err)
			return
		}
		out, err := do(r.Context(), by, &in)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		s.write(w, out)
	}
}

// decode reads a request. Members that the API has and we do not are no mistake.
func decode(r io.Reader, in any) error {
	text, err := io.ReadAll(r)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &failure{status: http.StatusRequestEntityTooLarge, Code: "invalid_request", Text: fmt.Sprintf("The request is larger than %d bytes", large.Limit)}
	}
	if err != nil {
		return invalid("The request cannot be read")
	}
	err = json.Unmarshal(text, in)
	var kind *json.UnmarshalTypeError
	var base base64.CorruptInputError
	switch {
	case errors.As(err, &kind):
		return missing(kindName(kind.Type), kind.Field)
	case errors.As(err, &base):
		return invalid("Invalid Base64 documents string parameter")
	case err != nil:
		return invalid("The request is not a JSON object")
	}
	return nil
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "string"
		}
		return "array"
	}
	return "object"
}

// fail writes an error. What is not a failure is our own trouble: it is logged, and
// the program told to come again.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var f *failure
	if !errors.As(err, &f) {
		if r.Context().Err() != nil {
			return // nobody is there to be told
		}
		s.log.Error("request", "path", r.URL.Path, "error", err)
		f = &failure{status: http.StatusServiceUnavailable, Code: "temporarily_unavailable", Text: "The service cannot do that now; try again"}
	}
	if f.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="cnie remote"`)
	}
	s.write(w, reply{f.status, f})
}

func (s *Server) write(w http.ResponseWriter, out reply) {
	text, err := json.Marshal(out.body)
	if err != nil {
		s.log.Error("encode", "error", err)
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(out.status)
	_, _ = w.Write(text) // who went away asks again
}
