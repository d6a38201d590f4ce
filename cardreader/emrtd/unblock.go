package emrtd

import (
	"cmp"
	"context"
	"fmt"

	"cnie/apdu"
	"cnie/cardreader/emrtd/access"
)

// UnblockPIN opens the card with its PUK, which is Options.Password, and gives
// the PIN its tries back. Nothing is read.
func UnblockPIN(ctx context.Context, t apdu.Transmitter, o Options) error {
	o.Files = nil
	r, err := newReading(t, o)
	if err != nil {
		return err
	}
	defer r.close()
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(o.Timeout, DefaultTimeout))
	defer cancel()
	if err := r.cardAccess(ctx); err != nil {
		return fmt.Errorf("%s: %w", r.doing, err)
	}
	if len(r.offered.PACE) == 0 {
		return fmt.Errorf("open the chip: %w", access.ErrUnsupported)
	}
	r.begin(ctx, StepAccess, 0, "open the chip by PACE")
	if err := r.patiently(func() (*access.Opening, error) { return r.pace(ctx) }); err != nil {
		return fmt.Errorf("%s: %w", r.doing, err)
	}
	return access.Unblock(ctx, r.opening)
}
