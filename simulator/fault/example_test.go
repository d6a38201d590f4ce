package fault_test

import (
	"fmt"
	"log"

	"cnie/simulator"
	"cnie/simulator/fault"
	"cnie/simulator/persona"
)

// A card with two faults: one is made with it, the other is on the wire.
func Example() {
	citizen, err := persona.Load("specimen")
	if err != nil {
		log.Fatal(err)
	}
	var faults []fault.Fault
	for _, spec := range []string{"photo-swapped", "status=6F00@2"} {
		f, err := fault.Parse(spec)
		if err != nil {
			log.Fatal(err)
		}
		faults = append(faults, f)
	}
	card, err := fault.Card(citizen, faults...)
	if err != nil {
		log.Fatal(err)
	}
	var options []simulator.Option
	for _, wire := range fault.Wires(nil, faults...) {
		options = append(options, simulator.WithWire(wire))
	}
	chip := simulator.New(card, options...)
	for range 2 {
		fmt.Printf("%X\n", chip.Transmit([]byte{0x00, 0xB0, 0x9C, 0x00, 0x02})) // EF.CardAccess
	}
	// Output:
	// 31149000
	// 6F00
}

// What a correct inspection answers is part of the table.
func ExampleAll() {
	for _, kind := range fault.All() {
		if kind.Layer == fault.CardMotion && kind.Expect.Verdict == fault.Refused {
			fmt.Printf("%s: %s %v\n", kind.Name, kind.Expect.Verdict, kind.Expect.Checks)
		}
	}
	// Output: switched: refused [access.channel]
}

// Typing mistakes get an answer that helps.
func ExampleParse() {
	_, err := fault.Parse("photo-swaped")
	fmt.Println(err)
	// Output: no such fault: "photo-swaped"; did you mean photo-swapped?
}
