package esign_test

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"

	"cnie/apdu"
	"cnie/cardreader/esign"
	"cnie/cardreader/esign/piv"
	"cnie/internal/secret"
	"cnie/simulator"
	"cnie/simulator/persona"
	pretend "cnie/simulator/piv"
)

// One consent and one PIN for two documents; the card gets the PIN before each
// signature all the same.
func Example() {
	ctx := context.Background()
	contents, err := pretend.Specimen("SPECIMEN AMINA", map[pretend.Slot]pretend.Algorithm{pretend.Signature: pretend.P256})
	if err != nil {
		fmt.Println(err)
		return
	}
	chip := simulator.New(&persona.Card{BAC: true}, simulator.WithApplet(pretend.New(contents)))
	card, err := simulator.NewSystem("Simulated", chip).Connect(ctx, "Simulated 00")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer card.Close()

	ask := func(_ context.Context, ask esign.Ask) (secret.Bytes, error) {
		fmt.Printf("%v: %s\n", ask, ask.Reason)
		return secret.New([]byte("123456")), nil
	}
	token, err := piv.Open(ctx, apdu.NewChannel(card), esign.Options{Ask: ask})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer token.Close()
	keys, err := token.Keys(ctx)
	if err != nil || len(keys) == 0 {
		fmt.Println("no key:", err)
		return
	}
	batch := keys[0].Session(ctx, 2, "a lease and its annex")
	defer batch.Close()
	for _, text := range []string{"lease", "annex", "something else"} {
		digest := sha256.Sum256([]byte(text))
		_, err := batch.Sign(nil, digest[:], crypto.SHA256)
		fmt.Println(text, err == nil, errors.Is(err, esign.ErrClosed))
	}
	// Output:
	// PIN for key 9C (SPECIMEN AMINA), for 2 signatures, 3 tries are left: a lease and its annex
	// lease true false
	// annex true false
	// something else false true
}
