package oauth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/url"

	"cnie/internal/remote/order"
)

// Flow is an authorization that a person has been asked for, and later what the code
// for it is good for.
type Flow struct {
	Client    string   `json:"client"`
	Redirect  string   `json:"redirect"`
	State     string   `json:"state,omitempty"`
	Challenge string   `json:"challenge"`
	Scope     string   `json:"scope"`
	Order     order.ID `json:"order"`            // the order for consent
	Cookie    string   `json:"cookie,omitempty"` // SHA-256 of the browser's cookie
}

// What is wrong with a request for authorization. ErrRequest is told to the client
// through the browser; with ErrClient there is no client to tell it to.
var (
	ErrClient  = errors.New("the client or its redirect address is not registered")
	ErrRequest = errors.New("invalid request")
)

const (
	challengeLength = 43 // base64url of SHA-256
	maxState        = 512
)

// Begin reads what an authorization request says about the client (RFC 6749 §4.1.1,
// RFC 7636 §4.3). With ErrRequest the flow is returned too, so far as it is known
// where to send the error.
func (all Clients) Begin(query url.Values) (*Flow, error) {
	for _, values := range query {
		if len(values) != 1 {
			return nil, ErrClient // RFC 6749 §3.1: none is sent twice
		}
	}
	c := all.Find(query.Get("client_id"))
	if c == nil || !c.comesBackTo(query.Get("redirect_uri")) {
		return nil, ErrClient
	}
	f := &Flow{Client: c.ID, Redirect: query.Get("redirect_uri"), State: query.Get("state"), Challenge: query.Get("code_challenge"), Scope: query.Get("scope")}
	challenge, err := base64.RawURLEncoding.DecodeString(f.Challenge)
	switch {
	case len(f.State) > maxState:
		f.State = ""
		return f, ErrRequest
	case query.Get("response_type") != "code" || (f.Scope != Service && f.Scope != CredentialScope):
		return f, ErrRequest
	case query.Get("code_challenge_method") != "S256" || len(f.Challenge) != challengeLength || err != nil || len(challenge) != sha256.Size:
		return f, ErrRequest
	}
	return f, nil
}

// Back is the address that sends the browser back to the client (RFC 6749 §4.1.2,
// RFC 9207).
func (f *Flow) Back(issuer string, answer url.Values) string {
	u, err := url.Parse(f.Redirect)
	if err != nil {
		return f.Redirect // parsed when it was configured
	}
	query := u.Query()
	for name, values := range answer {
		query[name] = values
	}
	if f.State != "" {
		query.Set("state", f.State)
	}
	query.Set("iss", issuer)
	u.RawQuery = query.Encode()
	return u.String()
}

// Redeems tells whether a token request may have what the code is good for.
func (f *Flow) Redeems(client *Client, form url.Values) bool {
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	proven := subtle.ConstantTimeCompare([]byte(challenge), []byte(f.Challenge)) == 1
	return proven && f.Client == client.ID && form.Get("redirect_uri") == f.Redirect
}
