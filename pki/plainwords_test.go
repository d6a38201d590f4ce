package pki_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"cnie/pki"
)

// Each relaxation has its sentence, in every company, and none that is not there
// has one; what waits for a person is told by the first.
func TestSentencesOfEveryCombination(t *testing.T) {
	relaxations := []struct {
		relax           func(*pki.Policy)
		says, saysNotSo string
	}{
		{func(p *pki.Policy) { p.AllowBAC = true }, "Basic Access Control is allowed where the chip offers no PACE.", "The chip must be opened by PACE."},
		{func(p *pki.Policy) { p.AllowUnverifiedIssuer = true }, "Holder fields are shown, watermarked, even if the issuer is unknown.", "Holder fields are shown only if the issuer is verified."},
		{func(p *pki.Policy) { p.AllowSigningOutsideKeyUse = true }, "Signing outside the usage period of the signer's private key is tolerated.", "Documents and document signers must be signed within the usage period of the signer's private key."},
		{func(p *pki.Policy) { p.AllowOtherDocumentType = true }, "A type of document that its signer is not meant for is tolerated.", "A document signer that is limited to types of document must be meant for this one."},
		{func(p *pki.Policy) { p.AllowCountries = map[string][]string{"CHN": {"HK", "MO"}} }, "Documents of CHN may also be signed by HK, MO.", ""},
		{func(p *pki.Policy) { p.AllowAlgorithms = []pki.Floor{{Hash: 1, RSA: 2, Curve: 3}} }, "At all times, signatures need hashes of 1 bits, RSA keys of 2 and curves of 3 at least.", "Since 2018-01-01, signatures need hashes of 224 bits, RSA keys of 2048 and curves of 224 at least."},
		{func(p *pki.Policy) { p.AllowExpiredDocument = 24 * time.Hour }, "A document is tolerated for 1 day after its date of expiry.", "The document must not have expired."},
		{func(p *pki.Policy) { p.AllowCRLAge = 48 * time.Hour }, "A revocation list counts for 2 days, whether or not a newer one is due.", "A revocation list counts until the next one is due, and for 90 days at most."},
		{func(p *pki.Policy) { p.AllowTrustAge = 72 * time.Hour }, "Trust anchors must have been updated in the last 3 days, if it is known when they were.", "Trust anchors must have been updated in the last 90 days, if it is known when they were."},
		{func(p *pki.Policy) { p.AllowOpen = []pki.Axis{pki.AxisChip} }, "For acceptance these must pass: access, integrity, issuer, validity, revocation.", "For acceptance these must pass: access, integrity, issuer, chip, validity, revocation."},
	}
	for chosen := range 1 << len(relaxations) {
		p := pki.Policy{At: now}
		for i, r := range relaxations {
			if chosen>>i&1 == 1 {
				r.relax(&p)
			}
		}
		said := p.Sentences()
		for i, r := range relaxations {
			is := chosen>>i&1 == 1
			if slices.Contains(said, r.says) != is || r.saysNotSo != "" && slices.Contains(said, r.saysNotSo) == is {
				assert.Fail(t, r.says, "%b: %q", chosen, said)
			}
		}
		if (said[0] == "Policy: the strict default.") != (chosen == 0) {
			assert.Fail(t, said[0], "%b", chosen)
		}
	}
}
