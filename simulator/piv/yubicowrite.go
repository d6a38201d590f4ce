package piv

import (
	"crypto"
	"crypto/ecdsa"
	"math/big"

	"cnie/pki/specimen"
	"cnie/simulator"
)

// importKey takes a private key from outside (IMPORT ASYMMETRIC KEY): primes and
// what follows from them, or the scalar.
func (a *Applet) importKey(cmd simulator.Command) simulator.Status {
	slot, algorithm := Slot(cmd.P2), Algorithm(cmd.P1)
	switch {
	case !a.managed:
		return swSecurityStatus
	case !slot.holds() && slot != attestation:
		return swIncorrectP1P2
	}
	f, well := parse(cmd.Data, 1, 2, 3, 4, 5, 6, tagPINPolicy, tagTouchPolicy)
	var key Key
	if !well || !a.policies(&key, f) {
		return swIncorrectData
	}
	private, err := algorithm.assemble(f)
	if err != nil || private == nil {
		return swIncorrectData
	}
	key.Private = private
	a.contents.Keys[slot] = key
	return swOK
}

// assemble makes a key of its parts; nil for an algorithm that has none. Only the
// primes of an RSA key are used: the rest follows, and cannot contradict them.
func (a Algorithm) assemble(f fields) (crypto.Signer, error) {
	if curve := a.curve(); curve != nil {
		return ecdsa.ParseRawPrivateKey(curve, f[6])
	}
	if a.bits() == 0 || len(f[1]) != a.bits()/16 || len(f[2]) != a.bits()/16 {
		return nil, nil
	}
	p, q := new(big.Int).SetBytes(f[1]), new(big.Int).SetBytes(f[2])
	if p.BitLen() != a.bits()/2 || q.BitLen() != a.bits()/2 {
		return nil, nil
	}
	key, err := specimen.RSAOf(p, q)
	if err != nil || key.N.BitLen() != a.bits() {
		return nil, err
	}
	return key, key.Validate()
}

// setManagementKey replaces the key 9B: algorithm, reference, length, key.
func (a *Applet) setManagementKey(cmd simulator.Command) simulator.Status {
	switch {
	case !a.managed:
		return swSecurityStatus
	case cmd.P1 != 0xFF, cmd.P2 != 0xFF && cmd.P2 != 0xFE: // without or with touch
		return swIncorrectP1P2
	case len(cmd.Data) < 3, cmd.Data[1] != byte(management), int(cmd.Data[2]) != len(cmd.Data)-3:
		return swIncorrectData
	}
	next := ManagementKey{Algorithm(cmd.Data[0]), append([]byte(nil), cmd.Data[3:]...)}
	if _, err := next.Algorithm.block(next.Key); err != nil {
		return swIncorrectData
	}
	a.contents.Management = next
	return swOK
}

// setRetries gives PIN and PUK other numbers of tries, and their first values back.
func (a *Applet) setRetries(cmd simulator.Command) simulator.Status {
	switch {
	case !a.managed || !a.verified:
		return swSecurityStatus
	case cmd.P1 == 0 || cmd.P2 == 0:
		return swIncorrectP1P2
	}
	a.contents.PIN = newPassword(defaultPIN, int(cmd.P1))
	a.contents.PUK = newPassword(defaultPUK, int(cmd.P2))
	a.verified = false
	return swOK
}

// reset empties a card on which neither PIN nor PUK can be given any more. The
// attestation key was never the holder's; it stays.
func (a *Applet) reset() simulator.Status {
	old := a.contents
	if old.PIN.Left > 0 || old.PUK.Left > 0 {
		return swConditions
	}
	a.contents = blank()
	a.token.equip(a.contents)
	if key, there := old.Keys[attestation]; there {
		a.contents.Keys[attestation] = key
		a.contents.Objects[tagAttestation] = old.Objects[tagAttestation]
	}
	a.verified, a.managed = false, false
	return swOK
}
