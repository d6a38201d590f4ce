package piv

import (
	"bytes"
	"crypto/subtle"

	"cnie/simulator"
)

// Key references of the passwords, SP 800-73-5 part 1 table 4b.
const (
	refPIN = 0x80
	refPUK = 0x81
)

// fieldSize is the length of a password on the wire, filled up with FF.
const fieldSize = 8

// field is the password as it travels.
func (p *Password) field() []byte {
	b := bytes.Repeat([]byte{0xFF}, fieldSize)
	copy(b, p.Value)
	return b
}

// check spends a try before it looks, so that a card torn from the reader in
// between has not given one away, and compares in constant time.
func (p *Password) check(field []byte) simulator.Status {
	if p.Left <= 0 {
		return swBlocked
	}
	p.Left--
	if subtle.ConstantTimeCompare(p.field(), field) != 1 {
		return p.tries()
	}
	p.Left = p.Tries
	return swOK
}

// tries tells how many are left. The status word has a digit for it.
func (p *Password) tries() simulator.Status { return swTriesLeft | simulator.Status(min(p.Left, 15)) }

// set takes a new value and all tries with it.
func (p *Password) set(field []byte) {
	p.Value, p.Left = bytes.TrimRight(bytes.Clone(field), "\xFF"), p.Tries
}

// acceptable tells whether a field may become the PIN: six to eight digits and
// nothing but filling after them (SP 800-73-5 part 2 §2.4.3).
func acceptable(field []byte) bool {
	digits := bytes.TrimRight(field, "\xFF")
	return len(digits) >= 6 && len(bytes.Trim(digits, "0123456789")) == 0
}

// verify answers VERIFY, SP 800-73-5 part 2 §3.2.1. A field that can be no PIN
// costs a try like any wrong one; one of another length is no PIN field.
func (a *Applet) verify(cmd simulator.Command) simulator.Status {
	switch {
	case cmd.P2 != refPIN:
		return swReferenceNotFound
	case cmd.P1 == 0xFF && len(cmd.Data) == 0:
		a.verified = false
		return swOK
	case cmd.P1 != 0:
		return swIncorrectP1P2
	case len(cmd.Data) == 0:
		return a.needed()
	case len(cmd.Data) != fieldSize:
		return swIncorrectData
	}
	sw := a.contents.PIN.check(cmd.Data)
	a.verified = sw == swOK
	a.after.verified = a.verified
	return sw
}

// needed says whether the PIN is to be given, and how often it may be wrong.
func (a *Applet) needed() simulator.Status {
	switch {
	case a.verified:
		return swOK
	case a.contents.PIN.Left <= 0:
		return swBlocked
	}
	return a.contents.PIN.tries()
}

// changeReference answers CHANGE REFERENCE DATA, SP 800-73-5 part 2 §3.2.2: the
// old value, then the new one. A new value that will not do is refused before the
// old one is looked at.
func (a *Applet) changeReference(cmd simulator.Command) simulator.Status {
	if cmd.P1 != 0 {
		return swIncorrectP1P2
	}
	var password *Password
	switch cmd.P2 {
	case refPIN:
		password = &a.contents.PIN
	case refPUK:
		password = &a.contents.PUK
	default:
		return swReferenceNotFound
	}
	if password.Left <= 0 {
		return swBlocked
	}
	if len(cmd.Data) != 2*fieldSize {
		return swIncorrectData
	}
	old, next := cmd.Data[:fieldSize], cmd.Data[fieldSize:]
	if cmd.P2 == refPIN && !acceptable(next) { // a PUK may be anything
		return swIncorrectData
	}
	sw := password.check(old)
	if sw == swOK {
		password.set(next)
	}
	if cmd.P2 == refPIN {
		a.verified = sw == swOK
	}
	return sw
}

// resetRetryCounter answers RESET RETRY COUNTER, SP 800-73-5 part 2 §3.2.3: the
// PUK, then a new PIN. It does not open the card.
func (a *Applet) resetRetryCounter(cmd simulator.Command) simulator.Status {
	switch {
	case cmd.P1 != 0:
		return swIncorrectP1P2
	case cmd.P2 != refPIN:
		return swReferenceNotFound
	case a.contents.PUK.Left <= 0:
		return swBlocked
	case len(cmd.Data) != 2*fieldSize, !acceptable(cmd.Data[fieldSize:]):
		return swIncorrectData
	}
	sw := a.contents.PUK.check(cmd.Data[:fieldSize])
	if sw != swOK {
		a.verified = false
		return sw
	}
	a.contents.PIN.set(cmd.Data[fieldSize:])
	return swOK
}
