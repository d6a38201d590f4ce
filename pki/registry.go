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
	CheckAccessProtocol    CheckID = "access.protocol"
	CheckAccessChannel     CheckID = "access.channel"
	CheckAccessDowngrade   CheckID = "access.downgrade"
	CheckIntegrityPresence CheckID = "integrity.presence"
	CheckIntegritySOD      CheckID = "integrity.sod"
	CheckIntegritySigned   CheckID = "integrity.signature"
	CheckIntegrityDigest   CheckID = "integrity.algorithm"
	CheckIssuerPath        CheckID = "issuer.path"
	CheckIssuerProfile     CheckID = "issuer.profile"
	CheckIssuerKeyUsage    CheckID = "issuer.key-usage"
	CheckIssuerCountry     CheckID = "issuer.country"
	CheckIssuerDocument    CheckID = "issuer.document-type"
	CheckChip              CheckID = "chip.authentication"
	CheckValidityDocument  CheckID = "validity.document"
	CheckValiditySigner    CheckID = "validity.dsc"
	CheckValiditySigning   CheckID = "validity.signing"
	CheckValidityCSCA      CheckID = "validity.csca"
	CheckRevocation        CheckID = "revocation.crl"
	CheckHolderPIN         CheckID = "holder.pin"
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
}

// Rules lists the registry in the order of the axes.
func Rules() []Rule {
	rules := slices.Clone(fixedRules)
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
	return Rule{CheckIntegrityOf(dg), AxisIntegrity, "ICAO 9303-11 §5.1", fmt.Sprintf("Is the hash of %v, as read, the one in the signed list of EF.SOD?", dg)}
}

var fixedRules = []Rule{
	{CheckAccessProtocol, AxisAccess, "ICAO 9303-11 §4.2", "Was the chip opened by PACE, or by BAC where the policy allows it?"},
	{CheckAccessChannel, AxisAccess, "ICAO 9303-11 §9.8", "Did every protected response carry a right checksum?"},
	{CheckAccessDowngrade, AxisAccess, "ICAO 9303-11 §9.2", "Does the unsigned EF.CardAccess offer exactly what the signed EF.DG14 says?"},
	{CheckIntegritySOD, AxisIntegrity, "ICAO 9303-10 §4.6.2", "Is EF.SOD a well-formed signed list of hashes?"},
	{CheckIntegrityPresence, AxisIntegrity, "ICAO 9303-10 §4.6.2", "Did the card hand over every file that was asked for and that EF.SOD lists?"},
	{CheckIntegritySigned, AxisIntegrity, "RFC 5652 §5.6", "Does the document signer's signature over the list of hashes verify?"},
	{CheckIntegrityDigest, AxisIntegrity, "ICAO 9303-12 §4.1", "Are the hash and signature algorithms ones that still resist forgery?"},
	{CheckIssuerPath, AxisIssuer, "ICAO 9303-12 §6.1", "Was the document signer certified by a country signing authority among the trust anchors?"},
	{CheckIssuerProfile, AxisIssuer, "ICAO 9303-12 §7.1", "Does the document signer certificate keep to its profile?"},
	{CheckIssuerKeyUsage, AxisIssuer, "ICAO 9303-12 §7.1", "May the document signer's key sign documents, and its issuer's key certificates?"},
	{CheckIssuerCountry, AxisIssuer, "ICAO 9303-12 §7.1", "Do the authority, the signer and the document name the same State?"},
	{CheckIssuerDocument, AxisIssuer, "ICAO 9303-12 §7.1", "May the signer sign this type of document?"},
	{CheckChip, AxisChip, "ICAO 9303-11 §6.2", "Did the chip prove that it holds the private key to its signed public key?"},
	{CheckValidityDocument, AxisValidity, "ICAO 9303-3 §4", "Is the document within its date of expiry?"},
	{CheckValiditySigner, AxisValidity, "RFC 5280 §4.1.2.5", "Is the document signer certificate in force?"},
	{CheckValiditySigning, AxisValidity, "ICAO 9303-12 §7.1", "Was the document signed while its signer's key could be used?"},
	{CheckValidityCSCA, AxisValidity, "RFC 5280 §4.1.2.5", "Is the country signing certificate in force?"},
	{CheckRevocation, AxisRevocation, "RFC 5280 §6.3", "Is the document signer absent from a current revocation list of its issuer?"},
	{CheckHolderPIN, AxisHolder, "ISO 7816-4 §11.5.6", "Did the holder prove knowledge of a PIN?"},
}
