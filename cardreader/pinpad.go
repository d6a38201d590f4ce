package cardreader

import (
	"context"
	"errors"
	"time"

	"cnie/apdu"
)

// PINPad is what a Card also is when its reader may have keys of its own: the PIN
// goes from them to the card and is never in the computer (PC/SC part 10).
type PINPad interface {
	// HasPINPad tells whether this reader has keys for that.
	HasPINPad(ctx context.Context) (bool, error)
	// VerifyPIN has the person type a PIN on the reader, which puts it into the
	// command and sends that. It returns the card's answer, or one of the errors
	// below. The person is to be told before. A context that ends meanwhile ends
	// the card: nobody can take the command back.
	VerifyPIN(ctx context.Context, entry PINEntry) (apdu.Status, error)
}

// PINEntry is a command whose data field is the place of a PIN, in ASCII and from
// its beginning.
type PINEntry struct {
	Command  []byte        // the field filled with what follows a PIN that is shorter
	Min, Max int           // characters
	Wait     time.Duration // for the first key, in whole seconds; 0: the reader's own
}

// Why a PIN pad gave the card no PIN. None costs a try.
var (
	ErrNoPINPad     = errors.New("the reader has no keys to type a PIN on")
	ErrPINTimeout   = errors.New("no PIN was typed on the reader in time")
	ErrPINCancelled = errors.New("the PIN was cancelled on the reader")
	ErrPINMismatch  = errors.New("the PINs typed on the reader differ")
	ErrPINLength    = errors.New("the PIN typed on the reader is too short or too long")
)
