package simulator_test

import (
	"context"
	"fmt"
	"log"

	"cnie/lds"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// A card in a reader of this process: whatever takes a cardreader.System can be
// tried with it.
func Example() {
	system, _ := simulator.Open("specimen")
	card, _ := system.Connect(context.Background(), simulator.Reader)
	defer card.Close()
	answer, _ := card.TransmitRaw(context.Background(), []byte{0x00, 0xB0, 0x9C, 0x00, 0x02}) // EF.CardAccess
	fmt.Printf("%X\n", answer)
	// Output: 31149000
}

// A card that is changed before it is played: this one has lost EF.CardAccess.
func ExampleNew() {
	specimen, err := persona.Load("specimen")
	if err != nil {
		log.Fatal(err)
	}
	card, err := specimen.Card()
	if err != nil {
		log.Fatal(err)
	}
	delete(card.Files, lds.CardAccess)
	chip := simulator.New(card)
	fmt.Printf("%X\n", chip.Transmit([]byte{0x00, 0xB0, 0x9C, 0x00, 0x02}))
	// Output: 6A82
}
