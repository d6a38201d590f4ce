package pki

import (
	"bytes"
	"slices"

	"cnie/lds"
)

func (e *examination) checkAccess() {
	a := e.evidence.Access
	switch {
	case a.Protocol == PACE:
		e.note(CheckAccessProtocol, Passed, "opened by PACE (%s, %s, %s)", a.Mapping, a.Parameters, a.Cipher)
	case a.Protocol == BAC && e.policy.AllowBAC:
		e.note(CheckAccessProtocol, Warned, "opened by Basic Access Control, which the policy allows; a listener could break it")
	case a.Protocol == BAC:
		e.note(CheckAccessProtocol, Failed, "opened by Basic Access Control, which the policy does not allow")
	case a.Protocol == "" && e.evidence.Broken != "":
		e.note(CheckAccessProtocol, NotChecked, "the chip broke the protocol before it was open")
	case a.Protocol == "":
		e.note(CheckAccessProtocol, Failed, "the chip offers no PACE, and the policy allows nothing weaker; nothing was read")
	default:
		e.note(CheckAccessProtocol, Failed, "the chip was opened by an unknown protocol")
	}
}

// checkReplay knows no tolerance: a recording of an honest card passes every
// other check, whoever plays it.
func (e *examination) checkReplay() {
	if e.evidence.Replayed {
		e.note(CheckAccessReplay, Failed, "a recording was played to the reader; no card was there")
		return
	}
	e.note(CheckAccessReplay, Passed, "a card was read, not a recording")
}

func (e *examination) checkChannel() {
	if e.evidence.Broken != "" {
		e.note(CheckAccessChannel, Failed, "a protected response was forged or damaged (%s)", e.evidence.Broken)
		return
	}
	if p := e.evidence.Access.Protocol; p != PACE && p != BAC {
		e.note(CheckAccessChannel, NotApplicable, "the chip was not opened, so that no response was protected")
		return
	}
	e.note(CheckAccessChannel, Passed, "every protected response had a right checksum")
}

// checkFallback refuses a chip that offers PACE and was opened without it,
// whatever became of PACE: who breaks one run of it gets no weaker one.
func (e *examination) checkFallback() {
	offered, has := e.evidence.Files[lds.CardAccess]
	switch {
	case e.evidence.Access.Protocol == PACE:
		e.note(CheckAccessFallback, Passed, "opened by PACE")
	case !has || !offersPACE(offered):
		e.note(CheckAccessFallback, NotApplicable, "the chip offers no PACE")
	case e.evidence.Access.Protocol == "" && e.evidence.Broken != "":
		e.note(CheckAccessFallback, NotChecked, "the chip broke the protocol before it was open")
	default:
		e.note(CheckAccessFallback, Failed, "EF.CardAccess offers PACE, yet the chip was opened without it")
	}
}

func offersPACE(offered []byte) bool {
	open, err := lds.ParseCardAccess(offered)
	return err != nil || len(open.PACE) > 0
}

// checkOffers compares what the chip offered before access, unsigned, with what
// its issuer signed in EF.DG14 and EF.CardSecurity. Whoever sits between card
// and reader can only change the former. Each of the latter has all of it, ICAO
// 9303-11 §9.2: that one of them has could mean that it is another card's.
func (e *examination) checkOffers() {
	offered, has := e.evidence.Files[lds.CardAccess]
	signed, opened := e.signedInfos(), e.evidence.Access.Protocol == PACE
	switch {
	case !has && !opened && !announcePACE(signed):
		e.noteOffers(NotApplicable, "the chip offers no PACE and nothing signed says that it should")
	case !has && !opened:
		e.note(CheckAccessDowngrade, Failed, "a signed file announces PACE, yet the chip hides EF.CardAccess")
		e.note(CheckAccessWithheld, NotApplicable, "there is no EF.CardAccess")
	case e.signed == nil:
		e.noteOffers(NotChecked, "EF.SOD is not usable")
	case len(signed) == 0:
		e.noteOffers(NotChecked, "no intact EF.DG14 to compare EF.CardAccess with")
	default:
		e.compareOffers(offered, signed)
	}
}

func announcePACE(signed []lds.SecurityInfos) bool {
	return slices.ContainsFunc(signed, func(infos lds.SecurityInfos) bool { return len(infos.PACE) > 0 })
}

func (e *examination) noteOffers(outcome Outcome, reason string) {
	e.note(CheckAccessDowngrade, outcome, "%s", reason)
	e.note(CheckAccessWithheld, outcome, "%s", reason)
}

func (e *examination) compareOffers(offered []byte, signed []lds.SecurityInfos) {
	open, err := lds.ParseCardAccess(offered)
	if err != nil {
		e.note(CheckAccessDowngrade, Failed, "EF.CardAccess is malformed")
		e.note(CheckAccessWithheld, NotChecked, "EF.CardAccess is malformed")
		return
	}
	switch {
	case !allSigned(open, signed):
		e.note(CheckAccessDowngrade, Failed, "EF.CardAccess offers something that a signed file does not know")
	case !announced(e.evidence.Access, signed):
		e.note(CheckAccessDowngrade, Failed, "the chip was opened in a way that a signed file does not know")
	default:
		e.note(CheckAccessDowngrade, Passed, "EF.CardAccess offers nothing but what was signed")
	}
	if withheld(open, signed) {
		e.note(CheckAccessWithheld, Failed, "EF.CardAccess withholds a way to run PACE that a signed file announces")
		return
	}
	e.note(CheckAccessWithheld, Passed, "EF.CardAccess announces every way to run PACE that was signed")
}

// allSigned reports whether every element occurs in each signed file, byte for byte.
func allSigned(open lds.SecurityInfos, signed []lds.SecurityInfos) bool {
	for _, infos := range signed {
		if slices.ContainsFunc(open.Raw, func(raw []byte) bool { return !contains(infos.Raw, raw) }) {
			return false
		}
	}
	return true
}

// announced reports whether the variant of PACE that opened the chip is in each
// signed file.
func announced(a Access, signed []lds.SecurityInfos) bool {
	used := func(info lds.PACEInfo) bool { return info.OID.String() == a.OID }
	for _, infos := range signed {
		if a.Protocol == PACE && !slices.ContainsFunc(infos.PACE, used) {
			return false
		}
	}
	return true
}

func withheld(open lds.SecurityInfos, signed []lds.SecurityInfos) bool {
	for _, infos := range signed {
		for _, info := range infos.PACE {
			if raw, err := info.Encode(); err != nil || !contains(open.Raw, raw) {
				return true
			}
		}
	}
	return false
}

func contains(set [][]byte, element []byte) bool {
	return slices.ContainsFunc(set, func(other []byte) bool { return bytes.Equal(other, element) })
}
