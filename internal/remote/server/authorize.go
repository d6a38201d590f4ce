package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"cnie/internal/remote/activation"
	"cnie/internal/remote/order"
	"cnie/internal/remote/store"
)

// How long a request for consent is held back before the program has to ask again. The
// first answer comes soon: when the connection is lost before it, so is the handle, and
// the question is withdrawn within withdrawTime.
const (
	authorizeWait = 2 * time.Second
	checkWait     = 5 * time.Second
	withdrawTime  = 10 * time.Second
)

type authorizeIn struct {
	Credential  string   `json:"credentialID"`
	Count       *int     `json:"numSignatures"`
	Hashes      []string `json:"hashes"`
	Hash        string   `json:"hashAlgorithmOID"`
	Description string   `json:"description"`
	AuthData    []struct {
		ID    string `json:"id"`
		Value string `json:"value"`
	} `json:"authData"`
	// Not of the API: see package remote.
	Signature  string       `json:"signAlgo"`
	Parameters string       `json:"signAlgoParams"`
	Documents  []documentIn `json:"documents"`
	Digests    []digestIn   `json:"documentDigests"`
}

type documentIn struct {
	Name     string `json:"name"`
	Document []byte `json:"document"`
	Format   string `json:"signature_format"`
}

type digestIn struct {
	Hash  string `json:"hash"`
	Label string `json:"label"`
}

// authorize asks the holder for consent (CSC API v2 §11.6).
func (s *Server) authorize(ctx context.Context, by *caller, in *authorizeIn) (reply, error) {
	if by.sad != "" {
		return reply{}, &failure{status: http.StatusForbidden, Code: "invalid_scope", Text: "This token is for signing only"}
	}
	c, err := s.allowed(ctx, by, in.Credential)
	if err != nil {
		return reply{}, err
	}
	for _, a := range in.AuthData {
		if a.Value != "" {
			return reply{}, &failure{status: http.StatusBadRequest, Code: "invalid_authentication_data", Text: "This service takes no PIN: the holder types it beside the card"}
		}
	}
	o, contents, err := s.consent(by, c, in)
	if err != nil {
		return reply{}, err
	}
	var out reply
	if err = s.ask(ctx, o, c.Agent, contents); err == nil {
		out, err = s.granted(ctx, o.ID, authorizeWait)
	}
	if ctx.Err() != nil {
		s.withdraw(ctx, o.ID)
	}
	return out, err
}

// withdraw takes back a question whose handle has reached nobody: a holder who agreed
// to it would agree to nothing.
func (s *Server) withdraw(ctx context.Context, id order.ID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawTime)
	defer cancel()
	if err := s.store.Withdraw(ctx, id, s.now()); err != nil {
		s.log.Warn("withdraw", "order", id, "error", err)
	}
}

// ask queues an order for consent and calls the agent. An agent that does not hear
// the call finds the order when it next asks.
func (s *Server) ask(ctx context.Context, o *order.Order, agent string, contents [][]byte) error {
	err := s.store.Ask(ctx, store.Request{Order: o, Agent: agent}, contents)
	if errors.Is(err, store.ErrBusy) {
		return &failure{status: http.StatusTooManyRequests, Code: "temporarily_unavailable", Text: "Too many requests wait for this holder already"}
	}
	if err != nil {
		return err
	}
	s.call(ctx, agent, o)
	return nil
}

func (s *Server) call(ctx context.Context, agent string, o *order.Order) {
	s.log.Info("asked", "order", o.ID, "stage", o.Stage, "kind", o.Kind, "client", o.Requester.ID, "documents", len(o.Documents))
	if err := s.courier.Call(ctx, agent, o.ID); err != nil {
		s.log.Warn("call", "order", o.ID, "error", err)
	}
}

type checkIn struct {
	Handle string `json:"handle"`
}

// authorizeCheck asks again (CSC API v2 §11.7).
func (s *Server) authorizeCheck(ctx context.Context, by *caller, in *checkIn) (reply, error) {
	id, err := order.ParseID(in.Handle)
	if err != nil {
		return reply{}, invalid("Invalid parameter handle")
	}
	r, err := s.store.Request(ctx, id)
	if errors.Is(err, store.ErrUnknown) || (err == nil && (r.Order.Stage != order.Consent || r.Order.Requester.ID != by.client.ID || !by.may(r.Order.Credential) || r.Order.Kind == order.Access)) {
		return reply{}, invalid("Invalid parameter handle")
	}
	if err != nil {
		return reply{}, err
	}
	return s.granted(ctx, id, checkWait)
}

// granted waits for the holder's word and makes it a token, or a handle.
func (s *Server) granted(ctx context.Context, id order.ID, wait time.Duration) (reply, error) {
	r, err := s.await(ctx, id, wait)
	if err != nil {
		return reply{}, err
	}
	if r.Answer == nil {
		return reply{http.StatusAccepted, map[string]any{"handle": id}}, nil
	}
	if f := refusal(r.Answer); f != nil {
		return reply{}, f
	}
	sad, left, err := s.activate(r)
	if err != nil {
		return reply{}, err
	}
	return ok(map[string]any{"SAD": sad, "expiresIn": int(left.Seconds())}), nil
}

// activate writes the token for a consent: the same one, with the same end, however
// often it is asked for.
func (s *Server) activate(r store.Request) (token string, left time.Duration, err error) {
	o, expires := r.Order, r.Decided.Add(s.config.tokenLife())
	left = expires.Sub(s.now())
	if left <= 0 {
		return "", 0, invalid("SAD expired")
	}
	token, err = s.tokens.Sign(activation.Grant{
		Issuer: s.config.URL, Audience: []string{s.config.URL, r.Agent}, ID: o.ID, Credential: o.Credential, Client: o.Requester.ID, Consent: o.ID,
		Kind: o.Kind, Hash: o.Hash, Signature: o.Signature, Count: len(o.Documents), Digests: o.Digests(),
		Issued: r.Decided.Unix(), Expires: expires.Unix(),
	})
	return token, left, err
}
