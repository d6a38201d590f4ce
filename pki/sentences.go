package pki

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Sentences puts the policy in words, one rule each, as a run prints it.
func (p Policy) Sentences() []string {
	var s []string
	add := func(format string, args ...any) { s = append(s, fmt.Sprintf(format, args...)) }
	add("Policy: %s.", p.title())
	if !p.At.IsZero() {
		add("Judged for %s.", p.At.UTC().Format("2006-01-02 15:04 UTC"))
	}
	add("%s", choose(p.AllowBAC, "Basic Access Control is allowed where the chip offers no PACE.", "The chip must be opened by PACE."))
	add("%s", choose(p.AllowUnverifiedIssuer, "Holder fields are shown, watermarked, even if the issuer is unknown.", "Holder fields are shown only if the issuer is verified."))
	s = append(s, p.issuerSentences()...)
	s = append(s, p.floorSentences()...)
	if p.AllowExpiredDocument > 0 {
		add("A document is tolerated for %s after its date of expiry.", days(p.AllowExpiredDocument))
	} else {
		add("The document must not have expired.")
	}
	add("A certificate that has expired is tolerated if the document was signed before.")
	if p.AllowCRLAge > 0 {
		add("A revocation list counts for %s, whether or not a newer one is due.", days(p.AllowCRLAge))
	} else {
		add("A revocation list counts until the next one is due, and for %s at most.", days(StrictAge))
	}
	add("Trust anchors must have been updated in the last %s, if it is known when they were.", days(p.trustAge()))
	return append(s, p.axesSentences()...)
}

func (p Policy) title() string {
	switch {
	case p.Name != "":
		return p.Name
	case !reflect.DeepEqual(p, Policy{At: p.At}):
		return "the strict default, relaxed"
	}
	return "the strict default"
}

func (p Policy) issuerSentences() []string {
	s := []string{
		choose(p.AllowSigningOutsideKeyUse, "Signing outside the usage period of the signer's private key is tolerated.",
			"Documents and document signers must be signed within the usage period of the signer's private key."),
		choose(p.AllowOtherDocumentType, "A type of document that its signer is not meant for is tolerated.",
			"A document signer that is limited to types of document must be meant for this one."),
		"Authority, signer and document must name the same State.",
	}
	for _, state := range slices.Sorted(maps.Keys(p.AllowCountries)) {
		s = append(s, fmt.Sprintf("Documents of %s may also be signed by %s.", state, strings.Join(p.AllowCountries[state], ", ")))
	}
	return s
}

func (p Policy) floorSentences() (s []string) {
	for _, f := range p.floors() {
		since := "At all times"
		if !f.From.IsZero() {
			since = "Since " + day(f.From)
		}
		s = append(s, fmt.Sprintf("%s, signatures need hashes of %d bits, RSA keys of %d and curves of %d at least.", since, f.Hash, f.RSA, f.Curve))
	}
	return s
}

func (p Policy) axesSentences() []string {
	s := []string{fmt.Sprintf("For acceptance these must pass: %s.", axisList(p.must()))}
	if len(p.AllowOpen) > 0 {
		s = append(s, fmt.Sprintf("These may stay open: %s; what fails on them refuses all the same.", axisList(p.AllowOpen)))
	}
	return s
}

func axisList(axes []Axis) string {
	names := make([]string, len(axes))
	for i, axis := range axes {
		names[i] = string(axis)
	}
	return strings.Join(names, ", ")
}

func choose(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

func days(d time.Duration) string {
	if n := int(d.Hours() / 24); n != 1 {
		return fmt.Sprintf("%d days", n)
	}
	return "1 day"
}
