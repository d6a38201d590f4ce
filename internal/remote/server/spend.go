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

// presented verifies the token that a program presents, as far as it can be without
// what it is for. Each thing that can be wrong has its own error.
func (s *Server) presented(ctx context.Context, by *caller, in *signIn) (*activation.Grant, error) {
	if _, err := s.allowed(ctx, by, in.Credential); err != nil {
		return nil, err
	}
	switch {
	case in.Mode != "" && in.Mode != "S" && in.Mode != "A":
		return nil, invalid("Invalid parameter operationMode")
	case in.Notify != "":
		return nil, invalid("Invalid parameter response_uri: this service calls nobody")
	case in.Validity != nil && (in.Mode != "A" || *in.Validity <= 0):
		return nil, invalid("Invalid parameter validity_period")
	case in.Validity != nil && time.Duration(*in.Validity) > s.config.keep()/time.Millisecond:
		return nil, invalid("Out of bounds parameter validity_period")
	}
	sad := in.SAD
	if sad == "" {
		sad = by.sad
	}
	if sad == "" {
		return nil, missing("string", "SAD")
	}
	grant, err := activation.Open(sad, s.tokens.Keys(), s.config.URL, s.config.URL, s.now())
	switch {
	case errors.Is(err, activation.ErrExpired):
		return nil, invalid("SAD expired")
	case errors.Is(err, activation.ErrAudience):
		return nil, invalid("Invalid parameter SAD: it is for another service")
	case err != nil:
		return nil, invalid("Invalid parameter SAD")
	case grant.Client != by.client.ID:
		return nil, invalid("Invalid parameter SAD: it was issued to another program")
	case string(grant.Credential) != in.Credential:
		return nil, invalid("Invalid parameter SAD: it is for another credential")
	}
	return grant, nil
}

// sign spends a token and waits for the signatures, or says where to ask for them.
func (s *Server) sign(ctx context.Context, by *caller, in *signIn, grant *activation.Grant) (reply, error) {
	agreed, err := s.store.Request(ctx, grant.Consent)
	if errors.Is(err, store.ErrUnknown) || (err == nil && (agreed.Answer == nil || agreed.Answer.Outcome != order.Consented)) {
		return reply{}, invalid("Invalid parameter SAD")
	}
	if err != nil {
		return reply{}, err
	}
	o := *agreed.Order
	now := s.now().UTC().Truncate(time.Second)
	o.ID, o.Stage, o.Consent, o.Created, o.Expires = order.NewID(), order.Sign, grant.Consent, now, now.Add(s.config.signLife())
	if o.Token, _, err = s.activate(agreed); err != nil {
		return reply{}, err
	}
	first, err := s.store.Spend(ctx, store.Request{Order: &o, Agent: agreed.Agent})
	if errors.Is(err, store.ErrSpent) {
		return reply{}, &failure{status: http.StatusBadRequest, Code: "invalid_request", Text: "SAD already used", Reason: order.TokenUsed, Response: first}
	}
	if err != nil {
		return reply{}, err
	}
	s.call(ctx, agreed.Agent, &o)
	if in.Mode == "A" {
		return ok(map[string]any{"responseID": o.ID}), nil
	}
	return s.signed(ctx, o.ID, s.config.signLife()+time.Minute)
}

type pollIn struct {
	Request string `json:"requestID"`
	User    string `json:"userID"`
}

// poll asks for the answer to an earlier request (CSC API v2 §11.12).
func (s *Server) poll(ctx context.Context, by *caller, in *pollIn) (reply, error) {
	if in.User != "" {
		return reply{}, invalid("userID parameter SHALL be null")
	}
	id, err := order.ParseID(in.Request)
	if err != nil {
		return reply{}, invalid("Invalid parameter requestID")
	}
	r, err := s.store.Request(ctx, id)
	if errors.Is(err, store.ErrUnknown) || (err == nil && (r.Order.Stage != order.Sign || r.Order.Requester.ID != by.client.ID || !by.may(r.Order.Credential))) {
		return reply{}, invalid("Invalid parameter requestID")
	}
	if err != nil {
		return reply{}, err
	}
	return s.signed(ctx, id, checkWait)
}
