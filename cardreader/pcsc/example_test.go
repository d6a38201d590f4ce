package pcsc_test

import (
	"context"
	"fmt"

	"cnie/cardreader"
	"cnie/cardreader/pcsc"
)

// Wait for a card, whichever reader it is put in, and open it.
func ExampleSystem_Watch() {
	ctx := context.Background()
	system := pcsc.New()
	for event, err := range system.Watch(ctx) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if event.Kind != cardreader.CardInserted {
			continue
		}
		card, err := system.Connect(ctx, event.Reader)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(event.Reader, card.ATR())
		_ = card.Close()
		return
	}
}
