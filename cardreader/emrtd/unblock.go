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
	return withPACE(ctx, t, o, func(ctx context.Context, r *reading) error {
		if err := r.patiently(func() (*access.Opening, error) { return r.pace(ctx) }); err != nil {
			return fmt.Errorf("%s: %w", r.doing, err)
		}
		return access.Unblock(ctx, r.opening)
	})
}

// Tries asks the card how its PIN or PUK stands, before anybody is asked for it;
// see [access.Tries].
func Tries(ctx context.Context, t apdu.Transmitter, kind string, o Options) (left int, err error) {
	err = withPACE(ctx, t, o, func(ctx context.Context, r *reading) error {
		left, err = access.Tries(ctx, r.card, kind, r.offered)
		return err
	})
	return left, err
}

// withPACE finds out what a card offers and goes on if PACE is among it.
func withPACE(ctx context.Context, t apdu.Transmitter, o Options, then func(context.Context, *reading) error) error {
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
	return then(ctx, r)
}
