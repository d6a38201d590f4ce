package cert

import (
	"crypto"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

const maxSalt = 512 // bytes; no hash or key in use allows more

// parsePSS reads RSASSA-PSS-params (RFC 4055 §3.1). Absent parameters mean the
// defaults: SHA-1, MGF1 with SHA-1, 20 bytes of salt, trailer 1.
func parsePSS(params cryptobyte.String) (Algorithm, error) {
	a := Algorithm{Kind: RSAPSS, Hash: crypto.SHA1, MGFHash: crypto.SHA1, SaltLen: 20}
	if absentOrNull(params) {
		a.Deviation = "RSA-PSS signature algorithm without parameters"
		return a, nil
	}
	var body cryptobyte.String
	if !params.ReadASN1(&body, cbasn1.SEQUENCE) || !params.Empty() {
		return a, malformed("RSA-PSS parameters")
	}
	if err := readPSSHashes(&body, &a); err != nil {
		return a, fmt.Errorf("RSA-PSS parameters: %w", err)
	}
	trailer := 1
	if !readOptionalInt(&body, contextConstructed2, &a.SaltLen) ||
		!readOptionalInt(&body, contextConstructed3, &trailer) || !body.Empty() {
		return a, malformed("RSA-PSS parameters")
	}
	if trailer != 1 || a.SaltLen < 0 || a.SaltLen > maxSalt {
		return a, malformed("RSA-PSS salt length or trailer")
	}
	return a, nil
}

func readPSSHashes(body *cryptobyte.String, a *Algorithm) error {
	var field cryptobyte.String
	var present bool
	var err error
	if !body.ReadOptionalASN1(&field, &present, contextConstructed0) {
		return malformed("hash")
	}
	if present {
		if a.Hash, err = ParseHash(field); err != nil {
			return err
		}
	}
	if !body.ReadOptionalASN1(&field, &present, contextConstructed1) {
		return malformed("mask generation function")
	}
	if !present {
		return nil
	}
	oid, hash, ok := readAlgorithm(&field)
	if !ok || !field.Empty() || string(oid) != oidMGF1 {
		return malformed("mask generation function")
	}
	a.MGFHash, err = ParseHash(hash)
	return err
}

// readOptionalInt reads an explicitly tagged INTEGER, leaving out as it was
// when the field is absent.
func readOptionalInt(body *cryptobyte.String, tag cbasn1.Tag, out *int) bool {
	var field cryptobyte.String
	var present bool
	if !body.ReadOptionalASN1(&field, &present, tag) {
		return false
	}
	return !present || field.ReadASN1Integer(out) && field.Empty()
}
