// Package cardreader names what a terminal has: readers, cards in them, and the
// things that go wrong with both.
//
// A [System] lists readers, tells what happens to them and connects to a card.
// A [Card] is one exclusive connection: a raw [apdu.Link] with an answer to
// reset. Three systems exist: PC/SC (package pcsc), a simulated one in the same
// process (package simulator) and a recording; package readertest holds the
// contract that each of them passes.
//
// This package imports no implementation and no cgo.
//
// Errors of a System or Card wrap one of the sentinels below, by what a person
// can do about it: plug in a reader, put the card back, close the other
// program, start again.
package cardreader

import (
	"context"
	"errors"
	"iter"

	"cnie/apdu"
)

// What can be wrong with a device.
var (
	ErrNoService   = errors.New("the smart-card service does not answer")
	ErrNoReader    = errors.New("no card reader")
	ErrReaderGone  = errors.New("the card reader was unplugged")
	ErrReaderBusy  = errors.New("another program holds the card")
	ErrNoCard      = errors.New("no card in the reader")
	ErrCardRemoved = errors.New("the card was removed")
	ErrCardReset   = errors.New("the card was reset by another program")
)

// System gives access to the readers of one machine. It is safe for concurrent
// use.
type System interface {
	// Readers lists the readers that are plugged in, empty or not, in the order
	// in which the system names them. No reader is an empty list, not an error.
	Readers(ctx context.Context) ([]Reader, error)
	// Watch yields what happens to readers and cards. It starts with one event
	// for each reader that is there and each card in it, and ends with the
	// context (nothing is yielded for that) or after yielding an error.
	Watch(ctx context.Context) iter.Seq2[Event, error]
	// Connect opens the card in a reader, given by its whole name, for exclusive
	// use. It wraps ErrNoReader, ErrNoCard or ErrReaderBusy.
	Connect(ctx context.Context, reader string) (Card, error)
}

// Card is one exclusive connection to a card. After ErrCardRemoved,
// ErrCardReset or ErrReaderGone it is dead and only Close is left.
type Card interface {
	apdu.Link
	// ATR is the answer to reset; contactless cards have one made up by the
	// reader (PC/SC part 3 §3.1.3.2.3).
	ATR() ATR
	// Reset powers the card down and up: every session with it is over.
	Reset(ctx context.Context) error
	// Close releases the card. Closing twice is no error.
	Close() error
}

// Reader is one card reader at the time of the call.
type Reader struct {
	Name    string `json:"name"`
	HasCard bool   `json:"card"`
	ATR     ATR    `json:"atr,omitempty"`
}

// EventKind says what happened.
type EventKind uint8

// The kinds of events.
const (
	ReaderAdded EventKind = iota + 1
	ReaderRemoved
	CardInserted
	CardRemoved
)

var kindNames = [...]string{ReaderAdded: "reader added", ReaderRemoved: "reader removed", CardInserted: "card inserted", CardRemoved: "card removed"}

// String is the kind in words.
func (k EventKind) String() string {
	if k < 1 || int(k) >= len(kindNames) {
		return "unknown event"
	}
	return kindNames[k]
}

// MarshalText gives the words to JSON.
func (k EventKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Event is something that happened to a reader.
type Event struct {
	Kind   EventKind `json:"event"`
	Reader string    `json:"reader"`
	ATR    ATR       `json:"atr,omitempty"`
}
