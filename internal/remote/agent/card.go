package agent

import (
	"context"
	"errors"
	"time"

	"cnie/cardreader"
	"cnie/cardreader/esign"
	"cnie/internal/remote/order"
)

// look is how often it is looked for a card that is not there.
const look = 500 * time.Millisecond

// tries is how often a mistyped PIN may be typed again. The card's own counter
// ends it earlier: its last try is never used here.
const tries = 3

// absent are the errors of a card that is not there, or not ours for now.
var absent = []error{
	cardreader.ErrNoCard, cardreader.ErrNoReader, cardreader.ErrReaderGone, cardreader.ErrReaderBusy,
	cardreader.ErrCardRemoved, cardreader.ErrCardReset, cardreader.ErrNoService,
}

func isAbsent(err error) bool {
	for _, a := range absent {
		if errors.Is(err, a) {
			return true
		}
	}
	return false
}

// withKey lets use have the key of the offered certificate. It waits for a card
// while there is none, until the context ends; another card is a refusal.
func (a *Agent) withKey(ctx context.Context, o *order.Order, use func(*esign.Key) error) error {
	tokens, err := a.waitForCard(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = tokens.Close() }() // what it can say, the use has said
	keys, err := tokens.Keys(ctx)
	for _, key := range keys {
		if c := key.Certificate(); c != nil && order.CredentialOf(c) == o.Credential {
			return use(key)
		}
	}
	if isAbsent(err) {
		return refuse(order.NoCard, err)
	}
	return refuse(order.OtherCard, err)
}

func (a *Agent) waitForCard(ctx context.Context, o *order.Order) (Tokens, error) {
	for told := false; ; {
		tokens, err := a.options.Cards.Open(ctx, esign.Options{Ask: a.options.Holder.PIN})
		if err == nil {
			return tokens, nil
		}
		if !isAbsent(err) {
			return nil, refuse(order.OtherCard, err)
		}
		if !told {
			a.options.Holder.Tell(Notice{Kind: WantsCard, Order: o})
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, refuse(order.NoCard, errors.Join(err, context.Cause(ctx)))
		case <-time.After(look):
		}
	}
}

// ErrDeclined is what Holder.PIN returns when the holder types none.
var ErrDeclined = errors.New("the holder gave no PIN")

// cardReason says for the service what kept the card from signing.
func cardReason(ctx context.Context, err error) order.Reason {
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		return refusal.Reason
	case errors.Is(err, ErrDeclined):
		return order.ByHolder
	case errors.Is(err, esign.ErrWrongPIN), errors.Is(err, esign.ErrPINBlocked), errors.Is(err, esign.ErrLastTry),
		errors.Is(err, esign.ErrPINFormat), errors.Is(err, esign.ErrPINNeeded):
		return order.PINFailed
	case errors.Is(err, esign.ErrUnsupported):
		return order.Unsupported
	case isAbsent(err):
		return order.NoCard
	case errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		return order.Expired
	case ctx.Err() != nil:
		return order.Lost
	}
	return order.Broken
}
