// Package receipt writes down, for the citizen, what a desk did: who asked, for
// what, which fields were looked at by name, and how to object.
//
// # Record and receipt
//
// ISO/IEC TS 27560:2023 knows a consent record, which the controller keeps, and a
// receipt, an authoritative copy for the person. Record has its sections (header,
// processing, what is processed, parties, events) under the names of the standard
// in JSON; the terms in it are those of the Data Privacy Vocabulary's guide to the
// standard. Law 09-08 knows more bases than consent: a record on another one says
// so, and its event is a notice and no consent. The receipt adds the place in the
// desk's ledger, by which somebody else can prove later that it was recorded.
//
// # What is never in it
//
// No value of a field, photo or identity number. The package knows no holder: it
// imports nothing that has one, takes the names of fields from a closed list and
// refuses an identifier that has the form of an identity number.
package receipt

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"time"
)

// Text is a text in several languages, by tag: "ar", "fr", "en", "zgh".
type Text = map[string]string

// Facts are what a desk knows of a transaction that has ended.
type Facts struct {
	Controller    Party
	Desk          string // identifier
	DeskName      Text
	Purpose       string   // identifier
	Title         Text     // of the purpose
	Notice        Text     // that was shown or spoken
	Basis         string   // of site.Basis
	Fields        []string // names of site.Field: what was looked at
	Answers       []string // names of questions: what was answered instead
	Transaction   string
	Time          time.Time
	Keep          time.Time // the day until which the ledger keeps the record
	Agreed        bool      // by the holder; what was refused has no fields and no answers
	Withdrawn     bool      // he had agreed, and took that back
	Authorisation string    // number, of the CNDP; may be empty
	Object        Text      // how to object, and to withdraw a consent
	Proof         Proof
	URL           string // https address where a receipt can be checked; may be empty
	Specimen      bool   // the card is a specimen
}

// Party is the controller.
type Party struct {
	ID               string
	Name             Text
	Address, Contact string
}

// Proof is the place of the transaction in the desk's ledger.
type Proof struct {
	Log   string `json:"log"` // its name
	Index uint64 `json:"index"`
	Leaf  []byte `json:"leaf"` // hash, 32 bytes
}

// ErrFacts is returned for facts of which no receipt can be made.
var ErrFacts = errors.New("no receipt can be made of these facts")

var (
	identifiers = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~:/@+=-]{0,119}$`)
	// The form of a CIN, one or two letters and five or six digits, and of a
	// document number.
	numbers = regexp.MustCompile(`(?i)(^|[^a-z0-9])([a-z]{1,2}[0-9]{5,6}|[a-z]{3}[0-9]{6})($|[^a-z0-9])`)
)

// check refuses what would put more on paper than belongs there.
func (f Facts) check() error {
	for _, id := range []struct{ name, value string }{
		{"controller", f.Controller.ID}, {"desk", f.Desk}, {"purpose", f.Purpose}, {"transaction", f.Transaction}, {"log", f.Proof.Log},
	} {
		if !identifiers.MatchString(id.value) || numbers.MatchString(id.value) {
			return fmt.Errorf("%w: the %s is no identifier, or looks like an identity number", ErrFacts, id.name)
		}
	}
	for _, name := range f.Fields {
		if fieldWords[name] == nil {
			return fmt.Errorf("%w: there is an unknown field", ErrFacts)
		}
	}
	for _, name := range f.Answers {
		if questionWords[name] == nil {
			return fmt.Errorf("%w: there is an unknown question", ErrFacts)
		}
	}
	return f.checkRest()
}

func (f Facts) checkRest() error {
	address, err := url.Parse(f.URL)
	switch {
	case basisWords[f.Basis] == nil:
		return fmt.Errorf("%w: there is an unknown basis", ErrFacts)
	case !f.Agreed && f.Basis == "consent" && len(f.Fields)+len(f.Answers) > 0:
		return fmt.Errorf("%w: something was done without consent", ErrFacts)
	case f.Time.IsZero() || f.Keep.Before(f.Time):
		return fmt.Errorf("%w: the times do not fit", ErrFacts)
	case len(f.Proof.Leaf) != 32:
		return fmt.Errorf("%w: it is not in the ledger", ErrFacts)
	case len(f.Controller.Name) == 0 || len(f.Title) == 0 || len(f.Object) == 0:
		return fmt.Errorf("%w: the controller's name, the purpose's title or the way to object is missing", ErrFacts)
	case f.URL != "" && (err != nil || address.Scheme != "https" || address.Host == "" || address.RawQuery != "" || address.Fragment != "" || len(f.URL) > 120):
		return fmt.Errorf("%w: the address for checking is no plain https one", ErrFacts)
	}
	return nil
}

// distinct sorts names and takes each once: the order in which fields were read is
// nobody's concern.
func distinct(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}
