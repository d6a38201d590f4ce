package pki

import (
	"slices"
	"strings"

	"golang.org/x/text/language"

	"cnie/pki/cert"
)

// checkCountry compares the State that the certificates name with the one in
// the machine-readable zone: otherwise any member of the scheme could sign
// documents of all the others.
func (e *examination) checkCountry() {
	switch {
	case e.signer == nil:
		e.note(CheckIssuerCountry, NotChecked, "the document signer's certificate is not known")
	case e.issuer != nil && !strings.EqualFold(e.issuer.Subject.Country, e.signer.Subject.Country):
		e.note(CheckIssuerCountry, Failed, "the authority is of %s, the document signer of %s", e.issuer.Subject.Country, e.signer.Subject.Country)
	case slices.ContainsFunc(e.path, func(c *cert.Certificate) bool { return !strings.EqualFold(c.Subject.Country, e.signer.Subject.Country) }):
		e.note(CheckIssuerCountry, Failed, "an authority above is of another State than the document signer, of %s", e.signer.Subject.Country)
	case e.mrz == nil:
		e.note(CheckIssuerCountry, NotApplicable, "EF.DG1, which names the issuing State, is not at hand")
	default:
		e.compareStates(strings.ToUpper(e.signer.Subject.Country), e.mrz.IssuingState)
	}
}

func (e *examination) compareStates(signer, document string) {
	alternative := e.signer.SubjectAltCountry
	switch {
	case alpha3(signer) != document && slices.Contains(e.policy.AllowCountries[document], signer):
		e.note(CheckIssuerCountry, Warned, "the document is of %s, its signer of %s, which the policy allows", document, signer)
	case alpha3(signer) != document:
		e.note(CheckIssuerCountry, Failed, "the document is of %s, its signer of %s", document, alpha3(signer))
	case alternative != "" && alternative != document && alternative != iso3(signer):
		// ICAO 9303-12 §7.1.1.2: the State as in the machine-readable zone.
		e.note(CheckIssuerCountry, Failed, "the document is of %s, the alternative name of its signer of %s", document, alternative)
	default:
		e.note(CheckIssuerCountry, Passed, "authority, signer and document name the same State")
	}
}

// alpha3 turns the two letters of a certificate into what a machine-readable
// zone has: three letters, but one for Germany and some of ICAO's own.
// ICAO 9303-3 §5.
func alpha3(country string) string {
	country = strings.ToUpper(country)
	switch country {
	case "DE":
		return "D"
	case "EU":
		return "EUE"
	case "UN":
		return "UNO"
	case "UT":
		return "UTO"
	case "ZZ":
		return "UNK"
	case "KS", "XK":
		return "RKS"
	}
	return iso3(country)
}

// iso3 is the three-letter code of ISO 3166-1, or what it was given.
func iso3(country string) string {
	region, err := language.ParseRegion(country)
	if err != nil || len(country) != 2 {
		return country
	}
	return region.ISO3()
}

func (e *examination) checkDocumentType() {
	switch {
	case e.signer == nil:
		e.note(CheckIssuerDocument, NotChecked, "the document signer's certificate is not known")
	case len(e.signer.DocumentTypes) == 0:
		e.note(CheckIssuerDocument, NotApplicable, "the document signer is not limited to types of document")
	case e.mrz == nil:
		e.note(CheckIssuerDocument, NotApplicable, "EF.DG1, which names the type of document, is not at hand")
	case !slices.ContainsFunc(e.signer.DocumentTypes, e.covers):
		e.refuse(CheckIssuerDocument, e.policy.AllowOtherDocumentType, "the document signer may not sign documents of type %s", e.mrz.DocumentCode)
	default:
		e.note(CheckIssuerDocument, Passed, "the document signer may sign documents of type %s", e.mrz.DocumentCode)
	}
}

// covers reports whether an entry of a document type list means this document.
// One letter stands for every code that begins with it. ICAO 9303-12 §7.1.1.6.
func (e *examination) covers(entry string) bool {
	return entry == e.mrz.DocumentCode || len(entry) == 1 && strings.HasPrefix(e.mrz.DocumentCode, entry)
}
