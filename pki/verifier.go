package pki

import (
	"context"
	"fmt"

	"cnie/lds"
	"cnie/pki/cert"
	"cnie/pki/cms"
	"cnie/pki/trust"
)

// Verifier judges evidence under one policy and one set of trust anchors. It is
// safe for concurrent use.
type Verifier struct {
	anchors *trust.Store
	policy  Policy
}

// NewVerifier makes a Verifier. Anchors may be empty: then no issuer is known.
// It fails with ErrNoTime when the policy has no time.
func NewVerifier(anchors *trust.Store, policy Policy) (*Verifier, error) {
	if policy.At.IsZero() {
		return nil, ErrNoTime
	}
	if anchors == nil {
		anchors = trust.NewStore(nil, nil)
	}
	return &Verifier{anchors, policy}, nil
}

// Verify judges. It never fails: what cannot be judged is notChecked. The
// context only stops work early, and what was not done by then is notChecked.
func (v *Verifier) Verify(ctx context.Context, evidence *Evidence) Report {
	e := &examination{
		report:   &Report{At: v.policy.At, policy: v.policy, evidence: evidence},
		evidence: evidence, policy: v.policy, anchors: v.anchors,
	}
	for _, step := range []func(){
		e.checkAccess, e.checkChannel,
		e.openSOD, e.checkPresence, e.checkHashes, e.checkSignature, e.checkAlgorithms,
		e.openSignedFiles, e.checkDowngrade,
		e.checkPath, e.checkProfile, e.checkKeyUsage, e.checkCountry, e.checkDocumentType,
		e.checkChip,
		e.checkDocumentDates, e.checkSignerDates, e.checkSigningTime, e.checkCSCADates,
		e.checkRevocation, e.checkHolder,
	} {
		if ctx.Err() != nil {
			break
		}
		step()
	}
	e.report.intact = e.intact
	return *e.report
}

// examination is one report in the making. Each check reads what earlier ones
// established and writes at least one finding.
type examination struct {
	report   *Report
	evidence *Evidence
	policy   Policy
	anchors  *trust.Store

	signed    *cms.SignedData    // nil: EF.SOD is not usable
	object    lds.SecurityObject // the list of hashes
	result    cms.Result         // of the signature, when it verified
	signer    *cert.Certificate  // document signer, nil: none named
	issuer    *cert.Certificate  // the CSCA that verified the signer
	intact    map[lds.File]bool  // files whose hash is in the list
	authentic bool               // the list's signature verified
	mrz       *lds.MRZ           // of an intact EF.DG1
	security  *lds.SecurityInfos // of an intact EF.DG14
}

func (e *examination) note(id CheckID, outcome Outcome, format string, args ...any) {
	e.report.note(id, outcome, format, args...)
}

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
	case !has:
		e.note(CheckAccessDowngrade, NotApplicable, "the chip offers no PACE and nothing signed says that it should")
	default:
		e.compareOffers(offered)
	}
}

func (e *examination) compareOffers(offered []byte) {
	open, err := lds.ParseCardAccess(offered)
	if err != nil {
		e.note(CheckAccessDowngrade, Failed, "EF.CardAccess is malformed")
		return
	}
	signed := map[string]bool{}
	for _, raw := range e.security.Raw {
		signed[string(raw)] = true
	}
	unsigned := map[string]bool{}
	for _, raw := range open.Raw {
		unsigned[string(raw)] = true
		if !signed[string(raw)] {
			e.note(CheckAccessDowngrade, Failed, "EF.CardAccess offers something that the signed EF.DG14 does not know")
			return
		}
	}
	for _, info := range e.security.PACE {
		if raw, err := info.Encode(); err != nil || !unsigned[string(raw)] {
			e.note(CheckAccessDowngrade, Failed, "EF.CardAccess withholds a way to run PACE that the signed EF.DG14 announces")
			return
		}
	}
	e.note(CheckAccessDowngrade, Passed, "EF.CardAccess offers what the signed EF.DG14 says")
}

func (e *examination) checkHolder() {
	e.note(CheckHolderPIN, NotApplicable, "no PIN was asked for; the holder is compared with the photo")
}

// files names files in a sentence.
func fileList(files []lds.File) string {
	s := ""
	for i, f := range files {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprint(f)
	}
	return s
}
