package emrtd

import (
	"context"

	"cnie/cardreader/emrtd/access"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/cms"
)

// authenticateChip runs Chip Authentication if the EF.DG14 just read offers it. A
// chip that proved itself in PACE already does not do so twice. The terminal's
// own proof, if it has one to give, is bound to the keys that come of it.
func (r *reading) authenticateChip(ctx context.Context) error {
	offered, err := lds.ParseDG14(r.evidence.Files[lds.DG14])
	if err != nil { // refused or malformed, which the judge sees too
		return nil
	}
	if r.mapped(offered) {
		r.log.DebugContext(ctx, "the chip proved itself in PACE")
		return r.authenticateTerminal(ctx, offered)
	}
	r.begin(ctx, StepChip, 0, "authenticate the chip")
	transcript, err := access.ChipAuthentication(ctx, r.card, r.opening, offered, r.Rand)
	if err != nil {
		return err
	}
	r.session, r.evidence.Chip = r.opening.Session, transcript
	if transcript != nil {
		r.log.DebugContext(ctx, "chip authentication", "outcome", string(transcript.Outcome))
	}
	if r.session == nil {
		return r.reopen(ctx)
	}
	if transcript == nil || transcript.Outcome != pki.ChipPerformed {
		return nil
	}
	return r.authenticateTerminal(ctx, offered)
}

// mapped reports whether the chip's proof in PACE fits a key that it shows. Who
// signed that key is for the judge.
func (r *reading) mapped(offered lds.SecurityInfos) bool {
	proof := r.evidence.Mapping
	if proof == nil {
		return false
	}
	if proof.Fits(offered) {
		return true
	}
	signed, err := cms.Parse(r.evidence.Files[lds.CardSecurity])
	if err != nil {
		return false
	}
	infos, err := lds.ParseCardSecurityContent(signed.Content)
	return err == nil && proof.Fits(infos)
}
