// Package fault keeps, as data, the ways in which a card can be dishonest,
// broken or merely odd, and what a correct inspection answers to each.
//
// A [Kind] is a row of kinds.yaml: a name, the argument that it takes, a layer,
// and the expected verdict with the checks that fail and one sentence that says
// why. What a kind does is data too: a mechanism (flip a bit of a file, answer a
// command with a status word, pull the card …) and its settings. Mechanisms are
// few and written in Go, so that most faults are rows and not code; docs/faults.md
// is made of the same rows, and tests have `cnie verify` judge each of them, and
// each pair of them.
//
//	clone, _ := fault.Parse("clone")
//	torn, _ := fault.Parse("torn@30")
//	citizen, _ := persona.Load("specimen")
//	card, _ := fault.Card(citizen, clone, torn)
//	chip := simulator.New(card, simulator.WithWire(fault.Wires(hand, clone, torn)[0]))
//
// Faults act in two places. Some are made with the card: the person at the
// personalisation centre, the forger, the maker of an odd chip. [Card] applies
// them to a persona. The others are live: they stand on the wire between the
// reader and the chip, from one command or moment on, and may be switched on
// while the card is in use. [Wires] makes them. Both functions take every fault
// and pick out their own.
//
// The same faults on the same persona do the same thing every time: what looks
// random comes from a fixed seed.
package fault
