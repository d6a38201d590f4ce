package adsig_test

import (
	"context"
	"crypto"
	"fmt"
	"os"
	"time"

	"cnie/pki/adsig"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/online"
	"cnie/pki/adsig/revocation"
	"cnie/pki/cert"
)

// Signing a file with a key and its certificates, with a timestamp and all that
// validating it in years will take. The signature stands beside the file.
func Example() {
	const authority = "http://tsa.specimen.example"
	sign := func(ctx context.Context, key crypto.Signer, chain, anchors []*cert.Certificate) error {
		file, err := os.Open("letter.pdf")
		if err != nil {
			return err
		}
		defer file.Close()
		signer := cades.Signer{Key: key, Chain: chain, At: time.Now()}
		message, err := signer.SignReader(file)
		if err != nil {
			return err
		}
		client := &online.Client{Operator: []string{authority}}
		augmenter := cades.Augmenter{
			Stamp: func(ctx context.Context, request []byte) ([]byte, error) {
				return client.Stamp(ctx, authority, request)
			},
			Anchors: anchors, Collector: revocation.Collector{Source: client},
		}
		message, lower := augmenter.Augment(ctx, message, cades.BLT, nil)
		if err := os.WriteFile("letter.pdf.p7s", message, 0o644); err != nil {
			return err
		}
		return lower // the signature is there, at the level that was reached
	}
	_ = sign
}

// Validating a signature and the file that it is over, each read once.
func ExampleValidate() {
	validate := func(anchors []*cert.Certificate) error {
		signature, err := os.Open("letter.pdf.p7s")
		if err != nil {
			return err
		}
		defer signature.Close()
		file, err := os.Open("letter.pdf")
		if err != nil {
			return err
		}
		defer file.Close()
		in, err := adsig.Open(signature, file)
		if err != nil {
			return err
		}
		reports, err := adsig.Validate(in, adsig.Policy{At: time.Now(), Anchors: anchors})
		for _, r := range reports {
			indication, why := r.Indication()
			fmt.Println(indication, why, r.Level, "existed on", r.Proven)
			for _, c := range r.Checks {
				fmt.Println(c.ID, c.Outcome, c.Clause, c.Reason)
			}
		}
		return err
	}
	_ = validate
}
