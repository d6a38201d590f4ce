package trust

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"cnie/pki/cert"
)

// SpecimenFingerprints are the SHA-256 fingerprints of specimen authorities.
// Their keys follow from published seeds, so everybody can sign with them.
var SpecimenFingerprints = []string{
	"1eac6c613f91466ef098a27e3d7dfeb9bf3fcca7260a37fe767d63e00a884695", // pki/specimen.Default
}

// SpecimenOrganisation is how every authority made by pki/specimen calls itself,
// whatever its seed. A name proves nothing, but this one only ever takes weight
// away from a certificate.
const SpecimenOrganisation = "SPECIMEN - NOT A REAL ISSUER"

// IsSpecimen reports whether c is an authority of people who do not exist.
func (s *Store) IsSpecimen(c *cert.Certificate) bool {
	sum := sha256.Sum256(c.Raw)
	return c.IsCA && c.Subject.Organisation == SpecimenOrganisation ||
		slices.Contains(SpecimenFingerprints, hex.EncodeToString(sum[:]))
}
