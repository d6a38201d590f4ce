package pki

import (
	"bytes"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"

	"cnie/lds"
	"cnie/pki/cms"
)

// oidSecurityInfos is the type of what EF.CardSecurity signs, BSI TR-03110-3 §A.1.2.
var oidSecurityInfos = asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 3, 2, 1}

// checkCardSecurity judges EF.CardSecurity, the signed counterpart of
// EF.CardAccess in the master file, ICAO 9303-10 §3.11.4. It is signed as EF.SOD
// is, and its signer is judged as that of EF.SOD.
func (e *examination) checkCardSecurity() {
	raw, read := e.evidence.Files[lds.CardSecurity]
	if !read {
		if status, denied := e.evidence.Denied[lds.CardSecurity]; denied {
			e.note(CheckCardSecurity, NotApplicable, "the card has no EF.CardSecurity (status %04X)", status)
			return
		}
		e.note(CheckCardSecurity, NotApplicable, "EF.CardSecurity was not needed")
		return
	}
	witness, infos, reason := e.openCardSecurity(raw)
	if reason != "" {
		e.note(CheckCardSecurity, Failed, "%s", reason)
		return
	}
	e.cardSecurity = infos
	f := finding{Passed, "signed by the signer of EF.SOD"}
	if e.signer == nil || !bytes.Equal(witness.signer.Raw, e.signer.Raw) {
		f = witness.judgeSigner()
	}
	if odd := slices.Concat(witness.signed.Deviations, witness.result.Deviations); f.outcome == Passed && len(odd) > 0 {
		f = findingf(Warned, "%s; but it departs from its format: %s", f.reason, strings.Join(odd, "; "))
	}
	e.note(CheckCardSecurity, f.outcome, "%s", f.reason)
}

// openCardSecurity takes the file apart and verifies its signature. The reason
// is not empty when something is wrong with it.
func (e *examination) openCardSecurity(raw []byte) (*examination, *lds.SecurityInfos, string) {
	signed, err := cms.Parse(raw)
	switch {
	case err != nil:
		return nil, nil, "EF.CardSecurity is not a well-formed signed message"
	case !signed.ContentType.Equal(oidSecurityInfos):
		return nil, nil, "EF.CardSecurity signs something that is not a list of protocols"
	case len(signed.Signers) != 1:
		return nil, nil, fmt.Sprintf("EF.CardSecurity has %d signers instead of one", len(signed.Signers))
	}
	if !versionsFit(signed) || signed.Unannounced {
		return nil, nil, "the unsigned frame of EF.CardSecurity contradicts its content"
	}
	infos, err := lds.ParseCardSecurityContent(signed.Content)
	if err != nil {
		return nil, nil, "the list of protocols in EF.CardSecurity is malformed"
	}
	signer, found := signed.SignerCertificate(0)
	if !found {
		return nil, nil, "EF.CardSecurity does not carry its signer's certificate in readable form"
	}
	result, err := signed.Verify(0, signer)
	if err != nil {
		return nil, nil, "the signature of EF.CardSecurity does not verify"
	}
	return &examination{
		report:   &Report{At: e.policy.At, policy: e.policy},
		evidence: e.evidence, policy: e.policy, anchors: e.anchors,
		signed: signed, signer: signer, result: result, authentic: true, mrz: e.mrz,
		object: lds.SecurityObject{Hash: result.DigestAlgorithm},
	}, &infos, ""
}

// judgeSigner puts the signer through every check that the signer of EF.SOD goes
// through, and says the worst of what came out.
func (e *examination) judgeSigner() finding {
	for _, step := range []func(){
		e.checkAlgorithms,
		e.checkPath, e.checkPathLength, e.checkStanding, e.checkTrustAge,
		e.checkProfile, e.checkAuthorityProfile, e.checkIssuerAlgorithms, e.checkKeyUsage,
		e.checkCountry, e.checkDocumentType,
		e.checkSignerDates, e.checkSigningTime, e.checkCSCADates, e.checkCertifying,
		e.checkRevocation,
	} {
		step()
	}
	worst := finding{Passed, "its signer was certified by a trusted authority, and its signature verifies"}
	for _, check := range e.report.Checks {
		if severity[check.Outcome] > severity[worst.outcome] {
			worst = findingf(check.Outcome, "of its signer: %s", check.Reason)
		}
	}
	return worst
}

// severity orders outcomes by how much they weigh against a card.
var severity = map[Outcome]int{Warned: 1, NotChecked: 2, Failed: 3}

// signedInfos lists what the issuer signed of the chip's protocols.
func (e *examination) signedInfos() (all []lds.SecurityInfos) {
	for _, infos := range []*lds.SecurityInfos{e.security, e.cardSecurity} {
		if infos != nil {
			all = append(all, *infos)
		}
	}
	return all
}
