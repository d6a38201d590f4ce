package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator"
	"cnie/simulator/fault"
	"cnie/simulator/persona"
)

// systemHand holds the card of a reader in this process.
type systemHand struct {
	system *simulator.System
	reader string
	chip   *simulator.Chip
}

func (h *systemHand) Remove() { _ = h.system.Remove(h.reader) }

func (h *systemHand) Insert(card *persona.Card) {
	if card != nil {
		h.chip = simulator.New(card)
	}
	_ = h.system.Insert(h.reader, h.chip)
}

// inspect has cnie judge a persona with faults, as the persona wants to be asked.
func inspect(t testing.TB, trust string, p *persona.Persona, card *persona.Card, faults []fault.Fault, more ...string) (outcome, answer) {
	t.Helper()
	system := simulator.NewSystem("Simulated", nil)
	hand := &systemHand{system: system, reader: "Simulated 00"}
	var options []simulator.Option
	for _, wire := range fault.Wires(hand, faults...) {
		options = append(options, simulator.WithWire(wire))
	}
	hand.chip = simulator.New(card, options...)
	hand.Insert(nil)
	args := []string{"verify", "--json", "--trust", trust}
	if p.Expect.AllowBAC {
		args = append(args, "--allow-bac", "--mrz", strings.Join(printed(t, p).MRZLines, ""))
	} else {
		args = append(args, "--can", printed(t, p).CAN)
	}
	o := cnie(t, system, append(args, more...)...)
	var a answer
	if o.stdout != "" {
		require.NoError(t, json.Unmarshal([]byte(o.stdout), &a))
	}
	return o, a
}

// printed is what the holder's eyes see: the card as it was issued.
func printed(t testing.TB, p *persona.Persona) *persona.Card {
	if card, known := issued.Load(p.Name); known {
		return card.(*persona.Card)
	}
	card, err := p.Card()
	require.NoError(t, err)
	issued.Store(p.Name, card)
	return card
}

var issued sync.Map // cards by the name of their persona

// hangLimit ends the reading of cards that answer no more.
const hangLimit = time.Second

// TestEveryFault has cnie judge every row of the table: the verdict or the exit
// code is the one declared, and exactly the checks that it names fail.
func TestEveryFault(t *testing.T) {
	today := anchors(t)
	for _, k := range fault.All() {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			f, err := fault.Parse(k.Name)
			require.NoError(t, err)
			p, err := persona.Load(k.Persona)
			require.NoError(t, err)
			card, err := fault.Card(p, f)
			require.NoError(t, err)
			trust, more := today, []string{"--timeout", hangLimit.String()}
			if k.Expect.At != "" {
				trust = anchorsAt(t, k.Expect.At)
				more = append(more, "--at", k.Expect.At)
			}
			o, a := inspect(t, trust, p, card, []fault.Fault{f}, more...)
			want := finding(k.Expect.Verdict, k.Expect.Exit, k.Expect.Checks)
			assert.Equal(t, want, finding(verdictOf(o, a), o.code, failed(a)), o.stderr)
			assert.Equal(t, k.Expect.Verdict == fault.Accepted, a.Holder != nil, "holder fields of an accepted card only")
			if k.Expect.Verdict == fault.Error {
				assert.Regexp(t, `^cnie: [^\n]+\n$`, o.stderr)
			}
		})
	}
}

// verdictOf is the verdict that was given, if any was.
func verdictOf(o outcome, a answer) string {
	if o.stdout == "" {
		return fault.Error
	}
	return string(a.Verdict)
}

// finding puts what came of an inspection into one line.
func finding(verdict string, exit int, failed []string) string {
	slices.Sort(failed)
	return fmt.Sprintf("%s %v, exit code %d", verdict, failed, exit)
}
