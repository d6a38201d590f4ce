package pki

// stoppedBefore is why a check may be missing that can always be made; of every
// other check it is one reason more.
const stoppedBefore = "judging was stopped before"

// cardRules are the checks that need nothing but the card.
var cardRules = []Rule{
	{
		CheckAccessProtocol, AxisAccess, "ICAO 9303-11 §4.2",
		"Was the chip opened by PACE, or by BAC where the policy allows it?",
		map[Outcome]string{
			Passed:     "opened by PACE",
			Warned:     "opened by Basic Access Control, which the policy allows",
			Failed:     "opened otherwise, or nothing was read because the chip offers nothing better",
			NotChecked: "the chip broke the protocol before it was open",
		},
	},
	{
		CheckAccessChannel, AxisAccess, "ICAO 9303-11 §9.8",
		"Did every protected response carry a right checksum?",
		map[Outcome]string{
			Passed:        "secure messaging held to the end",
			Failed:        "a response was forged or damaged, and nothing after it was read",
			NotChecked:    stoppedBefore,
			NotApplicable: "the chip was not opened, so that no response was protected",
		},
	},
	{
		CheckAccessDowngrade, AxisAccess, "ICAO 9303-11 §9.2",
		"Does the unsigned EF.CardAccess offer exactly what the signed EF.DG14 says?",
		map[Outcome]string{
			Passed:        "everything that it offers is in EF.DG14, and in EF.CardSecurity if that was needed, byte for byte",
			Failed:        "somebody added or changed a way to open the chip, or removed the file",
			NotChecked:    "no intact EF.DG14 to compare with",
			NotApplicable: "the chip offers no PACE, and nothing signed says that it should",
		},
	},
	{
		CheckAccessWithheld, AxisAccess, "ICAO 9303-11 §9.2.11",
		"Does EF.CardAccess announce every way to run PACE that the issuer signed?",
		map[Outcome]string{
			Passed:        "it announces all of them, so that the strongest could be taken",
			Failed:        "somebody took one away",
			NotChecked:    "no intact EF.DG14 to compare with",
			NotApplicable: "there is no EF.CardAccess",
		},
	},
	{
		CheckAccessFallback, AxisAccess, "ICAO 9303-11 §4.2",
		"Was a chip that offers PACE opened by nothing less?",
		map[Outcome]string{
			Passed:        "opened by PACE",
			Failed:        "opened otherwise, although EF.CardAccess offers PACE",
			NotChecked:    "the chip broke the protocol before it was open",
			NotApplicable: "the chip offers no PACE",
		},
	},
	{
		CheckAccessReplay, AxisAccess, "ICAO 9303-11 §4.1",
		"Was a card there, and not the recording of one?",
		map[Outcome]string{
			Passed:     "the evidence is not marked as that of a replay",
			Failed:     "a recording was played to the reader; no policy accepts that",
			NotChecked: stoppedBefore,
		},
	},
	{
		CheckIntegritySOD, AxisIntegrity, "ICAO 9303-10 §4.6.2",
		"Is EF.SOD a well-formed signed list of hashes?",
		map[Outcome]string{
			Passed:     "it lists hashes and has one signer",
			Warned:     "it departs from its format in ways that change nothing, which the reason lists",
			Failed:     "it is malformed, contradicts itself, has not exactly one signer, or the card denies having it",
			NotChecked: "it was not read",
		},
	},
	{
		CheckIntegrityPresence, AxisIntegrity, "ICAO 9303-10 §4.6.2",
		"Did the card hand over every file that was asked for and that EF.SOD lists?",
		map[Outcome]string{
			Passed:     "every file that was asked for was read",
			Failed:     "the card denies having a file that its issuer signed",
			NotChecked: "a file could not be read, or EF.DG14 or EF.DG15 was not asked for",
		},
	},
	{
		CheckIntegritySigned, AxisIntegrity, "RFC 5652 §5.6",
		"Does the document signer's signature over the list of hashes verify?",
		map[Outcome]string{
			Passed:     "the signature verifies",
			Failed:     "it does not, the list is another than was signed, or the signer's certificate is missing or unreadable",
			NotChecked: "EF.SOD is not usable",
		},
	},
	{
		CheckIntegrityDigest, AxisIntegrity, "ICAO 9303-12 §4.1",
		"Are the hash and signature algorithms ones that still resist forgery?",
		map[Outcome]string{
			Passed:     "hashes and key are strong enough for new documents",
			Warned:     "strong enough when the document was signed, but no longer (SHA-1, short keys)",
			Failed:     "too weak on the day of signing already, by the policy's table",
			NotChecked: "there is no verified signature",
		},
	},
	{
		CheckChip, AxisChip, "ICAO 9303-11 §6.2",
		"Did the chip prove that it holds the private key to its signed public key?",
		map[Outcome]string{
			Passed:        "the transcript of Chip Authentication verifies",
			Failed:        "the chip refused, or answered as one that lacks the key",
			NotChecked:    "the chip offers no proof, or none was tried",
			NotApplicable: "the chip offers another proof instead, or another holds and this was not tried",
		},
	},
	{
		CheckActive, AxisChip, "ICAO 9303-11 §6.1",
		"Did the chip sign a fresh nonce with the private key to its signed public key?",
		map[Outcome]string{
			Passed:        "the signature of Active Authentication verifies",
			Warned:        "it verifies, but departs from the standard or is of a key or hash too weak for new documents, as the reason says",
			Failed:        "the chip refused, signed otherwise or something else, or its key is weaker than anything that the policy takes",
			NotChecked:    "it was not tried, or the key in EF.DG15 is of a kind that is not known here",
			NotApplicable: "EF.SOD lists no EF.DG15, or another proof holds and this was not tried",
		},
	},
	{
		CheckMapping, AxisChip, "ICAO 9303-11 §4.4.3.5",
		"Did the chip prove, as PACE opened it, that it holds the private key to its signed public key?",
		map[Outcome]string{
			Passed:        "the chip authentication data fit the key in EF.DG14, and in EF.CardSecurity; or in the latter alone, where another proof holds",
			Warned:        "they fit the key in EF.CardSecurity, but EF.DG14 does not have it, and no other proof says that both are of one card",
			Failed:        "they do not, they are missing, or no signed file has the key",
			NotChecked:    "EF.SOD is not usable",
			NotApplicable: "PACE ran with another mapping",
		},
	},
	{
		CheckHolderPIN, AxisHolder, "ISO 7816-4 §11.5.6",
		"Did the holder prove knowledge of a PIN?",
		map[Outcome]string{NotApplicable: "no PIN was asked for", NotChecked: stoppedBefore},
	},
}
