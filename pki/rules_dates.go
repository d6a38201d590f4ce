package pki

// dateRules are the checks of time and of what was taken back since.
var dateRules = []Rule{
	{
		CheckValidityDocument, AxisValidity, "ICAO 9303-3 §4",
		"Is the document within its date of expiry?",
		map[Outcome]string{
			Passed:     "it is",
			Warned:     "it has expired, but no longer ago than the policy tolerates",
			Failed:     "it has expired",
			NotChecked: "no intact EF.DG1 says on which day it expires",
		},
	},
	{
		CheckValiditySigner, AxisValidity, "RFC 5280 §4.1.2.5",
		"Is the document signer certificate in force?",
		map[Outcome]string{
			Passed:     "it is",
			Warned:     "it has expired, but was in force when the document was signed",
			Failed:     "it is not in force yet, or had expired before the document was signed",
			NotChecked: "it has expired, and nothing says when the document was signed; or " + unknownSigner,
		},
	},
	{
		CheckValiditySigning, AxisValidity, "ICAO 9303-12 §7.1",
		"Was the document signed while its signer's key could be used?",
		map[Outcome]string{
			Passed:        "it was, by the signer's own word",
			Warned:        "it was not, which the policy allows",
			Failed:        "it was not, or is said to have been signed in the future",
			NotChecked:    "there is no verified signature",
			NotApplicable: "EF.SOD does not say when it was signed",
		},
	},
	{
		CheckValidityCSCA, AxisValidity, "RFC 5280 §4.1.2.5",
		"Is the country signing certificate in force?",
		map[Outcome]string{
			Passed:     "it is",
			Warned:     "it has expired, but was in force when the document was signed",
			Failed:     "it is not in force yet, or had expired before the document was signed",
			NotChecked: "it has expired, and nothing places the signing before that; or " + unknownIssuer,
		},
	},
	{
		CheckValidityCertifying, AxisValidity, "ICAO 9303-12 §7.1",
		"Was the document signer certified while the authority's key could be used?",
		map[Outcome]string{
			Passed:     "its validity begins within the usage period of the authority's key",
			Warned:     "it does not, which the policy allows",
			Failed:     "it does not",
			NotChecked: unknownIssuer,
		},
	},
	{
		CheckRevocation, AxisRevocation, "RFC 5280 §6.3",
		"Is the document signer absent from a current revocation list of its issuer?",
		map[Outcome]string{
			Passed:     "it is",
			Warned:     "it is, but the list is older than it should be, or departs from its format, as the reason says",
			Failed:     "a list names it, whatever the list's age",
			NotChecked: "there is no list of this issuer, or none that is recent, complete and signed by one of its keys; or " + unknownIssuer,
		},
	},
	{
		CheckRevocationCSCA, AxisRevocation, "ICAO 9303-12 §4.1.5",
		"Are the country signing certificate and those above it absent from a current revocation list?",
		map[Outcome]string{
			Passed:     "they are",
			Warned:     "they are, but the list is older than it should be, or departs from its format, as the reason says",
			Failed:     "a list names one, whatever the list's age",
			NotChecked: "as for the document signer",
		},
	},
}
