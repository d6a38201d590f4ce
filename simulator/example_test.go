package simulator_test

import (
	"context"
	"fmt"
	"log"

	"cnie/simulator"
	"cnie/simulator/persona"
)

// A card in a reader of this process: whatever takes a cardreader.System can be
// tried with it.
func Example() {
	specimen, err := persona.Load("specimen")
	if err != nil {
		log.Fatal(err)
	}
	card, err := specimen.Card()
	if err != nil {
		log.Fatal(err)
	}
	system := simulator.NewSystem("Simulated", simulator.New(card))
	connection, err := system.Connect(context.Background(), "Simulated 00")
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	answer, _ := connection.TransmitRaw(context.Background(), []byte{0x00, 0xB0, 0x9C, 0x00, 0x02}) // EF.CardAccess
	fmt.Printf("%X\n", answer)
	// Output: 31149000
}
