package trace

import "cnie/apdu"

// secretive are the instructions whose data field is, or holds, a PIN, an
// unblocking key or a private key in clear: VERIFY, CHANGE REFERENCE DATA and
// RESET RETRY COUNTER with their relatives (ISO 7816-4 §11.6), and the
// instructions with which tokens import private and administration keys.
var secretive = map[byte]bool{
	0x20: true, 0x21: true, 0x24: true, 0x25: true, 0x2C: true, 0x2D: true,
	0x26: true, 0x27: true, 0x28: true, 0x29: true, 0xFE: true, 0xFF: true,
}

// Mask makes the part of an entry that tells of a command. What may carry a
// secret keeps its header and length field; the rest is only counted, whether or
// not secure messaging covers it, since the keys of that lie in the same file.
func Mask(command []byte) (send Hex, masked int) {
	keep := len(command)
	if len(command) > 5 && secretive[command[1]] {
		keep = 5
		if command[4] == 0 { // extended length fields, ISO 7816-4 §5.2
			keep = min(7, len(command))
		}
	}
	return append(Hex(nil), command[:keep]...), len(command) - keep
}

// Matches reports whether a command is the one that was recorded. Of what is
// masked only the length can be compared.
func (e Entry) Matches(command []byte) bool {
	send, masked := Mask(command)
	return masked == e.Masked && string(send) == string(e.Send)
}

// Exchange makes the entry of one command and its answer.
func Exchange(command, answer []byte, failure Failure) Entry {
	e := Entry{Receive: append(Hex(nil), answer...), Failure: failure}
	if failure != "" {
		e.Receive = nil
	}
	e.Send, e.Masked = Mask(command)
	return e
}

// instruction is the INS byte of an exchange.
func (e Entry) instruction() byte {
	if h := e.Outline().Header; len(h) == 4 {
		return h[1]
	}
	return 0
}

// secured reports whether the command came under secure messaging.
func (e Entry) secured() bool {
	h := e.Outline().Header
	return len(h) == 4 && h[0]&0x80 == 0 && h[0]&apdu.CLASecureMessaging == apdu.CLASecureMessaging
}
