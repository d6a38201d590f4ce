package jades_test

import (
	"crypto"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"time"

	"cnie/pki/adsig"
	"cnie/pki/adsig/jades"
	"cnie/pki/cert"
)

// Signing a file that stays where it is, and validating the signature.
func Example() {
	sign := func(key crypto.Signer, chain []*cert.Certificate, file []byte) ([]byte, error) {
		signer := jades.Signer{Key: key, Chain: chain, At: time.Now()}
		sum := sha256.Sum256(file) // if that is signer.DigestAlgorithm()
		return signer.SignObjects([]jades.Object{{Name: "letter.txt", MIME: "text/plain", Digest: sum[:]}})
	}
	validate := func(text []byte, anchors []*cert.Certificate) error {
		beside := func(name string) (io.ReadCloser, error) {
			if name != "letter.txt" { // a stranger names it
				return nil, os.ErrNotExist
			}
			return os.Open(name)
		}
		report, err := jades.Validate(text, beside, adsig.Policy{At: time.Now(), Anchors: anchors})
		indication, why := report.Indication()
		fmt.Println(indication, why)
		return err
	}
	_, _ = sign, validate
}
