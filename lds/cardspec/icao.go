package cardspec

import (
	"slices"

	"cnie/lds"
)

// icaoFiles are the files of any document that follows Doc 9303.
func icaoFiles() []File {
	return []File{
		{lds.CardAccess, true, Free, Documented, icao10 + ": when PACE is there"},
		{lds.ATRInfo, false, Free, Documented, icao10 + " §3.11.1: with extended length"},
		{lds.DIR, false, Free, Documented, icao10 + " §3.11.2: with several applications"},
		{lds.CardSecurity, false, Basic, Documented, icao11 + " §9.2: with PACE-CAM"},
		{lds.CVCA, false, Basic, Documented, icao11 + " §7.1.4: with Terminal Authentication"},
		{lds.COM, true, Basic, Documented, icao10 + " §4.6.1"},
		{lds.SOD, true, Basic, Documented, icao10 + " §4.6.2"},
		{lds.DG1, true, Basic, Documented, icao10 + " §4.7.1"},
		{lds.DG2, true, Basic, Documented, icao10 + " §4.7.2"},
		{lds.DG3, false, Extended, Documented, icao10 + " §4.7.3: optional"},
		{lds.DG4, false, Extended, Documented, icao10 + " §4.7.4: optional"},
		{lds.DG5, false, Basic, Documented, icao10 + " §4.7.5: optional"},
		{lds.DG7, false, Basic, Documented, icao10 + " §4.7.7: optional"},
		{lds.DG8, false, Basic, Documented, icao10 + " §4.7.8: optional, form of the issuer"},
		{lds.DG9, false, Basic, Documented, icao10 + " §4.7.9: optional, form of the issuer"},
		{lds.DG10, false, Basic, Documented, icao10 + " §4.7.10: optional, form of the issuer"},
		{lds.DG11, false, Basic, Documented, icao10 + " §4.7.11: optional"},
		{lds.DG12, false, Basic, Documented, icao10 + " §4.7.12: optional"},
		{lds.DG13, false, Basic, Documented, icao10 + " §4.7.13: optional, form of the issuer"},
		{lds.DG14, false, Basic, Documented, icao10 + " §4.7.14: with Chip Authentication or PACE-CAM"},
		{lds.DG15, false, Basic, Documented, icao10 + " §4.7.15: with Active Authentication"},
		{lds.DG16, false, Basic, Documented, icao10 + " §4.7.16: optional"},
	}
}

var icaoFacts = []Fact{
	{"eMRTD application", "A0000002471001", Documented, icao10},
	{"access", "PACE, or BAC on older documents", Documented, icao11 + " §4"},
	{"chip proof", "Active Authentication, Chip Authentication or PACE-CAM, each optional", Documented, icao11 + " §6"},
}

// passport is any electronic passport.
func passport() Spec {
	return Spec{
		Name: "passport", Title: "Electronic passport, TD3",
		AID: lds.AID, Format: lds.TD3,
		Files: icaoFiles(),
		Facts: append(slices.Clone(icaoFacts),
			Fact{"MRZ format", "TD3, document code P, a second letter as the state likes", Documented, "ICAO Doc 9303-4 §4.2"},
			Fact{"CAN", "none as a rule: the zone opens the chip", Documented, icao11 + " §4.4"}),
	}
}

// residencePermit is a residence permit for foreigners, of Morocco or elsewhere.
func residencePermit() Spec {
	return Spec{
		Name: "residence", Title: "Residence permit, TD1",
		AID: lds.AID, Format: lds.TD1, CANDigits: 6,
		Codes: []string{"IR", "AR", "CR"},
		Files: icaoFiles(),
		Facts: append(slices.Clone(icaoFacts),
			Fact{"MRZ format", "TD1, document code IR, AR or CR", Assumed, "ICAO Doc 9303-5 §4.2 leaves the second letter to the state; R is the custom for permits"},
			Fact{"CAN", "6 digits where one is printed", Assumed, icao11 + " §4.4; the length is the issuer's choice"},
			Fact{"content of the Moroccan permit's chip", "", Unknown, sought}),
	}
}
