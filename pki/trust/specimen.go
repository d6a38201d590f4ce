package trust

import (
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
	return c.IsCA && isSpecimen(c)
}

// isSpecimen is the same of whoever may vouch, authority or signer of lists.
func isSpecimen(c *cert.Certificate) bool {
	return c.Subject.Organisation == SpecimenOrganisation || slices.Contains(SpecimenFingerprints, fingerprint(c.Raw))
}
