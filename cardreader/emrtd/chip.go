package emrtd

import (
	"context"

	"cnie/cardreader/emrtd/access"
	"cnie/lds"
	"cnie/pki"
)

// authenticateChip runs Chip Authentication if the EF.DG14 just read offers it. A
// chip that proved itself in PACE already, with a key that EF.DG14 has, does not do
// so twice: that it has a key of EF.CardSecurity ties it to no EF.SOD. The terminal's
// own proof, if it has one to give, is bound to the keys that come of it.
func (r *reading) authenticateChip(ctx context.Context) error {
	offered, err := lds.ParseDG14(r.evidence.Files[lds.DG14])
	if err != nil { // refused or malformed, which the judge sees too
		return nil
	}
	if r.evidence.Mapping != nil && r.evidence.Mapping.Fits(offered) { // who signed the key is for the judge
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
