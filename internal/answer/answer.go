// Package answer answers questions about a person, so that the fields stay inside.
//
// A bank that must know whether somebody is of age needs no birth date, and a town
// hall that asks whether she lives in its commune needs no street. The desk reads
// the card, looks, and lets a signed yes, no or unknown leave. Unknown is an
// honest answer: a card that knows only the year of birth does not say more in the
// year of a birthday than that it is not known.
//
// # Statements
//
// A Statement is an answer signed by the desk, a compact JWS (RFC 7515) with the
// type StatementType and ES256 or EdDSA. It is for one audience, one transaction
// and a short time. Its bytes are canonical: header and claims have one spelling,
// which Verify makes again and compares, so that no two readers can see two things
// in it. Whoever relies on one uses Verify, or does all that it does.
//
// # Pseudonyms
//
// Where the asker must recognise the same person again, it gets a Pseudonym instead
// of the identity number: an HMAC under a key that HKDF derives for the controller
// and the purpose from a secret of the controller. Pseudonyms of different purposes
// cannot be linked without that secret. There are so few identity numbers that
// whoever has the secret can try them all: it is guarded like a signing key.
package answer

import (
	"time"

	"cnie/internal/names"
	"cnie/pki"
)

// Questions that there are.
const (
	Over16     = "over-16"
	Over18     = "over-18"
	LivesIn    = "lives-in"    // Arg: the commune
	SamePerson = "same-person" // Arg: what the asker calls the record; Record: what it says
)

// Question is what the site file lets a purpose ask.
type Question struct {
	ID     string  `json:"id"`
	Arg    string  `json:"arg,omitempty"`
	Record *Record `json:"-"` // of SamePerson; never leaves
}

// Record is what another register says of the person looked for. Names may be in
// one script or both; BirthDate is as in pki.Holder; an empty CIN is not compared.
type Record struct {
	Latin, National names.Name
	BirthDate, CIN  string
}

// Value is an answer.
type Value string

// Values.
const (
	Yes     Value = "yes"
	No      Value = "no"
	Unknown Value = "unknown"
)

// Result is an answer with the keys of the messages that explain it. Names is how
// names were compared, for the clerk's eyes; it is no part of what leaves.
type Result struct {
	Question Question           `json:"question"`
	Value    Value              `json:"answer"`
	Reasons  []string           `json:"reasons"`
	Names    []names.Comparison `json:"-"`
}

// Known reports whether a question may be asked at all: its name is one of the
// four, and it has a proper argument exactly if it needs one.
func Known(q Question) bool {
	switch q.ID {
	case Over16, Over18:
		return q.Arg == ""
	case LivesIn:
		return isPlace(q.Arg)
	case SamePerson:
		return isIdentifier(q.Arg)
	}
	return false
}

// Answer answers a question from the fields of a holder on the day that at has in
// its own time zone. What it cannot know is Unknown, and so is what it does not
// understand.
func Answer(q Question, h *pki.Holder, at time.Time) Result {
	r := Result{Question: q, Value: Unknown}
	switch {
	case !Known(q):
		r.Reasons = []string{"answer.not-a-question"}
	case h == nil:
		r.Reasons = []string{"answer.no-fields"}
	case q.ID == Over16:
		r.Value, r.Reasons = over(16, h.BirthDate, at)
	case q.ID == Over18:
		r.Value, r.Reasons = over(18, h.BirthDate, at)
	case q.ID == LivesIn:
		r.Value, r.Reasons, r.Names = livesIn(q.Arg, h.Address)
	case q.Record == nil:
		r.Reasons = []string{"answer.no-record"}
	default:
		r.Value, r.Reasons, r.Names = samePerson(*q.Record, h)
	}
	return r
}
