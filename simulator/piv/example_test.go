package piv_test

import (
	"fmt"
	"log"

	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
)

// A citizen's card with a signature side: the PIN, then a signature with the key
// that wants the PIN each time.
func Example() {
	citizen, err := persona.Load("specimen")
	if err != nil {
		log.Fatal(err)
	}
	card, err := citizen.Card()
	if err != nil {
		log.Fatal(err)
	}
	contents, err := piv.Specimen("SPECIMEN AMINA", nil)
	if err != nil {
		log.Fatal(err)
	}
	chip := simulator.New(card, simulator.WithApplet(piv.New(contents)))
	chip.Transmit([]byte{0x00, 0xA4, 0x04, 0x0C, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08})
	fmt.Printf("%X\n", chip.Transmit([]byte{0x00, 0x20, 0x00, 0x80})) // how many tries
	verify := append([]byte{0x00, 0x20, 0x00, 0x80, 0x08}, "123456\xFF\xFF"...)
	fmt.Printf("%X\n", chip.Transmit(verify))
	// Output:
	// 63C3
	// 9000
}
