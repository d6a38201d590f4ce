package ledger

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind is what an entry tells of.
type Kind string

// Everything that is worth an entry.
const (
	Verification  Kind = "verification"
	Refusal       Kind = "refusal"
	Signature     Kind = "signature"
	Configuration Kind = "configuration"
	Erasure       Kind = "erasure" // written by Erase and Expire only
)

// Record is what an entry says. It names checks, fields and purposes and never
// holds what was read from a card: no name, no number, no photo.
type Record struct {
	// ID tells one event from another, so that one recorded twice counts once. It is
	// random unless given; give the same one to try the same event again.
	ID          string
	Kind        Kind
	Time        time.Time // when it happened; kept to the millisecond, now if zero
	Desk        string
	Operator    string
	Purpose     string
	Transaction string
	Verdict     string
	Checks      []string // "chip.active=passed"
	Match       string
	Fields      []string // names of the fields shown, never their values
	Basis       string
	Answers     []string  // "over-18=yes"
	Keep        time.Time // end of retention; kept to the day, zero: for as long as the ledger
	Pseudonym   string
	Detail      map[string]string // keys in printable ASCII

	// The ledger says these two, whatever Add is given.
	Recorded time.Time // when the entry was made; never before the entry ahead of it
	Clock    string    // by how much the clock was behind the entry ahead; empty: it was not
}

// ErrRecord is returned for a record that cannot be recorded.
var ErrRecord = errors.New("the record is not one")

const (
	maxRecord = 60 << 10 // bytes of the canonical form
	maxList   = 4096     // members of a list or a map
)

func (r Record) check() error {
	switch r.Kind {
	case Verification, Refusal, Signature, Configuration, Erasure:
	default:
		return fmt.Errorf("%w: there is no kind %q", ErrRecord, r.Kind)
	}
	if r.ID == "" || r.Time.IsZero() || r.Recorded.IsZero() {
		return fmt.Errorf("%w: it has no id or no time", ErrRecord)
	}
	for _, at := range []time.Time{r.Time, r.Recorded, r.Keep} {
		if !at.IsZero() && (at.Year() < 1970 || at.Year() > 9999) {
			return fmt.Errorf("%w: a time is out of range", ErrRecord)
		}
	}
	if max(len(r.Checks), len(r.Fields), len(r.Answers), len(r.Detail)) > maxList {
		return fmt.Errorf("%w: it has a list of more than %d", ErrRecord, maxList)
	}
	for key := range r.Detail {
		if strings.ContainsFunc(key, func(c rune) bool { return c < '!' || c > '~' }) {
			return fmt.Errorf("%w: the key of a detail is not printable ASCII", ErrRecord)
		}
	}
	for _, text := range r.texts() {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return fmt.Errorf("%w: it holds bytes that are not text", ErrRecord)
		}
	}
	return nil
}

func (r Record) texts() []string {
	all := []string{r.ID, r.Clock, r.Desk, r.Operator, r.Purpose, r.Transaction, r.Verdict, r.Match, r.Basis, r.Pseudonym}
	all = append(append(append(all, r.Checks...), r.Fields...), r.Answers...)
	for k, v := range r.Detail {
		all = append(all, k, v)
	}
	return all
}
