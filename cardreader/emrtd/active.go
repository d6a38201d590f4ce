package emrtd

import (
	"context"
	"fmt"
	"io"

	"cnie/cardreader/emrtd/access"
	"cnie/lds"
	"cnie/pki"
)

// authenticateActively has the chip sign, if there is an EF.DG15. It comes last:
// by then everything is read, and a chip that loses its session over it loses
// nothing else.
func (r *reading) authenticateActively(ctx context.Context) error {
	dg15, there := r.evidence.Files[lds.DG15]
	if !there {
		return nil
	}
	r.begin(ctx, StepActive, lds.DG15, "have the chip sign")
	nonce, err := r.nonce()
	if err != nil {
		return err
	}
	r.evidence.Active, err = access.ActiveAuthentication(ctx, r.card, r.session, dg15, nonce)
	if r.evidence.Active != nil {
		r.log.DebugContext(ctx, "active authentication", "outcome", string(r.evidence.Active.Outcome))
	}
	return err
}

// nonce is what the chip shall sign: random, or bound to the challenge of
// somebody who is elsewhere.
func (r *reading) nonce() ([]byte, error) {
	if len(r.Challenge) > 0 {
		return pki.ActiveNonce(r.Challenge, r.evidence.Files[lds.SOD]), nil
	}
	nonce := make([]byte, access.NonceSize)
	if _, err := io.ReadFull(r.Rand, nonce); err != nil {
		return nil, fmt.Errorf("random number: %w", err)
	}
	return nonce, nil
}
