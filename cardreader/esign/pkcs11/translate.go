package pkcs11

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"cnie/cardreader"
	"cnie/cardreader/esign"
	"cnie/cardreader/esign/pkcs11/internal/cryptoki"
)

// is tells whether an error is one of these return values.
func is(err error, codes ...cryptoki.Error) bool {
	var e cryptoki.Error
	return errors.As(err, &e) && slices.Contains(codes, e)
}

// translate says what was being done and, where it has a meaning for people,
// what is wrong.
func translate(action string, err error) error {
	switch {
	case err == nil:
		return nil
	// A session ends with the token that it is with, PKCS #11 §5.6.
	case is(err, cryptoki.TokenNotPresent, cryptoki.DeviceRemoved, cryptoki.SessionInvalid, cryptoki.SessionClosed, cryptoki.SlotInvalid):
		return fmt.Errorf("%s: %w: %w", action, cardreader.ErrCardRemoved, err)
	// A key that is for something else, such as key management.
	case is(err, cryptoki.KeyTypeInconsistent, cryptoki.KeyFunctionRefused, cryptoki.MechanismInvalid):
		return fmt.Errorf("%s: %w: %w", action, esign.ErrUnsupported, err)
	}
	return fmt.Errorf("%s: %w", action, err)
}

// noticeTime is how long a module may take to see that a token has gone: virtual
// readers are polled every 400 ms, and USB ones may take as long.
const noticeTime = 600 * time.Millisecond

// failed is translate for a call that needed the token. One that was pulled out in
// the middle of a command shows as a failure of no kind at first; its slot tells.
func (d *device) failed(action string, err error) error {
	if is(err, cryptoki.GeneralError, cryptoki.DeviceError, cryptoki.FunctionFailed, cryptoki.DeviceMemory) {
		for deadline := time.Now().Add(noticeTime); time.Now().Before(deadline); time.Sleep(noticeTime / 20) {
			if slot, asked := d.api.SlotInfo(d.slot); asked != nil || slot.Flags&cryptoki.TokenPresent == 0 {
				return fmt.Errorf("%s: %w: %w", action, cardreader.ErrCardRemoved, err)
			}
		}
	}
	return translate(action, err)
}
