package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// The verbs of a request.
const (
	Insert = "insert" // Card, or the one that was there last, into an empty Slot
	Remove = "remove" // what is in Slot
	Swap   = "swap"   // Card, or the same again, in the place of the one in Slot
	Fault  = "fault"  // Faults switched on for the card in Slot; Clear: those there were, off before
	Status = "status" // of all slots
)

var verbs = []string{Insert, Remove, Swap, Fault, Status}

// The most bytes of a request, and of an answer, which tells of every slot.
const (
	maxLine   = 1 << 16
	maxAnswer = 1 << 20
)

// Request is one line to the simulator.
type Request struct {
	Do     string   `json:"do"`
	Slot   int      `json:"slot,omitempty"`
	Card   string   `json:"card,omitempty"`   // a persona, and faults after commas
	Faults []string `json:"faults,omitempty"` // as package fault reads them
	Clear  bool     `json:"clear,omitempty"`
}

// Answer is one line from the simulator: what is in the slots now, or why the
// request was not done.
type Answer struct {
	Slots []Slot `json:"slots,omitempty"`
	Error string `json:"error,omitempty"` // one sentence
	Exit  int    `json:"exit,omitempty"`  // for a program that ends with it
}

// Slot is one place for a card.
type Slot struct {
	Slot     int      `json:"slot"`
	At       string   `json:"at"`               // HOST:PORT
	Card     string   `json:"card,omitempty"`   // nothing: empty
	Seen     bool     `json:"seen,omitempty"`   // the reader has asked for the card
	Commands int64    `json:"commands"`         // that the card has answered
	Faults   []string `json:"faults,omitempty"` // that are on
}

// Err is the sentence of a request that was not done, as an error.
func (a Answer) Err() error {
	if a.Error == "" {
		return nil
	}
	return errors.New(a.Error)
}

// parse reads the line of a request.
func parse(line []byte) (Request, error) {
	var r Request
	in := json.NewDecoder(bytes.NewReader(line))
	in.DisallowUnknownFields()
	if err := in.Decode(&r); err != nil {
		return r, fmt.Errorf("a request is one JSON object on one line: %w", err)
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return r, errors.New("a request is one JSON object on one line, and nothing after it")
	}
	return r, r.check()
}

// check finds what no simulator can do.
func (r Request) check() error {
	carded := r.Do == Insert || r.Do == Swap
	switch {
	case !slices.Contains(verbs, r.Do):
		return fmt.Errorf("there is no %q to do; there are insert, remove, swap, fault and status", r.Do)
	case r.Slot < 0:
		return errors.New("slots are counted from 0")
	case r.Card != "" && !carded:
		return fmt.Errorf("%s takes no card", r.Do)
	case r.Do != Fault && (r.Clear || len(r.Faults) > 0):
		return fmt.Errorf("%s takes no faults; those of a card follow its name after commas", r.Do)
	case r.Do == Fault && !r.Clear && len(r.Faults) == 0:
		return errors.New("name a fault to switch on, or clear those there are")
	}
	return nil
}
