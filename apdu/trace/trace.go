package trace

import (
	"time"

	"cnie/apdu"
)

// Version is the only version of the format so far.
const Version = 1

// Content says how much of the exchanges a trace has.
type Content string

// The two kinds of trace.
const (
	Full     Content = "full"     // every byte, and the terminal's random numbers
	Redacted Content = "redacted" // headers, lengths, status words
)

// Header is the first line of a trace.
type Header struct {
	Version int       `json:"trace"`
	Content Content   `json:"content"`
	Program string    `json:"program"` // name and version
	At      time.Time `json:"at"`      // when recording began; the zero of all times in the file
	Reader  string    `json:"reader,omitempty"`
	ATR     Hex       `json:"atr,omitempty"`
	// Specimen says that the card was one of a person who does not exist.
	Specimen bool `json:"specimen,omitempty"`
	// Remade says that the card was rebuilt after a real one, with specimen
	// content, and Unequal what could not be made the same as at the real one.
	Remade  bool     `json:"remade,omitempty"`
	Unequal []string `json:"unequal,omitempty"`
	// Session is what whoever plays the trace has to ask for again.
	Session Session `json:"session,omitzero"`
}

// Session is what a reading asked for, without the secret that opened the card.
type Session struct {
	Files    []string `json:"files,omitempty"`     // short names of data groups
	AllowBAC bool     `json:"allow_bac,omitempty"` // Basic Access Control was allowed
	Password string   `json:"password,omitempty"`  // kind: CAN or MRZ
	// Challenge is what the chip's signature was bound to; full traces only.
	Challenge Hex `json:"challenge,omitempty"`
}

// Event is something that the terminal did with the connection.
type Event string

// The events.
const (
	Connect Event = "connect"
	Reset   Event = "reset"
	Close   Event = "close"
)

// Failure says, in one word, why there was no answer.
type Failure string

// The failures.
const (
	Removed    Failure = "removed"     // the card was taken out
	OtherReset Failure = "other-reset" // another program reset it
	Unplugged  Failure = "unplugged"   // the reader went away
	NoService  Failure = "no-service"  // the smart-card service did
	GivenUp    Failure = "given-up"    // the terminal did not wait any longer
	Failed     Failure = "failed"      // anything else
)

// Entry is one line after the header. Exactly one of Event, Random and the
// exchange is there: Send in a full trace, Header in a redacted one.
type Entry struct {
	At     int64 `json:"at"`             // microseconds after Header.At
	Took   int64 `json:"took,omitempty"` // microseconds
	Event  Event `json:"event,omitempty"`
	Random Hex   `json:"random,omitempty"`

	Send    Hex `json:"send,omitempty"`
	Masked  int `json:"masked,omitempty"` // so many bytes after Send are left out
	Receive Hex `json:"receive,omitempty"`

	Header   Hex `json:"header,omitempty"` // CLA INS P1 P2
	Nc       int `json:"nc,omitempty"`     // bytes of command data
	Ne       int `json:"ne,omitempty"`     // bytes that were asked for
	Sent     int `json:"sent,omitempty"`   // bytes of the whole command
	Received int `json:"received,omitempty"`
	SW       Hex `json:"sw,omitempty"`

	Failure Failure `json:"failure,omitempty"`
}

// Trace is a whole recording.
type Trace struct {
	Header  Header
	Entries []Entry
}

// IsExchange reports whether the entry is a command.
func (e Entry) IsExchange() bool { return len(e.Send) > 0 || len(e.Header) > 0 }

// Outline is the entry as a redacted trace has it: of a command, header, lengths
// and status word.
func (e Entry) Outline() Entry {
	if len(e.Send) < 4 {
		return e
	}
	o := Entry{At: e.At, Took: e.Took, Header: e.Send[:4:4], Sent: len(e.Send) + e.Masked, Received: len(e.Receive), Failure: e.Failure}
	if e.Masked > 0 {
		o.Nc = e.Masked
	} else if c, err := apdu.ParseCommand(e.Send); err == nil {
		o.Nc, o.Ne = len(c.Data), c.Ne
	}
	if n := len(e.Receive); n >= 2 {
		o.SW = e.Receive[n-2:]
	}
	return o
}

// Status is the status word of the answer, 0 when there is none.
func (e Entry) Status() apdu.Status {
	sw := e.Outline().SW
	if len(sw) != 2 {
		return 0
	}
	return apdu.Status(sw[0])<<8 | apdu.Status(sw[1])
}

// Redact is the trace without content. Random numbers are dropped altogether;
// their number would only say how often the terminal drew.
func (t *Trace) Redact() *Trace {
	r := &Trace{Header: t.Header}
	r.Header.Content, r.Header.Session.Challenge = Redacted, nil
	for _, e := range t.Entries {
		if len(e.Random) == 0 {
			r.Entries = append(r.Entries, e.Outline())
		}
	}
	return r
}
