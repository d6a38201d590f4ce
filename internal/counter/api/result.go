package api

import (
	"net/http"

	"cnie/internal/answer"
	"cnie/internal/counter"
	"cnie/internal/ledger"
	"cnie/pki"
)

// Result is what came of a transaction.
type Result struct {
	ID      string         `json:"id"`
	Purpose string         `json:"purpose"`
	State   counter.State  `json:"state"`
	Failure string         `json:"failure,omitempty"` // why it failed, by a key
	Person  counter.Person `json:"person"`            // whose card it was about in the end
	// Verdict is the transaction's, once it is done: accepted is an accepted card
	// whose photo matches.
	Verdict  pki.Verdict   `json:"verdict,omitempty"`
	Card     pki.Verdict   `json:"card,omitempty"`  // the judge's, of the card alone
	Match    counter.Match `json:"match,omitempty"` // the clerk's
	Specimen bool          `json:"specimen"`        // nobody real is meant
	Recorded bool          `json:"recorded"`        // in the ledger
	Entry    *ledger.Place `json:"entry,omitempty"`

	Answers    []Given  `json:"answers"`
	Statements []string `json:"statements"` // the same answers, each signed: a compact JWS

	// Fields are those that the purpose releases. Withheld says why there are
	// none although it does.
	Fields   *pki.Holder `json:"fields,omitempty"`
	Withheld string      `json:"withheld,omitempty"`
}

// Given is an answer with its reasons.
type Given struct {
	Question answer.Question `json:"question"`
	Answer   answer.Value    `json:"answer"`
	Reasons  []string        `json:"reasons"`
}

// Why fields are withheld.
const (
	notAccepted = "not-accepted" // the card or the person
	notRecorded = "not-recorded" // in the ledger
	forgotten   = "forgotten"    // the desk has wiped them
)

// conclude makes what stays of a transaction that has ended: no field.
func (s *Server) conclude(v *visit, t counter.Transaction) *Result {
	r := &Result{
		ID: t.ID, Purpose: t.Purpose, State: t.State, Failure: t.Failure, Person: t.Person, Entry: t.Place,
		Recorded: t.Place != nil && !t.Unrecorded, Answers: []Given{}, Statements: []string{},
	}
	if t.State != counter.Done || t.Report == nil {
		return r
	}
	r.Verdict, r.Card, r.Match, r.Specimen = t.Verdict, t.Report.Verdict, t.Match, t.Report.Specimen
	for i, q := range v.questions {
		given := Given{q, answer.Unknown, []string{"answer.no-fields"}}
		if r.vouched() && t.Person == counter.Holder && i < len(t.Answers) {
			given.Answer, given.Reasons = t.Answers[i].Value, t.Answers[i].Reasons
		}
		r.Answers = append(r.Answers, given)
		if !r.Recorded {
			continue
		}
		signed, err := s.options.Key.Sign(s.statement(v, r, t, given))
		if err != nil {
			s.options.Log.Error("answer not signed", "transaction", t.ID, "why", err.Error())
			continue
		}
		r.Statements = append(r.Statements, signed)
	}
	return r
}

// vouched reports whether anything of the holder may leave at all.
func (r *Result) vouched() bool { return r.Verdict == pki.Accepted && r.Recorded }

func (s *Server) statement(v *visit, r *Result, t counter.Transaction, g Given) answer.Statement {
	now := s.options.Now()
	out := answer.Statement{
		Controller: s.options.Site.API.Issuer, Desk: s.options.Site.Desk.ID, Audience: v.client, Purpose: r.Purpose, Transaction: r.ID,
		Nonce: v.nonce, Time: now, Expiry: now.Add(life), Verdict: r.Card, Match: string(r.Match), Specimen: r.Specimen,
		Question: g.Question, Answer: g.Answer, Reasons: g.Reasons,
	}
	if out.Controller == "" {
		out.Controller = s.options.Site.Desk.ID
	}
	if r.vouched() && t.Person == counter.Holder {
		out.Pseudonym = t.Pseudonym
	}
	return out
}

// result answers what came of a transaction. Fields are taken from the desk anew
// each time: here they are not kept.
func (s *Server) result(w http.ResponseWriter, r *http.Request, c *caller) error {
	v, err := s.find(r, c)
	if err != nil {
		return err
	}
	v.mu.Lock()
	state, outcome := v.now.State, v.outcome
	v.mu.Unlock()
	if outcome == nil {
		return wrong(http.StatusConflict, "not-ended", "the transaction has not ended").in(state)
	}
	whole := *outcome
	if len(v.purpose.Release) > 0 && whole.State == counter.Done {
		whole.Fields, whole.Withheld = s.fields(v, outcome)
	}
	send(w, http.StatusOK, "application/json", whole)
	return nil
}

func (s *Server) fields(v *visit, r *Result) (*pki.Holder, string) {
	switch {
	case r.Verdict != pki.Accepted:
		return nil, notAccepted
	case !r.Recorded:
		return nil, notRecorded
	}
	t, err := s.options.Desk.Get(r.ID)
	if err != nil || t.Holder == nil || t.Person != counter.Holder {
		return nil, forgotten
	}
	let := v.purpose
	let.Fields = let.Release
	return let.Select(t.Holder), ""
}
