package apdu

import (
	"context"
	"errors"
	"fmt"
)

// Status is the status word SW1-SW2 that ends every response, ISO 7816-4 §5.6.
type Status uint16

// Status words that this project sends or acts upon.
const (
	StatusOK                   Status = 0x9000
	StatusEndOfFile            Status = 0x6282
	StatusWrongSecret          Status = 0x6300
	StatusWrongLength          Status = 0x6700
	StatusSecurityNotSatisfied Status = 0x6982
	StatusAuthenticationLocked Status = 0x6983
	StatusConditionsOfUse      Status = 0x6985
	StatusCommandNotAllowed    Status = 0x6986
	StatusSMMissing            Status = 0x6987
	StatusSMIncorrect          Status = 0x6988
	StatusWrongData            Status = 0x6A80
	StatusFunctionNotSupported Status = 0x6A81
	StatusFileNotFound         Status = 0x6A82
	StatusWrongP1P2            Status = 0x6A86
	StatusReferenceNotFound    Status = 0x6A88
	StatusOffsetOutside        Status = 0x6B00
	StatusINSNotSupported      Status = 0x6D00
	StatusCLANotSupported      Status = 0x6E00
)

// The families that a caller tells apart, through errors.Is on a *StatusError.
var (
	ErrNotFound       = errors.New("the card does not have it")
	ErrSecurityStatus = errors.New("the card does not allow it yet")
	ErrAuthBlocked    = errors.New("the card has blocked this secret")
	ErrWrongSecret    = errors.New("the card refused the secret")
	ErrWrongLength    = errors.New("the card refused the length")
	ErrConditions     = errors.New("the card's conditions of use are not met")
	ErrNotSupported   = errors.New("the card does not support it")
	ErrSecureMessage  = errors.New("the card rejected the protected command")
)

// SW1 and SW2 are the two bytes of the status word.
func (s Status) SW1() byte { return byte(s >> 8) }

// SW2 is the second byte: a length or a counter in several families.
func (s Status) SW2() byte { return byte(s) }

// OK reports 9000, the only status without any remark.
func (s Status) OK() bool { return s == StatusOK }

// String gives the four hexadecimal digits.
func (s Status) String() string { return fmt.Sprintf("%04X", uint16(s)) }

// family folds a status word onto its sentinel, nil when it has none.
func (s Status) family() error {
	switch {
	case s == 0x63C0, s == StatusAuthenticationLocked:
		return ErrAuthBlocked
	case s == StatusWrongSecret, s&0xFFF0 == 0x63C0:
		return ErrWrongSecret
	case s == StatusWrongLength, s.SW1() == 0x6C:
		return ErrWrongLength
	}
	return families[s]
}

var families = map[Status]error{
	StatusFileNotFound:         ErrNotFound,
	0x6A83:                     ErrNotFound,
	StatusReferenceNotFound:    ErrNotFound,
	StatusSecurityNotSatisfied: ErrSecurityStatus,
	StatusConditionsOfUse:      ErrConditions,
	StatusCommandNotAllowed:    ErrConditions,
	StatusSMMissing:            ErrSecureMessage,
	StatusSMIncorrect:          ErrSecureMessage,
	StatusFunctionNotSupported: ErrNotSupported,
	StatusWrongP1P2:            ErrNotSupported,
	StatusINSNotSupported:      ErrNotSupported,
	StatusCLANotSupported:      ErrNotSupported,
}

// StatusError is a card's refusal of one instruction.
type StatusError struct {
	INS byte
	SW  Status
}

// Error names the instruction, the status word and, if known, its meaning.
func (e *StatusError) Error() string {
	if family := e.SW.family(); family != nil {
		return fmt.Sprintf("%v (instruction %02X, status %v)", family, e.INS, e.SW)
	}
	return fmt.Sprintf("the card answered status %v to instruction %02X", e.SW, e.INS)
}

// Is reports whether target is the family of the status word.
func (e *StatusError) Is(target error) bool {
	family := e.SW.family()
	return family != nil && target == family
}

// Retries returns how many tries of a secret are left, when the card says it
// (63Cx, and 6983 for none). ISO 7816-4 §5.6, table 6.
func (e *StatusError) Retries() (int, bool) {
	if e.SW == StatusAuthenticationLocked {
		return 0, true
	}
	return int(e.SW & 0x0F), e.SW&0xFFF0 == 0x63C0
}

// Response is a response APDU: Nr bytes of data and the status word.
type Response struct {
	Data []byte
	SW   Status
}

// ParseResponse splits the status word off. Data aliases b.
func ParseResponse(b []byte) (Response, error) {
	if len(b) < 2 {
		return Response{}, fmt.Errorf("response of %d bytes has no status word: %w", len(b), ErrMalformed)
	}
	n := len(b) - 2
	return Response{Data: b[:n:n], SW: Status(b[n])<<8 | Status(b[n+1])}, nil
}

// Encode returns the data followed by the status word.
func (r Response) Encode() []byte {
	out := make([]byte, 0, len(r.Data)+2)
	return append(append(out, r.Data...), r.SW.SW1(), r.SW.SW2())
}

// Err is nil for 9000 and a *StatusError for any other status word.
func (r Response) Err(ins byte) error {
	if r.SW.OK() {
		return nil
	}
	return &StatusError{INS: ins, SW: r.SW}
}

// Do transmits a command and returns the data of its response, or the card's
// refusal as a *StatusError.
func Do(ctx context.Context, t Transmitter, c Command) ([]byte, error) {
	r, err := t.Transmit(ctx, c)
	if err != nil {
		return nil, err
	}
	return r.Data, r.Err(c.INS)
}
