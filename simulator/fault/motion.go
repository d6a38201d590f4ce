package fault

import (
	"cnie/simulator"
	"cnie/simulator/persona"
)

// become lets another card answer from now on, without the reader noticing that
// it lies there.
func become(x *exchange, s settings) []byte {
	if x.memory.other == nil {
		card := cardOf(s["persona"])
		x.memory.other = simulator.New(card).Transmit
	}
	return x.memory.other(x.command)
}

// tear pulls the card out before the command is answered and, if so wished, puts
// it or another one back.
func tear(x *exchange, s settings) []byte {
	if x.hand != nil {
		x.hand.Remove()
		switch s["back"] {
		case "same":
			x.hand.Insert(nil)
		case "other":
			x.hand.Insert(cardOf(s["persona"]))
		}
	}
	data, sw := x.ask()
	return append(data, sw...)
}

// cardOf is the card of a persona that comes with the simulator.
func cardOf(name string) *persona.Card {
	p, err := persona.Load(name)
	if err != nil {
		return &persona.Card{} // Parse has let only shipped names through
	}
	card, err := p.Card()
	if err != nil {
		return &persona.Card{}
	}
	return card
}
