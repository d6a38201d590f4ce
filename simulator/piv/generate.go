package piv

import (
	"bytes"

	"cnie/simulator"
)

// The control reference template of a key to be made, SP 800-73-5 part 2 §3.3.2,
// and Yubico's additions.
const (
	tagControl     Tag = 0xAC
	tagAlgorithm   Tag = 0x80
	tagExponent    Tag = 0x81
	tagPINPolicy   Tag = 0xAA
	tagTouchPolicy Tag = 0xAB
	tagPublicKey   Tag = 0x7F49
)

// generate answers GENERATE ASYMMETRIC KEY PAIR, SP 800-73-5 part 2 §3.3.2. The
// slot's certificate stays: to replace it is the issuer's next step.
func (a *Applet) generate(cmd simulator.Command) simulator.Response {
	slot := Slot(cmd.P2)
	switch {
	case !a.managed:
		return status(swSecurityStatus)
	case cmd.P1 != 0, !slot.holds():
		return status(swIncorrectP1P2)
	}
	f, well := inside(cmd.Data, tagControl, tagAlgorithm, tagExponent, tagPINPolicy, tagTouchPolicy)
	key := Key{Generated: true}
	switch {
	case !well, len(f[tagAlgorithm]) != 1:
		return status(swIncorrectData)
	case f.given(tagExponent) && !bytes.Equal(bytes.TrimLeft(f[tagExponent], "\x00"), []byte{1, 0, 1}):
		return status(swIncorrectData) // 65537 is the only one of SP 800-78-5 §3.1
	case !a.policies(&key, f):
		return status(swIncorrectData)
	}
	algorithm := Algorithm(f[tagAlgorithm][0])
	if algorithm.bits() == 0 && algorithm.curve() == nil {
		return status(swIncorrectData)
	}
	made, err := algorithm.generate(a.rand)
	if err != nil {
		return status(swUnknown)
	}
	key.Private = made
	a.contents.Keys[slot] = key
	return ok(put(nil, tagPublicKey, publicObjects(made.Public())...))
}

// policies takes over Yubico's PIN and touch policies; a plain card knows none.
func (a *Applet) policies(key *Key, f fields) bool {
	for tag, policy := range map[Tag]*byte{tagPINPolicy: &key.PINPolicy, tagTouchPolicy: &key.TouchPolicy} {
		value, there := f[tag]
		switch {
		case !there:
		case a.token == nil, len(value) != 1, value[0] > 3:
			return false
		default:
			*policy = value[0]
		}
	}
	return true
}
