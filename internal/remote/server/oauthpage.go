package server

import (
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cnie/internal/remote/oauth"
	"cnie/internal/remote/order"
	"cnie/internal/remote/store"
)

//go:embed wait.html.tmpl
var waitSource string

var waitPage = template.Must(template.New("wait").Parse(waitSource))

// waitCookie binds a page to the browser that was sent there by the program: the
// address alone shows nothing, and gets nobody a code.
const waitCookie = "__Host-cnie-wait"

const codeLife = time.Minute // RFC 6749 §4.1.2 allows ten

// oauthAuthorize begins an authorization: it asks the holder of a credential, at the
// agent, and has the browser wait (CSC API v2 §8.4.2). There is nothing to log in to:
// who agrees is whoever has the card and its PIN.
func (s *Server) oauthAuthorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	flow, err := s.config.Clients.Begin(query)
	if flow == nil {
		s.page(w, http.StatusBadRequest, page{Text: "This address does not come from a registered program."})
		return
	}
	if err == nil {
		err = s.begin(r.Context(), flow, query)
	}
	if err != nil {
		s.back(w, r, flow, err)
		return
	}
	cookie := string(order.NewID())
	flow.Cookie = slipName("cookie", cookie)
	text, err := json.Marshal(flow)
	if err == nil {
		err = s.store.Put(r.Context(), slipName("flow", string(flow.Order)), text, s.now().Add(s.config.consentLife()+time.Minute))
	}
	if err != nil {
		s.back(w, r, flow, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: waitCookie, Value: cookie, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, pathWait+string(flow.Order), http.StatusSeeOther)
}

// begin makes the order for consent: to signatures, or to see the credential.
func (s *Server) begin(ctx context.Context, flow *oauth.Flow, query url.Values) error {
	by := &caller{client: s.config.Clients.Find(flow.Client)}
	c, err := s.allowed(ctx, by, query.Get("credentialID"))
	if err != nil {
		return err
	}
	var o *order.Order
	if flow.Scope == oauth.Service {
		now := s.now().UTC().Truncate(time.Second)
		o = &order.Order{
			Version: order.Version, ID: order.NewID(), Stage: order.Consent, Kind: order.Access, Credential: c.ID,
			Requester: order.Requester{ID: by.client.ID, Name: by.client.Name}, Purpose: query.Get("description"), Created: now, Expires: now.Add(s.config.consentLife()),
		}
		if _, err := o.Encode(); err != nil {
			return invalid("Invalid parameter description")
		}
	} else if o, err = s.byQuery(by, c, query); err != nil {
		return err
	}
	flow.Order = o.ID
	return s.ask(ctx, o, c.Agent, nil)
}

// byQuery reads what the API puts into the address for scope credential: hashes in
// base64url, with commas between them.
func (s *Server) byQuery(by *caller, c store.Credential, query url.Values) (*order.Order, error) {
	count, err := strconv.Atoi(query.Get("numSignatures"))
	if err != nil {
		return nil, missing("integer", "numSignatures")
	}
	in := authorizeIn{Count: &count, Hash: query.Get("hashAlgorithmOID"), Description: query.Get("description"), Signature: query.Get("signAlgo"), Parameters: query.Get("signAlgoParams")}
	for text := range strings.SplitSeq(query.Get("hashes"), ",") {
		digest, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
		if err != nil {
			return nil, invalid("Invalid Base64 hash string parameter")
		}
		in.Hashes = append(in.Hashes, base64.StdEncoding.EncodeToString(digest))
	}
	o, _, err := s.consent(by, c, &in)
	return o, err
}
