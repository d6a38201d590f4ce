package pki_test

import (
	"context"
	"fmt"
	"time"

	"cnie/apdu"
	"cnie/cardreader/emrtd"
	"cnie/cardreader/emrtd/access"
	"cnie/lds"
	"cnie/pki"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// Read a card and judge what was read. Here the card is a simulated one and no
// trust anchors are given, so that its issuer is not known.
func Example() {
	ctx := context.Background()
	citizen, _ := persona.Load("specimen")
	contents, _ := citizen.Card()
	system := simulator.NewSystem("Simulated", simulator.New(contents))
	card, _ := system.Connect(ctx, "Simulated 00")
	defer card.Close()

	can, _ := access.CAN("123456")
	evidence, err := emrtd.Read(ctx, apdu.NewChannel(card), emrtd.Options{Password: can, Files: []lds.File{lds.DG1, lds.DG2}})
	if err != nil {
		fmt.Println(err)
		return
	}
	judge, _ := pki.NewVerifier(nil, pki.Policy{At: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)})
	report := judge.Verify(ctx, evidence)
	fmt.Println(report.Verdict(), report.Axis(pki.AxisIntegrity), report.Axis(pki.AxisIssuer))
	// Output: inconclusive passed notChecked
}
