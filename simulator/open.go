package simulator

import (
	"fmt"

	"cnie/simulator/persona"
)

// Reader is the name of the one reader of a system that [Open] makes.
const Reader = "Simulated 00"

// Open makes a system of one reader with a persona's card in it: the shortest way
// from a test to a card. The persona is one of persona.Names, or a YAML file.
func Open(nameOrFile string, options ...Option) (*System, error) {
	p, err := persona.Load(nameOrFile)
	if err != nil {
		return nil, fmt.Errorf("open simulator: %w", err)
	}
	card, err := p.Card()
	if err != nil {
		return nil, fmt.Errorf("open simulator: %w", err)
	}
	return NewSystem("Simulated", New(card, options...)), nil
}
