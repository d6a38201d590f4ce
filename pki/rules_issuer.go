package pki

const (
	unknownIssuer = "the issuer is not known"
	unknownSigner = "the document signer's certificate is not known"
)

// issuerRules are the checks of who signed.
var issuerRules = []Rule{
	{
		CheckIssuerPath, AxisIssuer, "ICAO 9303-12 §6.1",
		"Was the document signer certified by a country signing authority among the trust anchors?",
		map[Outcome]string{
			Passed:     "a chain of verified signatures leads from the signer to an anchor, over link certificates if need be",
			Failed:     "the signer names an authority that did not sign it, or certified itself",
			NotChecked: "the signer's authority is not among the anchors, or the signer is not known",
		},
	},
	{
		CheckIssuerPathLength, AxisIssuer, "RFC 5280 §4.2.1.9",
		"Is the path no longer than the basic constraints of each authority on it allow?",
		map[Outcome]string{
			Passed:     "it is",
			Failed:     "an authority was put below one that allows none",
			NotChecked: unknownIssuer,
		},
	},
	{
		CheckIssuerStanding, AxisIssuer, "ICAO 9303-12 §9",
		"Is the authority still on the list that it came from, or is it known why not?",
		map[Outcome]string{
			Passed:        "it is still listed, or left when it had expired",
			Warned:        "it left while in force, and the operator recorded why",
			NotChecked:    "it left while in force and nobody recorded why; or " + unknownIssuer,
			NotApplicable: "the anchors are loose files, which have no history",
		},
	},
	{
		CheckIssuerTrustAge, AxisIssuer, "ICAO 9303-12 §9",
		"Is the list that the anchor came from recent enough?",
		map[Outcome]string{
			Passed:        "it is no older than 90 days",
			Warned:        "it is older, but not too old for the policy",
			NotChecked:    "it is too old for the policy; or " + unknownIssuer,
			NotApplicable: "the anchor was brought as a single file, which does not age",
		},
	},
	{
		CheckIssuerProfile, AxisIssuer, "ICAO 9303-12 §7.1",
		"Does the document signer certificate keep to its profile?",
		map[Outcome]string{
			Passed:     "it does",
			Warned:     "it departs from it in ways that are tolerated, which the reason lists",
			Failed:     "it has a critical extension that is not understood",
			NotChecked: unknownSigner,
		},
	},
	{
		CheckIssuerAuthorityProfile, AxisIssuer, "ICAO 9303-12 §7.1",
		"Do the country signing certificate and those between it and its anchor keep to their profile?",
		map[Outcome]string{
			Passed:     "they do",
			Warned:     "they depart from it in ways that are tolerated, which the reason lists",
			Failed:     "one has a critical extension that is not understood",
			NotChecked: unknownIssuer,
		},
	},
	{
		CheckIssuerAlgorithm, AxisIssuer, "ICAO 9303-12 §4.4",
		"Are the algorithms with which the document signer was certified ones that still resist forgery?",
		map[Outcome]string{
			Passed:     "hash and key are strong enough for new certificates",
			Warned:     "strong enough when the certificate was signed, but no longer",
			Failed:     "too weak on the day of signing already, by the policy's table",
			NotChecked: unknownIssuer,
		},
	},
	{
		CheckIssuerKeyUsage, AxisIssuer, "ICAO 9303-12 §7.1",
		"May the document signer's key sign documents, and its issuer's key certificates?",
		map[Outcome]string{
			Passed:     "key usage and basic constraints allow both",
			Failed:     "a key was used for what its certificate forbids",
			NotChecked: unknownIssuer,
		},
	},
	{
		CheckIssuerCountry, AxisIssuer, "ICAO 9303-12 §7.1",
		"Do the authority, the signer and the document name the same State?",
		map[Outcome]string{
			Passed:        "they do",
			Warned:        "the signer is of another country that the policy allows for documents of this State",
			Failed:        "they do not: a member of the scheme signed for another",
			NotChecked:    unknownSigner,
			NotApplicable: "EF.DG1 was not read; what could be compared agrees",
		},
	},
	{
		CheckIssuerDocument, AxisIssuer, "ICAO 9303-12 §7.1",
		"May the signer sign this type of document?",
		map[Outcome]string{
			Passed:        "its document type list has the document's code",
			Warned:        "it has not, which the policy allows",
			Failed:        "it has not",
			NotChecked:    unknownSigner,
			NotApplicable: "the signer is not limited to types, or EF.DG1 was not read",
		},
	},
	{
		CheckCardSecurity, AxisIssuer, "ICAO 9303-10 §3.11.4",
		"Is EF.CardSecurity signed by a document signer of the State, as EF.SOD is?",
		map[Outcome]string{
			Passed:        "its signature verifies, and its signer is that of EF.SOD or passes the same checks",
			Warned:        "its signer passes them with a remark, or the file departs from its format, as the reason says",
			Failed:        "it is malformed or contradicts itself, its signature does not verify, or its signer fails one of them",
			NotChecked:    "one of them could not be made",
			NotApplicable: "it was not needed, or the card has none",
		},
	},
}
