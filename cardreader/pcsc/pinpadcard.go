//go:build cgo || windows

package pcsc

import (
	"context"

	"github.com/ebfe/scard"

	"cnie/apdu"
	"cnie/cardreader"
)

var _ cardreader.PINPad = (*card)(nil)

// driver speaks with the driver over the card's own connection.
func (c *card) driver() driver {
	return func(code uint32, in []byte) ([]byte, error) {
		answer, err := c.handle.Control(code, in)
		return answer, failed("ask the reader", err)
	}
}

// HasPINPad implements [cardreader.PINPad].
func (c *card) HasPINPad(ctx context.Context) (bool, error) {
	code, err := inTurn(ctx, c, func() (uint32, error) {
		code, err := c.driver().verifyCode(scard.CtlCode(getFeatures))
		return code, c.diagnosed(err)
	})
	return code != 0, err
}

// VerifyPIN implements [cardreader.PINPad].
func (c *card) VerifyPIN(ctx context.Context, entry cardreader.PINEntry) (apdu.Status, error) {
	return inTurn(ctx, c, func() (apdu.Status, error) {
		status, err := c.driver().verify(scard.CtlCode(getFeatures), entry)
		return status, c.diagnosed(err)
	})
}

// diagnosed is diagnose for what may have gone well.
func (c *card) diagnosed(err error) error {
	if err == nil {
		return nil
	}
	return c.diagnose(err)
}
