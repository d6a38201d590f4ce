package simulator

import (
	"crypto/sha1"

	"cnie/lds"
)

// References of the passwords: ICAO 9303-11 §4.4.4.1 has the first two,
// TR-03110-3 §B.11.1 all of them.
const (
	passwordMRZ = 0x01
	passwordCAN = 0x02
	passwordPIN = 0x03
	passwordPUK = 0x04
)

// tries are those that a password has left which blocks itself. There are none
// to count where most is 0.
type tries struct{ most, left int }

// password is f(π) of ICAO 9303-11 §9.7.3, nil when the card has no such one.
func (d *document) password(reference byte) []byte {
	var text string
	switch reference {
	case passwordMRZ:
		if d.card.MRZ == (lds.MRZKey{}) {
			return nil
		}
		digest := sha1.Sum(d.card.MRZ.Seed())
		return digest[:]
	case passwordCAN:
		text = d.card.CAN
	case passwordPIN:
		text = d.card.PIN
	case passwordPUK:
		text = d.card.PUK
	}
	if text == "" {
		return nil
	}
	return []byte(text)
}

// counter is what counts the tries of a password; nil: nothing does.
func (d *document) counter(reference byte) *tries {
	switch {
	case reference == passwordPIN && d.pin.most > 0:
		return &d.pin
	case reference == passwordPUK && d.puk.most > 0:
		return &d.puk
	}
	return nil
}

// standing answers MSE:Set AT: how many tries are left once one was spent.
// TR-03110-3 §B.11.1.
func (d *document) standing(reference byte) Status {
	if c := d.counter(reference); c != nil && c.left < c.most {
		return swTriesLeft | Status(c.left)
	}
	return swOK
}

// usable tells whether a password may be tried now. The last try of the PIN is
// kept for somebody who holds the card and reads its CAN, so that nobody blocks
// it from a distance: TR-03110-2 §3.3.1.
func (d *document) usable(reference byte) Status {
	c := d.counter(reference)
	switch {
	case c == nil:
		d.hesitate()
		return swOK
	case c.left == 0:
		return swMethodBlocked
	case reference == passwordPIN && c.left == 1 && d.proved != passwordCAN:
		return swConditions
	}
	return swOK
}

// tried counts the proof of a password.
func (d *document) tried(reference byte, right bool) Status {
	c := d.counter(reference)
	switch {
	case c == nil:
		d.guessed(right)
	case right:
		c.left = c.most
	default:
		c.left--
		return swTriesLeft | Status(c.left)
	}
	if !right {
		return swAuthentication
	}
	return swOK
}

// resetCounter answers RESET RETRY COUNTER without data: whoever proved the PUK
// gives the PIN its tries back (TR-03110-3 §B.11.4).
func (d *document) resetCounter(cmd Command) Response {
	switch {
	case d.card.PIN == "":
		return fail(swInstruction)
	case cmd.p12() != 0x0300|passwordPIN:
		return fail(swIncorrectP1P2)
	case len(cmd.Data) != 0:
		return fail(swWrongLength)
	case d.proved != passwordPUK:
		return fail(swSecurityStatus)
	}
	d.pin.left = d.pin.most
	return ok(nil)
}
