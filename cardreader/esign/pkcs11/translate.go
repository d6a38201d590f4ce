//go:build cgo && !windows

package pkcs11

import (
	"errors"
	"fmt"
	"slices"
	"time"

	api "github.com/miekg/pkcs11"

	"cnie/cardreader"
	"cnie/cardreader/esign"
)

// is tells whether an error is one of these return values.
func is(err error, codes ...uint) bool {
	var e api.Error
	return errors.As(err, &e) && slices.Contains(codes, uint(e))
}

// translate says what was being done and, where it has a meaning for people,
// what is wrong.
func translate(action string, err error) error {
	switch {
	case err == nil:
		return nil
	// A session ends with the token that it is with, PKCS #11 §5.6.
	case is(err, api.CKR_TOKEN_NOT_PRESENT, api.CKR_DEVICE_REMOVED, api.CKR_SESSION_HANDLE_INVALID, api.CKR_SESSION_CLOSED, api.CKR_SLOT_ID_INVALID):
		return fmt.Errorf("%s: %w: %w", action, cardreader.ErrCardRemoved, err)
	// A key that is for something else, such as key management.
	case is(err, api.CKR_KEY_TYPE_INCONSISTENT, api.CKR_KEY_FUNCTION_NOT_PERMITTED, api.CKR_MECHANISM_INVALID):
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
	if is(err, api.CKR_GENERAL_ERROR, api.CKR_DEVICE_ERROR, api.CKR_FUNCTION_FAILED, api.CKR_DEVICE_MEMORY) {
		for deadline := time.Now().Add(noticeTime); time.Now().Before(deadline); time.Sleep(noticeTime / 20) {
			if slot, asked := d.api.GetSlotInfo(d.slot); asked != nil || slot.Flags&api.CKF_TOKEN_PRESENT == 0 {
				return fmt.Errorf("%s: %w: %w", action, cardreader.ErrCardRemoved, err)
			}
		}
	}
	return translate(action, err)
}
