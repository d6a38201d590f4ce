// Package doctor finds out what keeps a counter from reading cards.
//
// [Examine] looks at everything that a reading needs, in the order in which it
// would be missed: the smart-card service, a reader, a card that answers, the
// way to it, the clock, the trust data. Each [Finding] is one sentence for a
// clerk and, where something is to be done, one thing to do. What cannot be
// looked at because of an earlier finding is left out.
//
// The examination needs a card at most, never what opens it: it selects the
// master file and, where nobody tells whether long commands pass, sends one that
// every card refuses. Nothing of the holder is read, and nothing can be.
package doctor

import (
	"context"
	"time"

	"cnie/cardreader"
)

// Level is how bad a finding is.
type Level string

// The levels.
const (
	OK       Level = "ok"
	Remark   Level = "remark"   // cards can be read, with less speed, safety or use
	Blocking Level = "blocking" // no card can be read or judged before it is mended
)

// Finding is what one look found.
type Finding struct {
	ID       string `json:"id"` // what was looked at: service, reader, card …
	Level    Level  `json:"level"`
	Sentence string `json:"sentence"`
	Fix      string `json:"fix,omitempty"` // one thing to do; empty for OK
}

// Options say what to examine. System and Now must be set.
type Options struct {
	System cardreader.System
	// Reader is a part of the name of the reader to use, as for a reading.
	Reader string
	// Socket is where clients of the service connect on this system; empty
	// where that is no file.
	Socket string
	// Now is the clock, for dates and for measuring.
	Now func() time.Time
	// Built is when the program was made; zero when it does not know.
	Built time.Time
	Trust Trust
}

// patience is for one call to the service or the card. Slow cards take half a
// second for their slowest command.
const patience = 5 * time.Second

// Examine looks at everything. It ends early only with the context.
func Examine(ctx context.Context, o Options) []Finding {
	x := &examination{Options: o}
	x.devices(ctx)
	x.clock()
	x.trust()
	return x.findings
}

// Blocked reports whether any of the findings keeps cards from being read.
func Blocked(findings []Finding) bool {
	for _, f := range findings {
		if f.Level == Blocking {
			return true
		}
	}
	return false
}

type examination struct {
	Options
	findings []Finding
}

func (x *examination) ok(id, sentence string)          { x.add(id, OK, sentence, "") }
func (x *examination) remark(id, sentence, fix string) { x.add(id, Remark, sentence, fix) }
func (x *examination) block(id, sentence, fix string)  { x.add(id, Blocking, sentence, fix) }

func (x *examination) add(id string, level Level, sentence, fix string) {
	x.findings = append(x.findings, Finding{id, level, sentence, fix})
}

// devices goes from the service to the card, as far as it comes.
func (x *examination) devices(ctx context.Context) {
	readers, ok := x.service(ctx)
	if !ok {
		return
	}
	chosen, ok := x.reader(readers)
	if !ok {
		return
	}
	capacity := x.capacity(ctx, chosen.Name)
	if !chosen.HasCard {
		x.longCommands(capacity, nil)
		x.remark("card", "There is no card in the reader.", "Lay a card on it and run this again: only then the way to the card can be looked at.")
		return
	}
	x.card(ctx, chosen.Name, capacity)
}
