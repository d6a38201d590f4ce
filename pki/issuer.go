package pki

import (
	"crypto/x509"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// checkPath looks for the country signing certificate whose key certified the
// document signer. The store proposes candidates by key identifier, never by
// name alone: a country keeps its name through every change of keys.
func (e *examination) checkPath() {
	if e.signer == nil {
		e.note(CheckIssuerPath, NotChecked, "the document signer's certificate is not known")
		return
	}
	candidates := e.anchors.Issuers(e.signer)
	for _, candidate := range candidates {
		if e.signer.CheckSignatureFrom(candidate) == nil {
			e.issuer = candidate
			e.report.Specimen = e.anchors.IsSpecimen(candidate)
			e.note(CheckIssuerPath, Passed, "certified by %s", candidate.Subject)
			return
		}
	}
	if len(candidates) > 0 {
		e.note(CheckIssuerPath, Failed, "the document signer claims %s as its issuer, whose key did not sign it", e.signer.Issuer)
		return
	}
	e.note(CheckIssuerPath, NotChecked, "the issuer of the document signer is not among the trust anchors")
}

func (e *examination) checkProfile() {
	switch {
	case e.signer == nil:
		e.note(CheckIssuerProfile, NotChecked, "the document signer's certificate is not known")
	case len(e.signer.UnknownCritical) > 0:
		// RFC 5280 §4.2: a critical extension that is not understood must be obeyed by refusing.
		e.note(CheckIssuerProfile, Failed, "the document signer certificate has an unknown critical extension (%v)", e.signer.UnknownCritical[0])
	case len(e.oddities()) > 0:
		e.note(CheckIssuerProfile, Warned, "the document signer certificate, or the way EF.SOD uses it, departs from its profile: %s", strings.Join(e.oddities(), "; "))
	default:
		e.note(CheckIssuerProfile, Passed, "the document signer certificate keeps to its profile")
	}
}

// oddities lists what the document signer certificate has that ICAO 9303-12
// §7.1 forbids, or lacks that it demands, without it being dangerous, and what
// is odd about the way EF.SOD refers to it.
func (e *examination) oddities() []string {
	odd := slices.Concat(e.signer.Deviations, e.result.Deviations)
	if e.signer.AuthorityKeyID == nil {
		odd = append(odd, "no authority key identifier")
	}
	if e.signer.KeyUsage == 0 {
		odd = append(odd, "no key usage")
	}
	if e.signer.IsCA {
		odd = append(odd, "marked as a certification authority")
	}
	return odd
}

func (e *examination) checkKeyUsage() {
	switch {
	case e.signer == nil:
		e.note(CheckIssuerKeyUsage, NotChecked, "the document signer's certificate is not known")
	case e.signer.KeyUsage != 0 && e.signer.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		e.note(CheckIssuerKeyUsage, Failed, "the document signer's key may not sign")
	case e.issuer == nil:
		e.note(CheckIssuerKeyUsage, NotChecked, "the issuer is not known")
	case !e.issuer.IsCA || e.issuer.KeyUsage != 0 && e.issuer.KeyUsage&x509.KeyUsageCertSign == 0:
		e.note(CheckIssuerKeyUsage, Failed, "the issuer's key may not sign certificates")
	default:
		e.note(CheckIssuerKeyUsage, Passed, "the keys may be used for what they were used for")
	}
}

// checkCountry compares the State that the certificates name with the one in
// the machine-readable zone: otherwise any member of the scheme could sign
// documents of all the others.
func (e *examination) checkCountry() {
	switch {
	case e.signer == nil:
		e.note(CheckIssuerCountry, NotChecked, "the document signer's certificate is not known")
		return
	case e.issuer != nil && !strings.EqualFold(e.issuer.Subject.Country, e.signer.Subject.Country):
		e.note(CheckIssuerCountry, Failed, "the authority is of %s, the document signer of %s", e.issuer.Subject.Country, e.signer.Subject.Country)
		return
	case e.mrz == nil:
		e.note(CheckIssuerCountry, NotApplicable, "EF.DG1, which names the issuing State, is not at hand")
		return
	}
	if signer, document := alpha3(e.signer.Subject.Country), e.mrz.IssuingState; signer != document {
		e.note(CheckIssuerCountry, Failed, "the document is of %s, its signer of %s", document, signer)
		return
	}
	e.note(CheckIssuerCountry, Passed, "authority, signer and document name the same State")
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
		e.note(CheckIssuerDocument, Failed, "the document signer may not sign documents of type %s", e.mrz.DocumentCode)
	default:
		e.note(CheckIssuerDocument, Passed, "the document signer may sign documents of type %s", e.mrz.DocumentCode)
	}
}

// covers reports whether an entry of a document type list means this document.
// One letter stands for every code that begins with it. ICAO 9303-12 §7.1.1.6.
func (e *examination) covers(entry string) bool {
	return entry == e.mrz.DocumentCode || len(entry) == 1 && strings.HasPrefix(e.mrz.DocumentCode, entry)
}
