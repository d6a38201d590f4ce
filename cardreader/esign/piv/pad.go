package piv

import (
	"context"

	"cnie/apdu"
	"cnie/cardreader"
)

// checkPad sees to it that a PIN which is to be typed on the reader can be.
func (c *card) checkPad(ctx context.Context) error {
	if c.pad == nil {
		return nil
	}
	there, err := c.pad.HasPINPad(ctx)
	if err == nil && !there {
		err = cardreader.ErrNoPINPad
	}
	return err
}

// verifyOnPad has the reader take the PIN and put it into the field, which is filled
// as for any other (SP 800-73-5 part 2 §2.4.3).
func (c *card) verifyOnPad(ctx context.Context, field []byte) error {
	command := append([]byte{0, insVerify, 0, c.pin, pinField}, field...)
	status, err := c.pad.VerifyPIN(ctx, cardreader.PINEntry{Command: command, Min: minPIN, Max: pinField})
	if err == nil && !status.OK() {
		err = &apdu.StatusError{INS: insVerify, SW: status}
	}
	return err
}
