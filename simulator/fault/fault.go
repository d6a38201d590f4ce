package fault

import (
	"slices"
	"strconv"
	"time"
)

// Layer is where a fault sits.
type Layer string

// The layers, from the issuer outwards.
const (
	Issuer     Layer = "issuer"      // who signed, and when
	Content    Layer = "content"     // what the files say
	Chip       Layer = "chip"        // keys and habits of the chip
	Access     Layer = "access"      // PACE and Basic Access Control
	Channel    Layer = "channel"     // secure messaging
	Transport  Layer = "transport"   // raw commands and answers
	CardMotion Layer = "card-motion" // who holds the card
	PIN        Layer = "pin"         // secrets with a retry counter
)

// Verdicts of an inspection, as `cnie verify` gives them. Error stands for none:
// there was nothing to judge.
const (
	Accepted     = "accepted"
	Refused      = "refused"
	Inconclusive = "inconclusive"
	Error        = "error"
)

// Kind is one row of the table of faults.
type Kind struct {
	Name    string
	Arg     string // what it takes, such as "a file"; "" when nothing
	Default string // the argument when none is given
	Layer   Layer
	Summary string // what the card does, in one line
	Persona string // whom the expectation is about
	Once    bool   // of live faults: acts at one command, not from it on
	Expect  Expect

	arg  argument
	does mechanism
}

// Expect is what a correct inspection of the persona answers under the specimen
// anchors when the card has this one fault, with its default argument and from
// the first command on.
type Expect struct {
	Verdict string   `yaml:"verdict"`
	Checks  []string `yaml:"failed"` // ids of exactly the checks that fail, see docs/checks.md
	Exit    int      `yaml:"exit"`   // of `cnie verify`
	At      string   `yaml:"at"`     // when the inspection is made, RFC 3339; now by default
	Why     string   `yaml:"why"`    // one sentence
}

// Fault is a kind with its argument and its moment.
type Fault struct {
	Kind  Kind
	Arg   string        // as given, or the default
	From  int           // number of the command at which it begins, counted from 1; 0: the first that it concerns
	After time.Duration // time until it begins, counted from Wires; 0: at once
}

// All lists every kind of fault by name.
func All() []Kind { return slices.Clone(kinds()) }

// Live tells whether the fault may be switched on while the card is in use.
func (f Fault) Live() bool { return f.Kind.does.live() }

// String is the specification that Parse reads.
func (f Fault) String() string {
	s := f.Kind.Name
	if f.Arg != f.Kind.Default {
		s += "=" + f.Arg
	}
	switch {
	case f.From > 0:
		s += "@" + strconv.Itoa(f.From)
	case f.After > 0:
		s += "@" + f.After.String()
	}
	return s
}
