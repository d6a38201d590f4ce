//go:build cgo || windows

package pcsc

import (
	"context"

	"github.com/ebfe/scard"

	"cnie/apdu"
	"cnie/cardreader"
)

var _ cardreader.PINPad = (*card)(nil)

// HasPINPad implements [cardreader.PINPad].
func (c *card) HasPINPad(ctx context.Context) (bool, error) {
	code, err := inTurn(ctx, c, func() (uint32, error) {
		code, err := driverOf(c.handle).verifyCode(scard.CtlCode(getFeatures))
		return code, c.diagnosed(err)
	})
	return code != 0, err
}

// VerifyPIN implements [cardreader.PINPad].
func (c *card) VerifyPIN(ctx context.Context, entry cardreader.PINEntry) (apdu.Status, error) {
	return inTurn(ctx, c, func() (apdu.Status, error) {
		status, err := driverOf(c.handle).verify(scard.CtlCode(getFeatures), entry)
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
