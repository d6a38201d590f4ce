package pades_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"cnie/pki/adsig"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/pades"
	"cnie/pki/adsig/pades/visible"
)

// Sign a document with a card or any other key, show it on the last page, and
// raise it to B-LTA.
func ExampleSigner_Sign() {
	sign := func(ctx context.Context, key cades.Signer, document []byte, out io.Writer, a *cades.Augmenter) error {
		s := pades.Signer{
			Signer: key, Time: time.Now(), Reason: "to be archived",
			Look: &visible.Look{Page: 1, X: 350, Y: 40, Width: 200, Height: 60, Lines: []string{"Signed with the certificate of", "موقّع بشهادة"}},
		}
		return s.Sign(ctx, out, bytes.NewReader(document), int64(len(document)), cades.BLTA, a)
	}
	_ = sign
}

// Say of each signature whether it holds, and for what.
func ExampleValidate() {
	report := func(document []byte, p adsig.Policy) error {
		found, err := pades.Validate(bytes.NewReader(document), int64(len(document)), p)
		if err != nil {
			return err
		}
		for _, s := range found.Signatures {
			indication, sub := s.Indication()
			fmt.Println(s.Field, indication, sub, s.Level, s.Scope)
			for _, c := range s.Changes {
				fmt.Println("  since then:", c.What)
			}
		}
		return nil
	}
	_ = report
}
