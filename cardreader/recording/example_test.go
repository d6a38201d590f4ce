package recording_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"

	"cnie/apdu"
	"cnie/cardreader"
	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/cardreader/recording"
	"cnie/lds"
	"cnie/pki"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// A card is read once, and its recording as often as one likes.
func Example() {
	specimen, _ := persona.Load("specimen")
	card, _ := specimen.Card()
	recorder := recording.Record(simulator.NewSystem("Desk", simulator.New(card)), rand.Reader, "example 1.0")
	first := readDG1(recorder.System(), recorder.Rand(), card.CAN)

	session, _ := recorder.Trace()
	player, _ := recording.Replay(session)
	again := readDG1(player, player.Rand(), card.CAN)

	fmt.Println("the same:", string(first.Files[lds.DG1]) == string(again.Files[lds.DG1]))
	fmt.Println("deviated:", player.Err())
	fmt.Println("replayed:", first.Replayed, again.Replayed)
	// Output:
	// the same: true
	// deviated: <nil>
	// replayed: false true
}

func readDG1(system cardreader.System, random io.Reader, number string) *pki.Evidence {
	ctx := context.Background()
	card, err := system.Connect(ctx, "Desk 00")
	if err != nil {
		panic(err)
	}
	defer card.Close()
	can, _ := access.CAN(number)
	evidence, err := emrtd.Read(ctx, apdu.NewChannel(card), emrtd.Options{Password: can, Files: []lds.File{lds.DG1}, Rand: random})
	if err != nil {
		panic(err)
	}
	return evidence
}
