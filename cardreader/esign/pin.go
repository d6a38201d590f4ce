package esign

import (
	"context"
	"errors"
	"fmt"

	"cnie/cardreader"
	"cnie/internal/secret"
)

// Unknown is the number of tries left when the card does not say.
const Unknown = -1

// What can be wrong with a PIN. A wrong one is a [*PINError].
var (
	ErrWrongPIN   = errors.New("the PIN is wrong")
	ErrPINBlocked = errors.New("the PIN is blocked")
	ErrLastTry    = errors.New("one try is left before the PIN is blocked, and it is not to be used")
	ErrPINFormat  = errors.New("a PIN of this card does not look like that; it was not tried")
	ErrPINNeeded  = errors.New("the key needs a PIN and nobody was there to ask")
)

// PINError is a card's refusal of a PIN. It is ErrWrongPIN, and ErrPINBlocked as
// well when no try is left.
type PINError struct {
	Left int // tries left, or Unknown
}

// Error says how many tries are left.
func (e *PINError) Error() string {
	switch e.Left {
	case 0:
		return ErrPINBlocked.Error()
	case Unknown:
		return ErrWrongPIN.Error()
	}
	return fmt.Sprintf("%v; %s", ErrWrongPIN, tries(e.Left))
}

// Is makes a PINError one of the sentinels.
func (e *PINError) Is(target error) bool {
	return target == ErrWrongPIN || target == ErrPINBlocked && e.Left == 0
}

// PINState is how a card and a key stand to the PIN.
type PINState struct {
	Wanted   bool // before the next signature
	Left     int  // tries left, or Unknown
	Pad      bool // the PIN is typed on the reader, not here
	Min, Max int  // its length in bytes; 0 when the card does not say
}

// Ask is what a person who is asked for a PIN should know.
type Ask struct {
	Key        Description
	Left       int    // tries left, or Unknown
	Pad        bool   // tell the person to type it on the reader, and return nothing
	Signatures int    // for how many signatures the PIN is kept; 1 but in a Session
	Reason     string // what is signed, in the caller's words; may be empty
}

// String asks in one line, without the reason.
func (a Ask) String() string {
	s := "PIN for key " + a.Key.Name()
	if a.Signatures > 1 {
		s += fmt.Sprintf(", for %d signatures", a.Signatures)
	}
	if a.Left != Unknown {
		s += ", " + tries(a.Left)
	}
	if a.Pad {
		s += "; type it on the reader"
	}
	return s
}

func tries(n int) string {
	if n == 1 {
		return "1 try is left"
	}
	return fmt.Sprintf("%d tries are left", n)
}

// Asker asks a person for a PIN. It must return when the context ends. What it
// returns is wiped by this package.
type Asker func(ctx context.Context, ask Ask) (secret.Bytes, error)

// Options say how a token's PIN is treated. Without Ask, only keys that need none
// can sign.
type Options struct {
	Ask        Asker
	UseLastTry bool // also give a PIN that would be blocked if it were wrong
	// Pad is the reader's keys, for package piv. With it the PIN is typed there and
	// never here: Ask tells the person so. A reader without any, and a back end that
	// cannot, fail with cardreader.ErrNoPINPad.
	Pad cardreader.PINPad
}

// obtain asks for the PIN that a state wants.
func obtain(ctx context.Context, o Options, state PINState, ask Ask) (secret.Bytes, error) {
	switch {
	case state.Left == 0:
		return secret.Bytes{}, &PINError{Left: 0}
	case state.Left == 1 && !o.UseLastTry:
		return secret.Bytes{}, ErrLastTry
	case o.Ask == nil:
		return secret.Bytes{}, ErrPINNeeded
	}
	ask.Left, ask.Pad = state.Left, state.Pad
	pin, err := o.Ask(ctx, ask)
	if err == nil {
		err = ctx.Err() // whoever waited for the answer has left
	}
	if err == nil && !state.Pad {
		err = fits(pin.Reveal(), state)
	}
	if err != nil {
		pin.Wipe()
		return secret.Bytes{}, err
	}
	return pin, nil
}

// fits keeps what cannot be a PIN from costing a try.
func fits(pin []byte, state PINState) error {
	if len(pin) == 0 || len(pin) < state.Min || state.Max > 0 && len(pin) > state.Max {
		return ErrPINFormat
	}
	for _, b := range pin {
		if b < ' ' || b == 0x7F || b == 0xFF { // a line end, or PIV's filling
			return ErrPINFormat
		}
	}
	return nil
}
