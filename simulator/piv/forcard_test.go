package piv_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
)

// issued makes the card of a shipped persona.
func issued(t *testing.T, name string) *persona.Card {
	t.Helper()
	p, err := persona.Load(name)
	require.NoError(t, err)
	card, err := p.Card()
	require.NoError(t, err)
	return card
}

// worn puts the application of a persona's card beside its travel document.
func worn(t *testing.T, card *persona.Card, options ...piv.Option) *terminal {
	t.Helper()
	app, err := piv.ForCard(card, options...)
	require.NoError(t, err)
	x := &terminal{t, simulator.New(card, simulator.WithApplet(app)), app}
	x.steps([2]string{selectPIV, "*"})
	return x
}

func TestForCard(t *testing.T) {
	usual := worn(t, issued(t, "specimen"))
	usual.steps([2]string{"00200080", "63c3"}, [2]string{verifyPIN, "9000"}, [2]string{"00fd000000", "6d00"})
	assert.Equal(t, "SPECIMEN SIMULATEUR", usual.certificate(piv.Signature).Subject.CommonName)
	assert.Len(t, usual.app.Contents().Keys, 4)

	worn(t, issued(t, "pin-nearly-blocked")).steps([2]string{"00200080", "63c1"}, [2]string{wrongPIN, "63c0"}, [2]string{verifyPIN, "6983"})
	worn(t, issued(t, "yubikey")).steps([2]string{"00fd000000", "0504039000"})
	worn(t, issued(t, "large-keys")).steps([2]string{verifyPIN, "63c2"}, [2]string{"00200080083234363831333537", "9000"})

	card := issued(t, "specimen")
	card.PIV.Keys.CardAuthentication = "none"
	assert.NotContains(t, worn(t, card).app.Contents().Keys, piv.CardAuthentication)

	_, err := piv.ForCard(issued(t, "passport"))
	assert.EqualError(t, err, "make the signature application of passport: its persona has none")
}

// The PIV application does not open the travel document, nor the other way round.
func TestTheTravelDocumentStaysShut(t *testing.T) {
	x := worn(t, issued(t, "specimen"))
	x.steps([2]string{verifyPIN, "9000"}, [2]string{selectOther, "9000"}, [2]string{"00b0810000", "6982"})
	x.steps([2]string{selectPIV, "*"}, [2]string{"00200080", "63c3"})
}

// Whatever changes the card reaches its keeper, and nothing else does.
func TestKeeper(t *testing.T) {
	var kept []*piv.Contents
	x := worn(t, issued(t, "specimen"), piv.WithKeeper(func(c *piv.Contents) { kept = append(kept, c) }))
	for _, c := range []struct {
		name, command, answer string
		changes               bool
	}{
		{"reading", "00cb3fff035c017e00", "*", false},
		{"the PIN at the first go", verifyPIN, "9000", false},
		{"a wrong PIN", wrongPIN, "63c2", true},
		{"asking for the tries", "00200080", "63c2", false},
		{"the PIN after a wrong one", verifyPIN, "9000", true},
		{"a new PIN", "0024008010" + pin + digits, "9000", true},
		{"a wrong PUK", "002c008010" + digits + pin, "63c2", true},
		{"a new PIN by PUK", "002c008010" + puk + pin, "9000", true},
		{"a key without the management key", "0047009e05ac0380011100", "6982", false},
	} {
		before := len(kept)
		x.steps([2]string{c.command, c.answer})
		assert.Equal(t, c.changes, len(kept) > before, c.name)
		if c.changes {
			assert.Equal(t, x.app.Contents(), kept[len(kept)-1], c.name)
		}
	}
	before := len(kept)
	manage(t, x)
	assert.Len(t, kept, before, "the proof of the management key is of the session")
	x.steps([2]string{"0047009e05ac0380011100", "*"}, [2]string{"00db3fff0a5c035fc10953030102" + "03", "9000"})
	assert.Len(t, kept, before+2)
}

// A card goes on where it stopped: blocked, and with the key that it made.
func TestGoingOnWithContents(t *testing.T) {
	first := worn(t, issued(t, "specimen"))
	manage(t, first)
	first.steps([2]string{"0047009e05ac0380011400", "*"}, [2]string{wrongPIN, "63c2"}, [2]string{wrongPIN, "63c1"}, [2]string{wrongPIN, "63c0"})
	text, err := json.Marshal(first.app.Contents())
	require.NoError(t, err)
	var stored piv.Contents
	require.NoError(t, json.Unmarshal(text, &stored))
	second := worn(t, issued(t, "specimen"), piv.WithContents(&stored))
	second.steps([2]string{"00200080", "6983"}, [2]string{verifyPIN, "6983"})
	assert.Equal(t, first.app.Contents().Keys, second.app.Contents().Keys)
}
