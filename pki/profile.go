package pki

import (
	"slices"
	"strings"
)

// checkProfile lists what the document signer certificate has that ICAO
// 9303-12 §7.1 forbids, or lacks that it demands, without it being dangerous,
// and what is odd about the way EF.SOD refers to it.
func (e *examination) checkProfile() {
	if e.signer == nil {
		e.note(CheckIssuerProfile, NotChecked, "the document signer's certificate is not known")
		return
	}
	odd := slices.Concat(e.signer.Deviations, e.result.Deviations, e.signer.DocumentProfile())
	if e.signer.IsCA {
		odd = append(odd, "marked as a certification authority")
	}
	if slices.ContainsFunc(e.signer.ExtKeyUsage, anyPurpose.Equal) {
		odd = append(odd, "an extended key usage, which document signers do not have")
	}
	switch {
	case len(e.signer.UnknownCritical) > 0:
		// RFC 5280 §4.2: a critical extension that is not understood must be obeyed by refusing.
		e.note(CheckIssuerProfile, Failed, "the document signer certificate has an unknown critical extension (%v)", e.signer.UnknownCritical[0])
	case len(odd) > 0:
		e.note(CheckIssuerProfile, Warned, "the document signer certificate, or the way EF.SOD uses it, departs from its profile: %s", strings.Join(odd, "; "))
	default:
		e.note(CheckIssuerProfile, Passed, "the document signer certificate keeps to its profile")
	}
}

// checkAuthorityProfile does the same for every certificate between the
// document signer and its anchor.
func (e *examination) checkAuthorityProfile() {
	if e.issuer == nil {
		e.note(CheckIssuerAuthorityProfile, NotChecked, "the issuer is not known")
		return
	}
	var odd []string
	for _, c := range e.path {
		if len(c.UnknownCritical) > 0 {
			e.note(CheckIssuerAuthorityProfile, Failed, "a country signing certificate has an unknown critical extension (%v)", c.UnknownCritical[0])
			return
		}
		odd = slices.Concat(odd, c.Deviations, c.DocumentProfile())
	}
	if len(odd) > 0 {
		e.note(CheckIssuerAuthorityProfile, Warned, "the country signing certificate departs from its profile: %s", strings.Join(odd, "; "))
		return
	}
	e.note(CheckIssuerAuthorityProfile, Passed, "the country signing certificate keeps to its profile")
}
