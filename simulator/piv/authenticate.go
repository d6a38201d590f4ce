package piv

import "cnie/simulator"

// The dynamic authentication template and its objects, SP 800-73-5 part 2
// §3.2.4.
const (
	tagDynamic   Tag = 0x7C
	tagWitness   Tag = 0x80
	tagChallenge Tag = 0x81
	tagResponse  Tag = 0x82
	tagPoint     Tag = 0x85 // "exponentiation": the other side's public key
)

// authenticate answers GENERAL AUTHENTICATE, SP 800-73-5 part 2 §3.2.4: with the
// management key it is the terminal that proves something, with any other the
// card that uses its private key.
func (a *Applet) authenticate(cmd simulator.Command) simulator.Response {
	slot, algorithm := Slot(cmd.P2), Algorithm(cmd.P1)
	if slot == management {
		return a.authenticateTerminal(algorithm, cmd.Data)
	}
	key, there := a.contents.Keys[slot]
	switch {
	case !slot.holds(), !there, algorithm != algorithmOf(key.Private):
		return status(swIncorrectP1P2)
	case !a.permitted(slot, key):
		return status(swSecurityStatus)
	}
	f, well := inside(cmd.Data, tagDynamic, tagChallenge, tagResponse, tagPoint)
	if !well || len(f) != 2 || !f.asked(tagResponse) || !f.given(tagChallenge) && !f.given(tagPoint) {
		return status(swIncorrectData)
	}
	use := private{key.Private}
	result, sw := []byte(nil), swIncorrectData
	switch {
	case f.given(tagChallenge):
		result, sw = use.answer(f[tagChallenge], a.rand)
	case slot == KeyManagement || slot.retired(): // others sign; they agree on nothing
		result, sw = use.agree(f[tagPoint])
	}
	if sw != swOK {
		return status(sw)
	}
	return ok(put(nil, tagDynamic, put(nil, tagResponse, result...)...))
}

// PIN policies, by Yubico's numbers.
const (
	pinNever  = 1
	pinOnce   = 2
	pinAlways = 3
)

// pinPolicy is the key's own or its slot's, SP 800-73-5 part 1 table 4b.
func (k Key) pinPolicy(slot Slot) byte {
	switch {
	case k.PINPolicy != 0:
		return k.PINPolicy
	case slot == Signature:
		return pinAlways
	case slot == CardAuthentication:
		return pinNever
	}
	return pinOnce
}

// permitted is the access rule of a private key. "Always" wants the PIN in the
// command before, and so once for each use.
func (a *Applet) permitted(slot Slot, key Key) bool {
	switch key.pinPolicy(slot) {
	case pinNever:
		return true
	case pinOnce:
		return a.verified
	}
	return a.verified && a.before.verified
}
