package simulator

import (
	"crypto/sha1"
	"crypto/subtle"
	"io"

	"cnie/internal/kdf"
)

const (
	challengeSize = 8
	keySeedSize   = 16
	bacSize       = 2*challengeSize + keySeedSize // RND || RND || K
)

// getChallenge starts Basic Access Control (ICAO 9303-11 §4.3.1) or, under secure
// messaging, the last step of Terminal Authentication (§7.1.2), which guesses nothing.
func (d *document) getChallenge(cmd Command) Response {
	switch {
	case cmd.p12() != 0:
		return fail(swIncorrectP1P2)
	case len(cmd.Data) != 0 || cmd.Ne == 0:
		return fail(swWrongLength)
	case cmd.Ne != challengeSize && !cmd.Any:
		return fail(swExactLength | challengeSize)
	}
	if !cmd.secured {
		d.hesitate()
	}
	challenge := make([]byte, challengeSize)
	if _, err := io.ReadFull(d.rand, challenge); err != nil {
		return fail(swUnknown)
	}
	d.challenge = challenge
	return ok(challenge)
}

// externalAuthenticate checks the terminal's knowledge of the MRZ and answers
// with its own (ICAO 9303-11 §4.3.3). The challenge serves one attempt.
func (d *document) externalAuthenticate(cmd Command) Response {
	challenge := d.challenge
	d.challenge = nil
	switch {
	case cmd.p12() != 0:
		return fail(swIncorrectP1P2)
	case challenge == nil:
		return fail(swConditions)
	case len(cmd.Data) != bacSize+codeSize || cmd.Room < bacSize+codeSize:
		return fail(swWrongLength)
	}
	basic, err := d.basicKeys()
	if err != nil {
		return fail(swUnknown)
	}
	s, genuine := basic.openBasic(cmd.Data)
	d.guessed(genuine)
	if !genuine || subtle.ConstantTimeCompare(s[challengeSize:2*challengeSize], challenge) != 1 {
		return fail(swAuthentication)
	}
	return d.answerBasic(basic, challenge, s[:challengeSize], s[2*challengeSize:])
}

// answerBasic sends RND.IC || RND.IFD || K.IC back and starts secure messaging.
func (d *document) answerBasic(basic *keys, rndIC, rndIFD, kIFD []byte) Response {
	r := make([]byte, 0, bacSize+codeSize)
	r = append(append(r, rndIC...), rndIFD...)
	r = r[:bacSize]
	if _, err := io.ReadFull(d.rand, r[2*challengeSize:]); err != nil {
		return fail(swUnknown)
	}
	seed := make([]byte, keySeedSize)
	subtle.XORBytes(seed, kIFD, r[2*challengeSize:])
	next, err := newChannel(kdf.TDES, seed)
	if err != nil {
		return fail(swUnknown)
	}
	// ICAO 9303-11 §9.8.6.3: the low halves of both challenges.
	copy(next.ssc[:4], rndIC[4:])
	copy(next.ssc[4:], rndIFD[4:])
	d.next = &session{channel: next, chip: d.number()}
	return ok(basic.sealBasic(r))
}

// basicKeys are the document basic access keys, ICAO 9303-11 §9.7.2.
func (d *document) basicKeys() (*keys, error) {
	digest := sha1.Sum(d.card.MRZ.Seed())
	return deriveKeys(kdf.TDES, digest[:keySeedSize])
}

// zeroIV is what Basic Access Control and PACE encrypt under.
var zeroIV [16]byte

// openBasic checks the code at the end of a cryptogram, then decrypts it.
func (k *keys) openBasic(sealed []byte) ([]byte, bool) {
	cryptogram, code := sealed[:bacSize], sealed[bacSize:]
	if !k.confirms(cryptogram, code) {
		return nil, false
	}
	plain := make([]byte, bacSize)
	decryptCBC(k.cipher, zeroIV[:k.cipher.BlockSize()], plain, cryptogram)
	return plain, true
}

// sealBasic encrypts in place and appends the code.
func (k *keys) sealBasic(plain []byte) []byte {
	encryptCBC(k.cipher, zeroIV[:k.cipher.BlockSize()], plain)
	return append(plain, k.code(plain)...)
}
