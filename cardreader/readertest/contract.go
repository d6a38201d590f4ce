package readertest

import (
	"testing"
	"time"
)

// contract is every rule, in the order of reading.
var contract = []struct {
	name string
	test func(run)
}{
	{"lists readers with their cards", listsReaders},
	{"knows no other reader", unknownReader},
	{"an empty reader has no card", emptyReader},
	{"exchanges commands", exchanges},
	{"refuses what is no command", badCommands},
	{"long responses", longResponses},
	{"responses are the caller's own", ownBuffers},
	{"one connection at a time", exclusive},
	{"closing twice", closing},
	{"removal kills the connection", removal},
	{"a card put back is a new one", reinsertion},
	{"reset ends the session", reset},
	{"closing ends the session", closeEndsSession},
	{"calls to one card take turns", turns},
	{"two readers at once", twoReaders},
	{"ended contexts", endedContexts},
	{"a command given up", givenUp},
	{"watch tells in order", watchOrder},
	{"watch starts with what is there", watchStart},
	{"watch ends", watchEnds},
	{"two watches", twoWatches},
}

// Run checks every rule, each with a harness of its own. open may share a
// system between them as long as the readers are empty at each start.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	for _, rule := range contract {
		t.Run(rule.name, func(t *testing.T) {
			h := open(t)
			if h.Notice == 0 {
				h.Notice = 3 * time.Second
			}
			if len(h.Readers) < 2 || h.Script.Ping == nil {
				t.Fatal("the harness needs two readers and a Ping")
			}
			rule.test(run{T: t, Harness: h})
		})
	}
}
