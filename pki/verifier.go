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
// It fails with ErrNoTime when the policy has no time, and with ErrPolicy when
// it cannot be followed.
func NewVerifier(anchors *trust.Store, policy Policy) (*Verifier, error) {
	if policy.At.IsZero() {
		return nil, ErrNoTime
	}
	if err := policy.Check(); err != nil {
		return nil, err
	}
	if anchors == nil {
		anchors = trust.NewStore(nil, nil)
	}
	return &Verifier{anchors, policy}, nil
}

// Verify judges. It never fails: what cannot be judged is notChecked. The
// context only stops work early: what was not done by then is notChecked, and
// keeps the report from being accepted even where the policy lets it be open.
func (v *Verifier) Verify(ctx context.Context, evidence *Evidence) Report {
	e := &examination{
		report:   &Report{Checks: make([]Check, 0, 40), At: v.policy.At, policy: v.policy, evidence: evidence},
		evidence: evidence, policy: v.policy, anchors: v.anchors,
	}
	for _, step := range []func(){
		e.checkAccess, e.checkReplay, e.checkFallback, e.checkChannel,
		e.openSOD, e.checkPresence, e.checkHashes, e.checkSignature, e.checkAlgorithms,
		e.openSignedFiles, e.checkCardSecurity, e.checkOffers,
		e.checkPath, e.checkPathLength, e.checkStanding, e.checkTrustAge,
		e.checkProfile, e.checkAuthorityProfile, e.checkIssuerAlgorithms, e.checkKeyUsage,
		e.checkCountry, e.checkDocumentType,
		e.checkProofs,
		e.checkDocumentDates, e.checkSignerDates, e.checkSigningTime, e.checkCSCADates, e.checkCertifying,
		e.checkRevocation, e.checkHolder,
	} {
		if ctx.Err() != nil {
			e.report.stop()
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

	signed    *cms.SignedData     // nil: EF.SOD is not usable
	object    lds.SecurityObject  // the list of hashes
	result    cms.Result          // of the signature, when it verified
	signer    *cert.Certificate   // document signer, nil: none named
	issuer    *cert.Certificate   // the CSCA that verified the signer
	path      []*cert.Certificate // from the issuer to its anchor
	intact    map[lds.File]bool   // files whose hash is in the list
	authentic bool                // the list's signature verified
	mrz       *lds.MRZ            // of an intact EF.DG1
	security  *lds.SecurityInfos  // of an intact EF.DG14

	cardSecurity *lds.SecurityInfos // of an EF.CardSecurity whose signature verified
}

func (e *examination) note(id CheckID, outcome Outcome, format string, args ...any) {
	e.report.note(id, outcome, format, args...)
}

// refuse notes a failure, or a warning where the policy tolerates it.
func (e *examination) refuse(id CheckID, allowed bool, format string, args ...any) {
	if allowed {
		e.note(id, Warned, format+", which the policy allows", args...)
		return
	}
	e.note(id, Failed, format, args...)
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
