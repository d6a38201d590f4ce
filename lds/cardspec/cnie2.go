package cardspec

import "cnie/lds"

const (
	icao10 = "ICAO Doc 9303-10"
	icao11 = "ICAO Doc 9303-11"
	law    = "law 04-20, as summarised by the press"
	sought = "looked for in public material and not found"
)

// cnie2 is the Moroccan national electronic identity card issued since 2020.
func cnie2() Spec {
	return Spec{
		Name:      "cnie2",
		Title:     "Carte nationale d'identité électronique, second generation (Morocco, since 2020)",
		AID:       lds.AID,
		Format:    lds.TD1,
		Codes:     []string{"I", "ID"},
		State:     "MAR",
		CANDigits: 6,
		ATR:       []byte{0x3B, 0x85, 0x80, 0x01, 0x80, 0x73, 0x84, 0x21, 0xC0, 0x92},
		Files: []File{
			{lds.ATRInfo, false, Free, Unknown, "would tell the sizes of the chip's buffers, " + icao10 + " §3.11.1; " + sought},
			{lds.DIR, false, Free, Unknown, "would name a signature application, " + icao10 + " §3.11.2; " + sought},
			{lds.CardAccess, true, Free, Assumed, "follows from PACE, " + icao11},
			{lds.COM, true, Basic, Assumed, icao10},
			{lds.SOD, true, Basic, Assumed, icao10 + "; art. 5: figures that allow the data to be verified"},
			{lds.DG1, true, Basic, Assumed, icao10 + "; the zone opens a copy of the printed data"},
			{lds.DG2, true, Basic, Assumed, icao10 + "; the portrait is printed"},
			{lds.DG3, false, Extended, Unknown, "art. 5: fingerprints are in the chip; in which file is not public"},
			{lds.DG7, false, Basic, Unknown, "would hold the signature of the issuing authority or the holder; " + sought},
			{lds.DG11, false, Basic, Unknown, "would hold Arabic names, parents and address; one public program asks for it"},
			{lds.DG12, false, Basic, Unknown, "one public program asks for it"},
			{lds.DG13, false, Basic, Unknown, "could hold national data"},
			{lds.DG14, false, Basic, Unknown, "one public program asks for it"},
			{lds.DG15, false, Basic, Unknown, "one public program asks for it"},
			{lds.DG16, false, Basic, Unknown, "art. 6: an emergency contact may be added, in which file is not public"},
			{lds.CardSecurity, false, Basic, Unknown, "with PACE-CAM, " + icao11 + " §9.2; " + sought},
			{lds.CVCA, false, Basic, Unknown, "with Terminal Authentication, " + icao11 + " §7.1.4; " + sought},
		},
		Facts: []Fact{
			{"eMRTD application", "A0000002471001", Assumed, "the card is said to follow Doc 9303; one public program reads it so"},
			{"MRZ format", "TD1, document code I< or ID, state MAR", Documented, "check digits computed over published specimens and samples"},
			{"national number", "optional data 1 of the zone, under the composite check digit only", Documented, "check digits computed over published specimens and samples"},
			{"CIN grammar", "one or two letters, then digits", Assumed, "samples; no official grammar is published"},
			{"CAN", "6 digits on the front, to be typed by hand", Documented, law + ", art. 4; length from two public programs"},
			{"what CAN and MRZ open", "a copy in the chip of all that is printed", Documented, law + ", explanatory note"},
			{"PACE", "with CAN or MRZ", Assumed, "a CAN has no other use in Doc 9303"},
			{"PACE mapping, curve and cipher", "", Unknown, sought},
			{"BAC", "", Unknown, sought},
			{"Chip or Active Authentication", "", Unknown, sought},
			{"interface", "contactless", Documented, "press; no contacts are described anywhere"},
			{"ISO/IEC 14443 type", "", Unknown, sought},
			{"ATR", "3B 85 80 01 80 73 84 21 C0 92", Assumed, "a public list of ATR, without the card's generation; never a test"},
			{"APDU", "command chaining and extended length", Assumed, "historical bytes of that ATR, ISO/IEC 7816-4"},
			{"issuing CA", "", Unknown, "CSCA-MAROC's validity fits passports of five years, not cards of ten"},
			{"PIN", "4 digits", Assumed, "student projects quoting the platform's pages"},
			{"signature application", "", Unknown, sought},
			{"validity", "10 years; at most 7 under the age of 12", Documented, "press on decree 2-20-521"},
		},
	}
}
