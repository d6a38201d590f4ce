package agent

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"cnie/internal/remote/activation"
	"cnie/internal/remote/order"
)

// Refusal is why an order is not carried out, as the service is told. What else is
// known of it stays here.
type Refusal struct {
	Reason order.Reason
	Err    error // may be nil
}

// Error implements error.
func (r *Refusal) Error() string {
	if r.Err == nil {
		return "the order is refused: " + string(r.Reason)
	}
	return fmt.Sprintf("the order is refused: %s: %v", r.Reason, r.Err)
}

// Unwrap gives the cause.
func (r *Refusal) Unwrap() error { return r.Err }

func refuse(reason order.Reason, err error) *Refusal { return &Refusal{reason, err} }

// reasons are the words for what can be wrong with a token.
var reasons = []struct {
	err    error
	reason order.Reason
}{
	{activation.ErrExpired, order.TokenExpired}, {activation.ErrAudience, order.TokenAudience},
	{activation.ErrMismatch, order.TokenMismatch}, {activation.ErrForeign, order.TokenForeign},
}

func tokenRefusal(err error) *Refusal {
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return refuse(r.reason, err)
		}
	}
	return refuse(order.TokenForeign, err)
}

// permit checks an order to sign: everything that can be wrong with it before a
// card is touched. What it gives is the token, opened.
func (a *Agent) permit(o *order.Order, service *pinned, now time.Time) (*activation.Grant, *Refusal) {
	identity := a.identity()
	grant, err := activation.Open(o.Token, service.Keys, service.Issuer, identity.Name(), now)
	if err != nil {
		return nil, tokenRefusal(err)
	}
	if err := grant.Covers(o); err != nil {
		return nil, tokenRefusal(err)
	}
	if o.Credential != identity.Credential() {
		return nil, refuse(order.OtherCard, nil)
	}
	if a.journal.used(grant.Consent) { // one consent, one token, one use
		return nil, refuse(order.TokenUsed, nil)
	}
	e := a.journal.find(o.Consent)
	if e == nil || e.Agreed == nil || !same(e.Agreed, o) {
		return nil, refuse(order.NoConsent, nil)
	}
	return grant, nil
}

// same tells whether an order to sign is for what was agreed to, by what was shown:
// who asks, why, and what.
func same(agreed, o *order.Order) bool {
	return agreed.Stage == order.Consent && agreed.Kind == o.Kind && agreed.Credential == o.Credential &&
		agreed.Requester == o.Requester && agreed.Purpose == o.Purpose && agreed.Hash == o.Hash && agreed.Signature == o.Signature &&
		slices.EqualFunc(agreed.Documents, o.Documents, func(a, b order.Document) bool {
			return a.Name == b.Name && a.Size == b.Size && a.Format == b.Format && bytes.Equal(a.Digest, b.Digest)
		})
}

// possible refuses before anybody is asked what could not be done afterwards.
func (a *Agent) possible(o *order.Order) *Refusal {
	identity := a.identity()
	if o.Credential != identity.Credential() {
		return refuse(order.OtherCard, nil)
	}
	if o.Kind == order.Access {
		return nil
	}
	if o.Kind == order.Hash && !a.options.Hashes {
		return refuse(order.HashForbidden, nil)
	}
	if !o.Signature.Fits(identity.Holder[0].PublicKey) {
		return refuse(order.Unsupported, nil)
	}
	for _, d := range o.Documents {
		if o.Kind == order.Doc && (makers[d.Format] == nil || d.Size > maxDocument) {
			return refuse(order.Unsupported, nil)
		}
	}
	return nil
}
