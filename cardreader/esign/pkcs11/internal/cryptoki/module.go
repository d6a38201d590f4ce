package cryptoki

import (
	"errors"
	"fmt"
)

// Module is the part of the standard that signing takes. Errors that the module
// returns are an [Error].
type Module interface {
	Initialize() error
	Finalize() error
	Info() (Info, error)
	Slots() ([]uint, error) // with a token in them
	SlotInfo(slot uint) (SlotInfo, error)
	TokenInfo(slot uint) (TokenInfo, error)
	Mechanisms(slot uint) ([]uint, error)
	OpenSession(slot, flags uint) (Session, error)
	CloseSession(Session) error
	State(Session) (uint, error)
	// Login gives the module the PIN without a copy of it; an empty one stands for
	// the reader's own keys.
	Login(s Session, user uint, pin []byte) error
	Logout(Session) error
	// Find lists at most so many of the objects that have all the attributes.
	Find(s Session, template []Attribute, most int) ([]Object, error)
	Attribute(s Session, o Object, kind uint) ([]byte, error)
	SignInit(s Session, m Mechanism, key Object) error
	Sign(s Session, data []byte) ([]byte, error)
}

// Session and Object are a module's handles.
type (
	Session uint
	Object  uint
)

// Info is what a module says about itself. Texts are filled with blanks here and
// below, as the module has them.
type Info struct {
	Manufacturer, Description string
	Major, Minor              byte
}

// SlotInfo describes a slot.
type SlotInfo struct {
	Description, Manufacturer string
	Flags                     uint
}

// TokenInfo describes a token.
type TokenInfo struct {
	Label, Manufacturer, Model, Serial string
	Flags, MaxPIN, MinPIN              uint
}

// Attribute is of an object: a Value, or without one a Number (CK_ULONG).
type Attribute struct {
	Kind   uint
	Value  []byte
	Number uint
}

// Mechanism is how to sign; PSS is nil but for RSA-PSS.
type Mechanism struct {
	Kind uint
	PSS  *PSS
}

// PSS are the parameters of RSA-PSS.
type PSS struct{ Hash, MGF, Salt uint }

// ErrNoModule says that a file is no module, or one that lacks a function.
var ErrNoModule = errors.New("the file is no PKCS #11 module")

// ErrBounds says that a module's answer does not fit what it was given.
var ErrBounds = errors.New("the PKCS #11 module told a length that cannot be")

// Error is a return value of the standard.
type Error uint

// Error names those that people meet.
func (e Error) Error() string {
	if name := names[e]; name != "" {
		return fmt.Sprintf("PKCS #11: %s (0x%X)", name, uint(e))
	}
	return fmt.Sprintf("PKCS #11: 0x%X", uint(e))
}
