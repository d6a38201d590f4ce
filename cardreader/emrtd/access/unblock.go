package access

import (
	"context"
	"errors"
	"fmt"

	"cnie/apdu"
)

const insResetRetryCounter byte = 0x2C

// Unblock gives the PIN its tries back in the session of o, which the PUK must
// have opened. BSI TR-03110-3 §B.11.9: the PIN itself stays as it is.
func Unblock(ctx context.Context, o *Opening) error {
	if o.Access.Password != KindPUK {
		return fmt.Errorf("%w: the PUK unblocks a PIN, and opens nothing else", ErrPassword)
	}
	err := announce(ctx, o.Session, apdu.Command{INS: insResetRetryCounter, P1: 0x03, P2: references[KindPIN]})
	var refusal *apdu.StatusError
	if errors.As(err, &refusal) && refusal.SW == apdu.StatusConditionsOfUse {
		return fmt.Errorf("unblock the PIN: the PUK is used up: %w", err)
	}
	if err != nil {
		return fmt.Errorf("unblock the PIN: %w", err)
	}
	return nil
}
