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
	e.note(CheckAccessChannel, Passed, "every protected response had a right checksum")
}

// checkDowngrade compares what the chip offered before access, unsigned, with
// what its issuer signed. Whoever sits between card and reader can only change
// the former. ICAO 9303-11 §9.2.
func (e *examination) checkDowngrade() {
	offered, has := e.evidence.Files[lds.CardAccess]
	switch {
	case e.evidence.Access.Protocol == PACE && e.signed == nil:
		e.note(CheckAccessDowngrade, NotChecked, "EF.SOD is not usable")
	case e.evidence.Access.Protocol == PACE && e.security == nil:
		e.note(CheckAccessDowngrade, NotChecked, "no intact EF.DG14 to compare EF.CardAccess with")
	case e.evidence.Access.Protocol != PACE && e.security != nil && len(e.security.PACE) > 0:
		e.note(CheckAccessDowngrade, Failed, "the signed EF.DG14 announces PACE, yet the chip was opened without it")
	case e.evidence.Access.Protocol == BAC && has && offersPACE(offered):
		e.note(CheckAccessDowngrade, Failed, "EF.CardAccess offers PACE, yet the chip was opened without it")
	case has && e.security == nil:
		e.note(CheckAccessDowngrade, NotChecked, "no intact EF.DG14 to compare EF.CardAccess with")
	case !has:
		e.note(CheckAccessDowngrade, NotApplicable, "the chip offers no PACE and nothing signed says that it should")
	default:
		e.compareOffers(offered)
	}
}

func offersPACE(offered []byte) bool {
	open, err := lds.ParseCardAccess(offered)
	return err != nil || len(open.PACE) > 0
}

func (e *examination) compareOffers(offered []byte) {
	open, err := lds.ParseCardAccess(offered)
	if err != nil {
		e.note(CheckAccessDowngrade, Failed, "EF.CardAccess is malformed")
		return
	}
	for _, raw := range open.Raw {
		if !contains(e.security.Raw, raw) {
			e.note(CheckAccessDowngrade, Failed, "EF.CardAccess offers something that the signed EF.DG14 does not know")
			return
		}
	}
	for _, info := range e.security.PACE {
		if raw, err := info.Encode(); err != nil || !contains(open.Raw, raw) {
			e.note(CheckAccessDowngrade, Failed, "EF.CardAccess withholds a way to run PACE that the signed EF.DG14 announces")
			return
		}
	}
	e.note(CheckAccessDowngrade, Passed, "EF.CardAccess offers what the signed EF.DG14 says")
}

func contains(set [][]byte, element []byte) bool {
	return slices.ContainsFunc(set, func(other []byte) bool { return bytes.Equal(other, element) })
}
