package agent

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"time"

	"cnie/cardreader/esign"
	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
)

// handle deals with one order, and with one that it knows already by saying again
// what it said. An error is the end of the agent, or of the connection.
func (a *Agent) handle(ctx context.Context, o *order.Order) error {
	switch e := a.journal.find(o.ID); {
	case e != nil && e.Answer != nil:
		return a.send(ctx, e.Answer)
	case e != nil: // begun, by an agent that was killed
		return a.settle(ctx, o, entry{}, order.Refuse(o.ID, order.Lost))
	}
	within, cancel := context.WithDeadline(ctx, o.Expires)
	defer cancel()
	if o.Stage == order.Consent {
		return a.consent(ctx, within, o)
	}
	return a.sign(ctx, within, o)
}

// consent asks the holder.
func (a *Agent) consent(ctx, within context.Context, o *order.Order) error {
	agreed, err := a.asked(within, o)
	switch {
	case ctx.Err() != nil: // the next session says that it is lost
		return context.Cause(ctx)
	case err == nil && agreed:
		return a.settle(ctx, o, entry{Agreed: o}, order.Answer{Version: order.Version, Order: o.ID, Outcome: order.Consented})
	case err == nil:
		err = refuse(order.ByHolder, nil)
	}
	a.log.Info("order refused", "order", o.ID, "error", err)
	return a.settle(ctx, o, entry{}, order.Refuse(o.ID, documentReason(within, err)))
}

func (a *Agent) asked(ctx context.Context, o *order.Order) (bool, error) {
	if refusal := a.possible(o); refusal != nil {
		return false, refusal
	}
	q := Question{Order: o}
	if o.Kind == order.Doc {
		files, err := a.fetch(ctx, o)
		if err != nil {
			return false, err
		}
		defer files.close()
		if err := a.signable(o, files); err != nil {
			return false, err
		}
		if q.Files, err = files.named(); err != nil {
			return false, err
		}
	}
	ctx, stop := a.whileWanted(ctx, o.ID)
	defer stop()
	agreed, err := a.options.Holder.Agree(ctx, q)
	if err != nil && errors.Is(context.Cause(ctx), errWithdrawn) {
		err = errWithdrawn
	}
	return agreed, err
}

// glance is how often it is asked whether a question still stands.
const glance = 2 * time.Second

var errWithdrawn = errors.New("the request was withdrawn")

// whileWanted ends the context when nobody waits for the answer any more. A service
// that cannot be asked just then, or at all, changes nothing.
func (a *Agent) whileWanted(ctx context.Context, id order.ID) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		for rest(ctx, glance) {
			if err := a.link.waits(ctx, id); errors.Is(err, gate.ErrAnswered) || errors.Is(err, gate.ErrUnknown) {
				cancel(errWithdrawn)
			}
		}
	}()
	return ctx, func() { cancel(nil) }
}

// sign checks the order again and has the card sign.
func (a *Agent) sign(ctx, within context.Context, o *order.Order) error {
	var spent entry
	values, err := a.signed(within, o, &spent)
	var fatal *fatalError
	switch {
	case errors.As(err, &fatal):
		return err
	case err == nil:
		return a.settle(ctx, o, spent, order.Answer{Version: order.Version, Order: o.ID, Outcome: order.Signed, Values: values})
	case spent.Spent == "" && ctx.Err() != nil:
		return err // nothing was begun: the next session says that it is lost
	}
	a.log.Info("order refused", "order", o.ID, "error", err)
	return a.settle(ctx, o, spent, order.Refuse(o.ID, documentReason(within, err)))
}

// signed makes the signatures. From the moment in which spent names the
// consent, the order has begun on disk.
func (a *Agent) signed(ctx context.Context, o *order.Order, spent *entry) (values [][]byte, err error) {
	if refusal := a.possible(o); refusal != nil {
		return nil, refusal
	}
	grant, refusal := a.permit(o, a.service(), a.now())
	if refusal != nil {
		return nil, refusal
	}
	files := &documents{}
	if o.Kind == order.Doc {
		if files, err = a.fetch(ctx, o); err != nil {
			return nil, err
		}
		defer files.close()
	}
	err = a.withKey(ctx, o, func(key *esign.Key) error {
		if ctx.Err() != nil {
			return refuse(order.Expired, ctx.Err())
		}
		begin := entry{Stage: begun, Order: o.ID, Until: ends(o, grant.Expires), Spent: o.Consent}
		if err := a.journal.write(begin); err != nil {
			return &fatalError{err}
		}
		spent.Spent, spent.Until = o.Consent, begin.Until
		values, err = a.typed(ctx, o, key, files)
		return err
	})
	return values, err
}

// typed signs, and lets the holder type the PIN again after a mistake. The PIN is
// kept for the documents of this order and no longer.
func (a *Agent) typed(ctx context.Context, o *order.Order, key *esign.Key, files *documents) (values [][]byte, err error) {
	for range tries {
		session := key.Session(ctx, len(o.Documents), reason(o))
		values, err = a.make(o, crypto.Signer(session), files)
		_ = session.Close() // it wipes the PIN, and cannot fail at that
		if !errors.Is(err, esign.ErrWrongPIN) || errors.Is(err, esign.ErrPINBlocked) {
			return values, err
		}
	}
	return nil, err
}

func reason(o *order.Order) string {
	if len(o.Documents) == 1 && o.Documents[0].Name != "" {
		return o.Documents[0].Name
	}
	return fmt.Sprintf("%d documents for %s", len(o.Documents), o.Requester.Name)
}

// documentReason adds what can be wrong with a document to what can be wrong with
// a card.
func documentReason(ctx context.Context, err error) order.Reason {
	switch {
	case errors.Is(err, errChanged):
		return order.DocumentChanged
	case errors.Is(err, errWithdrawn):
		return order.Expired
	case errors.Is(err, gate.ErrUnknown):
		return order.Lost // with the session that it was for
	}
	return cardReason(ctx, err)
}
