package access

import (
	"errors"
	"fmt"

	"cnie/apdu"
)

// PasswordState says how a password of the card stands.
type PasswordState uint8

// The states. A card suspends its PIN before the last try, so that nobody can
// block it from afar: the CAN, which is printed on the card, resumes it. BSI
// TR-03110-2 §3.3.
const (
	PasswordWrong       PasswordState = iota // it was not the right one
	PasswordLastTry                          // one try is left, which is not spent unasked
	PasswordSuspended                        // the same, and the CAN must come first
	PasswordBlocked                          // no try is left: a PIN needs the PUK
	PasswordDeactivated                      // the holder or the issuer switched it off
)

// PasswordError is a card's refusal of a password. It wraps ErrWrongPassword
// where the password was tried and wrong, apdu.ErrAuthBlocked where none can be
// tried, and the card's own words.
type PasswordError struct {
	Kind  string
	State PasswordState
	Tries int // that are left; -1 when the card does not say
	err   error
}

func (e *PasswordError) Error() string {
	switch e.State {
	case PasswordLastTry:
		return fmt.Sprintf("one try of the %s is left, and it is not spent unasked", e.Kind)
	case PasswordSuspended:
		return fmt.Sprintf("the %s is suspended with one try left: the CAN comes first", e.Kind)
	case PasswordBlocked:
		return fmt.Sprintf("the %s is blocked", e.Kind)
	case PasswordDeactivated:
		return fmt.Sprintf("the %s is switched off", e.Kind)
	}
	if e.Tries >= 0 {
		return fmt.Sprintf("the %s does not open this card (tries left: %d): %v", e.Kind, e.Tries, e.err)
	}
	return fmt.Sprintf("the %s does not open this card: %v", e.Kind, e.err)
}

// Unwrap gives the reasons, of which errors.Is may ask for any.
func (e *PasswordError) Unwrap() []error {
	switch e.State {
	case PasswordWrong:
		return []error{ErrWrongPassword, e.err}
	case PasswordBlocked:
		return []error{ErrWrongPassword, apdu.ErrAuthBlocked, e.err}
	}
	return []error{e.err}
}

// wrongPassword marks the refusals that ISO 7816-4 reserves for a wrong secret.
func (p Password) wrong(err error) error {
	var refusal *apdu.StatusError
	if !errors.As(err, &refusal) || refusal.SW.SW1() != 0x63 && refusal.SW != apdu.StatusAuthenticationLocked {
		return err
	}
	wrong := &PasswordError{Kind: p.kind, Tries: -1, err: err}
	if left, says := refusal.Retries(); says {
		if wrong.Tries = left; left == 0 {
			wrong.State = PasswordBlocked
		}
	}
	return wrong
}

// standing reads what the card says of a password on being told that it will be
// used (BSI TR-03110-3 §B.11.1): nothing has been tried yet. Nil: go on.
func (p Password) standing(err error, resumed, spend bool) error {
	var remark *apdu.StatusError
	if !p.counted() || !errors.As(err, &remark) {
		return err
	}
	left, counts := remark.Retries()
	e := &PasswordError{Kind: p.kind, Tries: -1, err: err}
	if counts {
		e.Tries = left
	}
	switch {
	case remark.SW == statusDeactivated:
		e.State = PasswordDeactivated
	case !counts:
		return err
	case left == 0:
		e.State = PasswordBlocked
	case left > 1 || spend && (resumed || p.kind != KindPIN):
		return nil
	case p.kind == KindPIN && !resumed:
		e.State = PasswordSuspended
	default:
		e.State = PasswordLastTry
	}
	return e
}

// statusDeactivated is ISO 7816-4's warning that the selected thing is switched off.
const statusDeactivated apdu.Status = 0x6283
