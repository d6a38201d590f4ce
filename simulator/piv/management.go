package piv

import (
	"crypto/cipher"
	"crypto/subtle"

	"cnie/simulator"
)

// authenticateTerminal proves knowledge of the management key in two commands
// (SP 800-73-5 part 2 appendix A.1, A.2): the terminal decrypts a witness and
// sends a challenge of its own, or it encrypts the card's challenge. Nothing here
// encrypts what a stranger chose: that would answer the card's own challenge.
func (a *Applet) authenticateTerminal(algorithm Algorithm, data []byte) simulator.Response {
	key := a.contents.Management
	if algorithm == 0 { // SP 800-78-5 table 6-2: another name of 03
		algorithm = TDES
	}
	block, err := key.Algorithm.block(key.Key)
	if err != nil || algorithm != key.Algorithm {
		return status(swIncorrectP1P2)
	}
	f, well := inside(data, tagDynamic, tagWitness, tagChallenge, tagResponse)
	if !well {
		return status(swIncorrectData)
	}
	switch {
	case f.asked(tagWitness) && len(f) == 1:
		return a.witness(block)
	case f.asked(tagChallenge) && len(f) == 1:
		return a.challenge(block)
	case f.given(tagWitness) && f.given(tagChallenge) && !f.given(tagResponse):
		return a.mutual(block, f[tagWitness], f[tagChallenge])
	case f.given(tagResponse) && len(f) == 1:
		return status(a.external(block, f[tagResponse]))
	}
	return status(swIncorrectData)
}

// witness gives a random block, encrypted.
func (a *Applet) witness(block cipher.Block) simulator.Response {
	plain, drawn := a.random(block.BlockSize())
	if !drawn {
		return status(swUnknown)
	}
	a.after.witness = plain
	encrypted := make([]byte, len(plain))
	block.Encrypt(encrypted, plain)
	return ok(put(nil, tagDynamic, put(nil, tagWitness, encrypted...)...))
}

// challenge gives a random block in the clear.
func (a *Applet) challenge(block cipher.Block) simulator.Response {
	plain, drawn := a.random(block.BlockSize())
	if !drawn {
		return status(swUnknown)
	}
	a.after.challenge = plain
	return ok(put(nil, tagDynamic, put(nil, tagChallenge, plain...)...))
}

// mutual checks the decrypted witness and encrypts the terminal's challenge.
func (a *Applet) mutual(block cipher.Block, witness, challenge []byte) simulator.Response {
	if len(challenge) != block.BlockSize() {
		return status(swIncorrectData)
	}
	if sw := a.admit(a.before.witness, witness); sw != swOK {
		return status(sw)
	}
	encrypted := make([]byte, len(challenge))
	block.Encrypt(encrypted, challenge)
	return ok(put(nil, tagDynamic, put(nil, tagResponse, encrypted...)...))
}

// external checks the encrypted challenge.
func (a *Applet) external(block cipher.Block, response []byte) simulator.Status {
	if a.before.challenge == nil {
		return a.admit(nil, response)
	}
	encrypted := make([]byte, block.BlockSize())
	block.Encrypt(encrypted, a.before.challenge)
	return a.admit(encrypted, response)
}

// admit sets the security status of the management key. Without a command before
// that asked, no answer is right.
func (a *Applet) admit(expected, got []byte) simulator.Status {
	a.managed = expected != nil && subtle.ConstantTimeCompare(expected, got) == 1
	if !a.managed {
		return swSecurityStatus
	}
	return swOK
}
