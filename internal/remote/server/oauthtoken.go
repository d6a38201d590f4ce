package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"

	"cnie/internal/remote/oauth"
	"cnie/internal/remote/order"
	"cnie/internal/remote/store"
)

// metadata describes the authorization server (RFC 8414).
func (s *Server) metadata(w http.ResponseWriter, _ *http.Request) {
	url := s.config.URL
	s.write(w, ok(map[string]any{
		"issuer": url, "authorization_endpoint": url + pathAuthorize, "token_endpoint": url + pathToken,
		"response_types_supported": []string{"code"}, "grant_types_supported": []string{"authorization_code", "client_credentials"},
		"scopes_supported": []string{oauth.Service, oauth.CredentialScope}, "code_challenge_methods_supported": []string{"S256"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic", "client_secret_post", "none"},
		"authorization_response_iss_parameter_supported": true,
	}))
}

// oauthToken gives out access tokens (CSC API v2 §8.4.4, RFC 6749 §4).
func (s *Server) oauthToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<14)
	if err := r.ParseForm(); err != nil {
		s.fail(w, r, invalid("The request cannot be read"))
		return
	}
	client := s.config.Clients.Authenticate(r)
	if client == nil {
		w.Header().Set("WWW-Authenticate", `Basic realm="cnie remote"`)
		s.write(w, reply{http.StatusUnauthorized, &failure{Code: "invalid_client", Text: "Client authorization required"}})
		return
	}
	var out reply
	var err error
	switch r.PostForm.Get("grant_type") {
	case "client_credentials":
		out, err = s.byClient(client, r.PostForm.Get("scope"))
	case "authorization_code":
		out, err = s.byCode(r.Context(), client, r)
	case "":
		err = invalid("Missing parameter grant_type")
	default:
		err = &failure{status: http.StatusBadRequest, Code: "unsupported_grant_type", Text: "Invalid parameter grant_type"}
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.write(w, out)
}

func (s *Server) byClient(client *oauth.Client, scope string) (reply, error) {
	if !client.Confidential() {
		return reply{}, &failure{status: http.StatusBadRequest, Code: "unauthorized_client", Text: "A client without a secret needs an authorization code"}
	}
	if scope != "" && scope != oauth.Service {
		return reply{}, &failure{status: http.StatusBadRequest, Code: "invalid_scope", Text: "Only the scope service can be had without a person"}
	}
	return s.accessToken(client, "")
}

func (s *Server) accessToken(client *oauth.Client, only order.Credential) (reply, error) {
	token, life, err := s.access.Issue(client.ID, only, s.now())
	return ok(map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(life.Seconds()), "scope": oauth.Service}), err
}

var errCode = &failure{status: http.StatusBadRequest, Code: "invalid_grant", Text: "Authorization code is invalid or expired"}

// byCode redeems a code, which is gone then, whatever comes of it.
func (s *Server) byCode(ctx context.Context, client *oauth.Client, r *http.Request) (reply, error) {
	text, err := s.store.Take(ctx, slipName("code", r.PostForm.Get("code")), s.now())
	if errors.Is(err, store.ErrUnknown) {
		return reply{}, errCode
	}
	if err != nil {
		return reply{}, err
	}
	var flow oauth.Flow
	if err := json.Unmarshal(text, &flow); err != nil {
		return reply{}, err
	}
	if !flow.Redeems(client, r.PostForm) {
		return reply{}, errCode
	}
	agreed, err := s.store.Request(ctx, flow.Order)
	if err != nil {
		return reply{}, err
	}
	if flow.Scope == oauth.Service {
		return s.accessToken(client, agreed.Order.Credential)
	}
	token, left, err := s.activate(agreed)
	return ok(map[string]any{
		"access_token": token, "token_type": "Bearer", "expires_in": int(left.Seconds()), "scope": oauth.CredentialScope, "credentialID": agreed.Order.Credential,
	}), err
}

// slipName keeps the database from holding what opens something.
func slipName(kind, secret string) string {
	sum := sha256.Sum256([]byte(kind + " " + secret))
	return kind + " " + hex.EncodeToString(sum[:])
}
