package counter

import (
	"time"

	"cnie/cardreader/emrtd"
	"cnie/internal/answer"
	"cnie/internal/ledger"
	"cnie/lds"
	"cnie/pki"
)

// State is where a transaction stands.
type State string

// The states, in the order in which they follow each other.
const (
	WaitingCard     State = "waiting-card"     // for a card, or for the same card again
	WaitingPassword State = "waiting-password" // for a CAN or MRZ, or for a right one
	Opening         State = "opening"          // the chip is opened and proves itself
	Asking          State = "asking"           // the holder is informed and asked
	Reading         State = "reading"          // the data groups of the purpose are read
	Judging         State = "judging"
	Deciding        State = "deciding" // the clerk compares face and photo
	Done            State = "done"
	RefusedByHolder State = "refused-by-holder"
	Cancelled       State = "cancelled"
	Failed          State = "failed"
)

// Ended reports whether nothing more happens.
func (s State) Ended() bool {
	return s == Done || s == RefusedByHolder || s == Cancelled || s == Failed
}

// Person says whose card is on the reader.
type Person string

// The persons. A purpose with a guardian reads the guardian's card first.
const (
	Holder   Person = "holder"
	Guardian Person = "guardian"
)

// Match is what the clerk says of the face and the photo.
type Match string

// What a clerk may say; Undecided is what the desk says for who did not.
const (
	Matches   Match = "match"
	NoMatch   Match = "no-match"
	Unsure    Match = "unsure"
	Undecided Match = "undecided"
)

// Progress is how far reading the card has come.
type Progress struct {
	Step  emrtd.Step `json:"step,omitempty"`
	File  lds.File   `json:"file,omitempty"` // in step "read"
	Read  int        `json:"read,omitempty"` // bytes of it
	Total int        `json:"total,omitempty"`
}

// Report is the judge's answer without the evidence under it.
type Report struct {
	Verdict  pki.Verdict              `json:"verdict"` // of the card, under what the purpose requires
	Checks   []pki.Check              `json:"checks"`
	Axes     map[pki.Axis]pki.Outcome `json:"axes"`
	Unmet    []pki.Axis               `json:"unmet"`  // required by the purpose, and not passed
	Waived   []pki.Axis               `json:"waived"` // not passed, which the policy allows
	At       time.Time                `json:"at"`
	Specimen bool                     `json:"specimen"`
	// NotPermitted: a specimen at a production desk, or the other way round.
	NotPermitted bool `json:"not_permitted,omitempty"`
}

// Seen is what one card came to. Holder, Photo and Answers are there only when the
// card was accepted.
type Seen struct {
	Report    *Report         `json:"report,omitempty"`
	Holder    *pki.Holder     `json:"holder,omitempty"` // what the purpose allows, without the photo
	Photo     *Photo          `json:"-"`
	NoPhoto   string          `json:"no_photo,omitempty"` // why there is none: key of a message
	Answers   []answer.Result `json:"answers,omitempty"`
	Pseudonym string          `json:"pseudonym,omitempty"`
	Match     Match           `json:"match,omitempty"`
}

// Transaction is a snapshot: nothing in it changes afterwards, but that a photo
// is wiped.
type Transaction struct {
	ID       string   `json:"id"`
	Serial   uint64   `json:"serial"` // grows with every change
	Purpose  string   `json:"purpose"`
	Operator string   `json:"operator,omitempty"`
	Ticket   string   `json:"ticket,omitempty"`
	Reader   string   `json:"reader"`
	State    State    `json:"state"`
	Person   Person   `json:"person"`            // whose card it is about
	Card     bool     `json:"card"`              // one is in the reader
	Agreed   bool     `json:"agreed"`            // the holder said yes
	Progress Progress `json:"progress"`          // of opening and reading
	Tries    int      `json:"tries,omitempty"`   // wrong passwords until now
	Next     string   `json:"next"`              // what to do: key of a message
	Failure  string   `json:"failure,omitempty"` // why it failed: key of a message

	Seen
	Guardian *Seen `json:"guardian,omitempty"` // of the card before, where there was one
	// Looked and Answered name the fields that were on a screen and the questions that
	// were answered, of either card. They stay when all else is wiped: people are
	// owed an account.
	Looked   []string `json:"looked,omitempty"`
	Answered []string `json:"answered,omitempty"`
	// Verdict is the transaction's, once it is done: accepted is an accepted card
	// whose photo matches, refused is a refused card or a photo that does not.
	Verdict pki.Verdict `json:"verdict,omitempty"`

	Place      *ledger.Place `json:"place,omitempty"` // of the latest entry in the ledger
	Unrecorded bool          `json:"unrecorded"`      // an entry could not be made

	// Deadline is when the step ends for want of action, or, of what has ended, when
	// it is wiped. Extend moves it. Zero: nobody is waited for.
	Deadline time.Time `json:"deadline,omitzero"`

	Began   time.Time `json:"began"`
	Changed time.Time `json:"changed"`
}
