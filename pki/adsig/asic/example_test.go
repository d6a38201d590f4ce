package asic_test

import (
	"context"
	"crypto"
	"fmt"
	"io"
	"os"
	"time"

	"cnie/pki/adsig"
	"cnie/pki/adsig/asic"
	"cnie/pki/adsig/cades"
	"cnie/pki/cert"
)

// Putting two files and a signature over both into one container, and validating
// it.
func Example() {
	sign := func(ctx context.Context, key crypto.Signer, chain []*cert.Certificate) error {
		var documents []asic.Document
		for _, name := range []string{"letter.txt", "scan.png"} {
			documents = append(documents, asic.Document{Name: name, Open: func() (io.ReadCloser, error) { return os.Open(name) }})
		}
		out, err := os.Create("both.asice")
		if err != nil {
			return err
		}
		defer out.Close()
		signer := &cades.Signer{Key: key, Chain: chain, At: time.Now()}
		return asic.Create(ctx, out, documents, signer, cades.BB, nil)
	}
	validate := func(container *os.File, size int64, anchors []*cert.Certificate) error {
		reports, err := asic.Validate(container, size, adsig.Policy{At: time.Now(), Anchors: anchors})
		for _, r := range reports {
			indication, why := r.Indication()
			fmt.Println(r.Signature, indication, why, r.Files)
		}
		return err
	}
	_, _ = sign, validate
}
