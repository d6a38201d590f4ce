package remake_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remake"
	"cnie/simulator"
	"cnie/simulator/fault"
	"cnie/simulator/persona"
)

// still is nobody's hand: what tears cards is tested with TestPulled.
type still struct{}

func (still) Remove()              {}
func (still) Insert(*persona.Card) {}

// Whatever a card does wrong, its recording can be rebuilt into one that plays.
// Most come out equal; where a liar's own lengths are the fault, the header says
// what is not.
func TestEveryFault(t *testing.T) {
	equal, all := 0, 0
	for _, kind := range fault.All() {
		if kind.Name == "hang" {
			continue // takes as long as a reader waits
		}
		f, err := fault.Parse(kind.Name)
		require.NoError(t, err)
		specimen, err := persona.Load("specimen")
		require.NoError(t, err)
		card, err := fault.Card(specimen, f)
		if err != nil {
			specimen, err = persona.Load("active-rsa") // the fault is one of its key
			require.NoError(t, err)
			card, err = fault.Card(specimen, f)
		}
		if err != nil {
			specimen, err = persona.Load("active-ec")
			require.NoError(t, err)
			card, err = fault.Card(specimen, f)
		}
		require.NoError(t, err, kind.Name)
		var options []simulator.Option
		for _, wire := range fault.Wires(still{}, f) {
			options = append(options, simulator.WithWire(wire))
		}
		was := record(t, simulator.NewSystem("Somewhere", simulator.New(card, options...)), passwordOf(t, card))
		made, secret, err := remake.Trace(t.Context(), was, passwordOf(t, card))
		require.NoError(t, err, kind.Name)
		_, _ = play(t, made, secret) // which fails the test when it deviates
		if all++; len(made.Header.Unequal) == 0 {
			equal++
			assert.Equal(t, parts(was), parts(made), kind.Name)
		}
	}
	t.Logf("%d of %d faults come out equal", equal, all)
	assert.GreaterOrEqual(t, 3*equal, 2*all)
}
