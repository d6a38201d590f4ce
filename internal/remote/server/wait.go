package server

import (
	"context"
	"net/http"
	"time"

	"cnie/internal/remote/order"
	"cnie/internal/remote/store"
)

// doubt is after how long somebody who waits looks into the database, though no word
// has come: it may have got lost.
const doubt = 3 * time.Second

// await waits for the answer to a request. When there is none in time, or the server
// is to end, the request comes without one.
func (s *Server) await(ctx context.Context, id order.ID, most time.Duration) (store.Request, error) {
	word, done := s.courier.Await(id)
	defer done()
	end := time.NewTimer(most)
	defer end.Stop()
	look := time.NewTicker(doubt)
	defer look.Stop()
	for {
		r, err := s.store.Request(ctx, id)
		if err != nil || r.Answer != nil {
			return r, err
		}
		select {
		case <-word:
		case <-look.C:
		case <-end.C:
			return r, nil
		case <-s.stopping:
			return r, nil
		case <-ctx.Done():
			return r, ctx.Err()
		}
	}
}

// signed waits for signatures and writes them as the API does.
func (s *Server) signed(ctx context.Context, id order.ID, wait time.Duration) (reply, error) {
	r, err := s.await(ctx, id, wait)
	if err != nil {
		return reply{}, err
	}
	if r.Answer == nil { // §11.12
		return reply{http.StatusAccepted, &failure{Code: "accepted_request", Text: "The request has been accepted, and has no answer yet", Response: id}}, nil
	}
	if f := refusal(r.Answer); f != nil {
		return reply{}, f
	}
	if r.Order.Kind == order.Hash {
		return ok(map[string]any{"signatures": r.Answer.Values}), nil
	}
	return s.signedDocuments(ctx, r)
}

// signedDocuments are the answer of signDoc, one list for each place of a signature.
func (s *Server) signedDocuments(ctx context.Context, r store.Request) (reply, error) {
	var whole, apart [][]byte
	for i, value := range r.Answer.Values {
		if r.Order.Documents[i].Format == order.CAdES {
			apart = append(apart, value)
			continue
		}
		content, err := s.store.Original(ctx, r.Order.Consent, i)
		if err != nil {
			return reply{}, err
		}
		// What the agent sent is appended, so the document is beyond doubt the one
		// that the program has sent.
		whole = append(whole, append(content[:len(content):len(content)], value...))
	}
	body := map[string]any{}
	if whole != nil {
		body["DocumentWithSignature"] = whole
	}
	if apart != nil {
		body["SignatureObject"] = apart
	}
	return ok(body), nil
}

// sentences say in words why there is no consent or no signature.
var sentences = map[order.Reason]string{
	order.ByHolder:        "The holder refused",
	order.HashForbidden:   "The holder's agent signs no bare hashes",
	order.TokenForeign:    "The holder's agent does not recognise the SAD",
	order.TokenExpired:    "The SAD had expired when it reached the holder's agent",
	order.TokenAudience:   "The SAD is not for the agent that it reached",
	order.TokenMismatch:   "The SAD is not for what was to be signed",
	order.TokenUsed:       "The holder's agent has signed with this SAD before",
	order.NoConsent:       "The holder's agent knows of no consent to this",
	order.DocumentChanged: "A document is not the one that the holder agreed to",
	order.OtherCard:       "Another card than that of the credential is in the holder's reader",
	order.Expired:         "No answer came in time",
	order.NoCard:          "The holder's card was not there",
	order.PINFailed:       "The card did not accept a PIN",
	order.Unsupported:     "The holder's agent or card cannot make such a signature",
	order.Lost:            "The holder's agent was interrupted and made no signature",
	order.Broken:          "The holder's agent failed",
}

// refusal is the error for an answer without consent or signature; nil for others.
func refusal(a *order.Answer) *failure {
	switch a.Outcome {
	case order.Refused:
		return &failure{status: http.StatusForbidden, Code: "access_denied", Text: sentences[a.Reason], Reason: a.Reason}
	case order.Failed:
		return &failure{status: http.StatusBadRequest, Code: "invalid_request", Text: sentences[a.Reason], Reason: a.Reason}
	}
	return nil
}
