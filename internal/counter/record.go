package counter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cnie/internal/ledger"
)

// record makes an entry, durable when it returns. It names checks and fields,
// never what was read; why is nil, or what ended the transaction early.
func (t *transaction) record(l *leg, found Seen, why error) (ledger.Place, error) {
	began := time.Now()
	defer func() { t.desk.o.Measure("ledger", time.Since(began)) }()
	at := t.desk.o.Now()
	t.entries++
	r := ledger.Record{
		ID: fmt.Sprintf("%s-%d", t.id(), t.entries), Kind: ledger.Verification, Time: at,
		Desk: t.desk.o.Site.Desk.ID, Operator: t.request.Operator, Purpose: t.purpose.ID, Transaction: t.id(),
		Basis: string(l.purpose.Basis), Keep: at.Add(l.purpose.Retention), Match: string(found.Match), Pseudonym: found.Pseudonym,
		Detail: t.detail(l, why),
	}
	if why != nil && t.shown {
		r.Match = string(Undecided)
	}
	if errors.Is(why, errRefused) {
		r.Kind, r.Match = ledger.Refusal, ""
	}
	if found.Report != nil {
		r.Verdict = string(found.Report.Verdict)
		for _, c := range found.Report.Checks {
			r.Checks = append(r.Checks, fmt.Sprintf("%s=%s", c.ID, c.Outcome))
		}
	}
	if found.Holder != nil {
		for _, field := range l.purpose.Fields {
			r.Fields = append(r.Fields, string(field))
		}
	}
	for _, a := range found.Answers {
		r.Answers = append(r.Answers, fmt.Sprintf("%s=%s", a.Question.ID, a.Value))
	}
	// A person who cancels, or a desk that is closed, does not undo what happened.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), ledgerWithin)
	defer cancel()
	place, err := t.desk.o.Ledger.Add(ctx, r)
	if err != nil {
		t.desk.o.Log.Error("not recorded", "transaction", t.id(), "why", err.Error())
	}
	return place, err
}

// detail is what else an inspector may want to know.
func (t *transaction) detail(l *leg, why error) map[string]string {
	d := map[string]string{}
	if t.purpose.Guardian {
		d["card"] = string(l.person)
	}
	if t.request.Ticket == "" {
		d["ticket"] = "none"
	}
	if t.request.Client != "" {
		d["client"] = t.request.Client
	}
	var f failure
	switch {
	case errors.As(why, &f):
		d["ended"] = string(f)
	case errors.Is(why, errCancelled):
		d["ended"] = string(Cancelled)
	case why != nil && !errors.Is(why, errRefused):
		d["ended"] = string(Failed)
	}
	return d
}
