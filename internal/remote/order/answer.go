package order

import "encoding/json"

// Outcome is what became of an order.
type Outcome string

// The outcomes. Refused is the holder's word or the agent's rule and final; Failed
// says that it could not be done.
const (
	Consented Outcome = "consented"
	Signed    Outcome = "signed"
	Refused   Outcome = "refused"
	Failed    Outcome = "failed"
)

// Reason says why there is no consent or no signature.
type Reason string

// The reasons: those of a refusal, then those of a failure. Expired and Lost are
// also given by the service, when no answer came.
const (
	ByHolder        Reason = "holder_refused"   // the holder said no
	HashForbidden   Reason = "hash_forbidden"   // the agent signs no bare hashes
	TokenForeign    Reason = "token_foreign"    // not issued by the service, or malformed
	TokenExpired    Reason = "token_expired"    // or not yet valid
	TokenAudience   Reason = "token_audience"   // issued for somebody else
	TokenMismatch   Reason = "token_mismatch"   // its hashes, algorithms or credential are not the order's
	TokenUsed       Reason = "token_used"       // signatures were made with it before
	NoConsent       Reason = "no_consent"       // the holder agreed to something else, or to nothing
	DocumentChanged Reason = "document_changed" // a document is not the one with this digest
	OtherCard       Reason = "other_card"       // the card in the reader has another certificate

	Expired     Reason = "expired"     // too late
	NoCard      Reason = "no_card"     // and none came
	PINFailed   Reason = "pin_failed"  // wrong, blocked, or the last try is kept
	Unsupported Reason = "unsupported" // by this agent or card
	Lost        Reason = "lost"        // the agent was interrupted and signed nothing
	Broken      Reason = "broken"      // anything else
)

// Refusal tells whether a reason goes with Refused; all others go with Failed.
func (r Reason) Refusal() bool {
	switch r {
	case ByHolder, HashForbidden, TokenForeign, TokenExpired, TokenAudience, TokenMismatch, TokenUsed, NoConsent, DocumentChanged, OtherCard:
		return true
	}
	return false
}

func (r Reason) known() bool {
	switch r {
	case Expired, NoCard, PINFailed, Unsupported, Lost, Broken:
		return true
	}
	return r.Refusal()
}

// Answer is what an agent says of an order.
type Answer struct {
	Version int     `json:"version"`
	Order   ID      `json:"order"`
	Outcome Outcome `json:"outcome"`
	Reason  Reason  `json:"reason,omitempty"` // with Refused and Failed
	// Values are the signatures, one for each document in the order's order: the
	// key's signature of a hash; the CMS message of a CAdES signature; the bytes
	// that a PAdES signature appends to the file.
	Values [][]byte `json:"values,omitempty"`
}

// Refuse is the answer that gives a reason.
func Refuse(id ID, reason Reason) Answer {
	a := Answer{Version: Version, Order: id, Outcome: Failed, Reason: reason}
	if reason.Refusal() {
		a.Outcome = Refused
	}
	return a
}

// Encode writes the answer; ParseAnswer reads it.
func (a *Answer) Encode() ([]byte, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	return json.Marshal(a)
}

// ParseAnswer reads an answer. Every error is ErrMalformed.
func ParseAnswer(text []byte) (*Answer, error) {
	var a Answer
	if err := Strict(text, &a, MaxAnswer); err != nil {
		return nil, err
	}
	if err := a.check(); err != nil {
		return nil, err
	}
	return &a, nil
}

func (a *Answer) check() error {
	if a.Version != Version {
		return malformed("version %d is not %d", a.Version, Version)
	}
	if _, err := ParseID(string(a.Order)); err != nil {
		return err
	}
	switch a.Outcome {
	case Consented, Signed:
		if a.Reason != "" || (a.Outcome == Signed) == (len(a.Values) == 0) {
			return malformed("an answer has signatures or it has not, and no reason with them")
		}
	case Refused, Failed:
		if !a.Reason.known() || a.Reason.Refusal() != (a.Outcome == Refused) || len(a.Values) != 0 {
			return malformed("the reason %.20q does not go with the answer", a.Reason)
		}
	default:
		return malformed("there is no outcome %.20q", a.Outcome)
	}
	if len(a.Values) > MaxDocuments {
		return malformed("%d signatures are too many", len(a.Values))
	}
	for _, v := range a.Values {
		if len(v) == 0 || len(v) > MaxValue {
			return malformed("a signature has %d bytes", len(v))
		}
	}
	return nil
}

// Fits tells whether an answer can be one to an order: consent to one that asks for
// it, a signature for each document to the other.
func (a *Answer) Fits(o *Order) bool {
	switch a.Outcome {
	case Consented:
		return a.Order == o.ID && o.Stage == Consent
	case Signed:
		return a.Order == o.ID && o.Stage == Sign && len(a.Values) == len(o.Documents)
	}
	return a.Order == o.ID
}
