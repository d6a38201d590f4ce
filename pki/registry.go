package pki

import (
	"fmt"
	"slices"

	"cnie/lds"
)

// CheckID names a check. Ids are frozen: one never changes its meaning and is
// never given to another check.
type CheckID string

// The checks.
const (
	CheckAccessProtocol         CheckID = "access.protocol"
	CheckAccessChannel          CheckID = "access.channel"
	CheckAccessDowngrade        CheckID = "access.downgrade"
	CheckAccessReplay           CheckID = "access.replay"
	CheckAccessWithheld         CheckID = "access.withheld"
	CheckAccessFallback         CheckID = "access.fallback"
	CheckIntegrityPresence      CheckID = "integrity.presence"
	CheckIntegritySOD           CheckID = "integrity.sod"
	CheckIntegritySigned        CheckID = "integrity.signature"
	CheckIntegrityDigest        CheckID = "integrity.algorithm"
	CheckIssuerPath             CheckID = "issuer.path"
	CheckIssuerPathLength       CheckID = "issuer.path-length"
	CheckIssuerStanding         CheckID = "issuer.standing"
	CheckIssuerTrustAge         CheckID = "issuer.trust-age"
	CheckIssuerProfile          CheckID = "issuer.profile"
	CheckIssuerAuthorityProfile CheckID = "issuer.csca-profile"
	CheckIssuerAlgorithm        CheckID = "issuer.algorithm"
	CheckIssuerKeyUsage         CheckID = "issuer.key-usage"
	CheckIssuerCountry          CheckID = "issuer.country"
	CheckIssuerDocument         CheckID = "issuer.document-type"
	CheckCardSecurity           CheckID = "issuer.card-security"
	CheckChip                   CheckID = "chip.authentication"
	CheckActive                 CheckID = "chip.active"
	CheckMapping                CheckID = "chip.mapping"
	CheckValidityDocument       CheckID = "validity.document"
	CheckValiditySigner         CheckID = "validity.dsc"
	CheckValiditySigning        CheckID = "validity.signing"
	CheckValidityCSCA           CheckID = "validity.csca"
	CheckValidityCertifying     CheckID = "validity.csca-signing"
	CheckRevocation             CheckID = "revocation.crl"
	CheckRevocationCSCA         CheckID = "revocation.csca"
	CheckHolderPIN              CheckID = "holder.pin"
)

// CheckIntegrityOf is the id of the hash check of one data group,
// integrity.dg1 … integrity.dg16.
func CheckIntegrityOf(file lds.File) CheckID { return CheckID("integrity." + file.Short()) }

// Rule is what the registry knows of a check.
type Rule struct {
	ID      CheckID
	Axis    Axis
	Clause  string
	Meaning string // what it asks, one sentence
	// Outcomes says what each outcome means; one that is missing never occurs.
	Outcomes map[Outcome]string
}

// Rules lists the registry in the order of the axes.
func Rules() []Rule {
	rules := slices.Concat(cardRules, issuerRules, dateRules)
	for n := 1; n <= 16; n++ {
		rules = append(rules, hashRule(lds.File(n)))
	}
	slices.SortStableFunc(rules, func(a, b Rule) int { return slices.Index(Axes, a.Axis) - slices.Index(Axes, b.Axis) })
	return rules
}

var registry = func() map[CheckID]Rule {
	byID := map[CheckID]Rule{}
	for _, rule := range Rules() {
		byID[rule.ID] = rule
	}
	return byID
}()

func hashRule(dg lds.File) Rule {
	return Rule{
		CheckIntegrityOf(dg), AxisIntegrity, "ICAO 9303-11 §5.1",
		fmt.Sprintf("Is the hash of %v, as read, the one in the signed list of EF.SOD?", dg),
		map[Outcome]string{
			Passed:     "the bytes that were read hash to what the list says",
			Failed:     "the file was changed, is another's, or is not in the list",
			NotChecked: "EF.SOD is not usable",
		},
	}
}
