package esigntest

import (
	"bytes"
	"crypto"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	"cnie/cardreader/esign"
)

// answers are what a card may say when it should sign. Those that are whole must
// not be taken for a signature, the others not for an answer.
var answers = map[string]func(honest []byte) []byte{
	"nothing":             func([]byte) []byte { return []byte{0x90, 0} },
	"an empty template":   func([]byte) []byte { return []byte{0x7C, 0, 0x90, 0} },
	"an empty signature":  func([]byte) []byte { return []byte{0x7C, 2, 0x82, 0, 0x90, 0} },
	"zeros":               func([]byte) []byte { return append(append([]byte{0x7C, 66, 0x82, 64}, make([]byte, 64)...), 0x90, 0) },
	"another template":    func(b []byte) []byte { return append([]byte{0x7D}, b[1:]...) },
	"a length too long":   func(b []byte) []byte { return flip(b, 1, 0x02) },
	"a length too short":  func(b []byte) []byte { return flip(b, 1, 0x04) },
	"four gigabytes":      func([]byte) []byte { return []byte{0x7C, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x82, 0, 0x90, 0} },
	"without end":         func([]byte) []byte { return []byte{0x7C, 0x80, 0x82, 0, 0x90, 0} },
	"another bit":         func(b []byte) []byte { return flip(b, len(b)-7, 0x10) },
	"no":                  func([]byte) []byte { return []byte{0x6F, 0x00} },
	"a warning":           func([]byte) []byte { return []byte{0x62, 0x00} },
	"security status":     func([]byte) []byte { return []byte{0x69, 0x82} },
	"a point at infinity": func([]byte) []byte { return []byte{0x7C, 10, 0x82, 8, 0x30, 6, 2, 1, 0, 2, 1, 0, 0x90, 0} },
}

func flip(b []byte, at int, bit byte) []byte {
	b = bytes.Clone(b)
	b[at] ^= bit
	return b
}

// lies are errors, whatever the card says, and nothing is signed with them.
func lies(r run) {
	for name, answer := range answers {
		r.Wire.Change(func(command []byte, next func([]byte) []byte) []byte {
			honest := next(command)
			if signing(command) {
				return answer(honest)
			}
			return honest
		})
		signature, err := r.once(r.Always)
		assert.Error(r, err, name)
		assert.Nil(r, signature, name)
	}
	r.Wire.Change(nil)
	_, err := r.once(r.Always)
	require.NoError(r, err, "none of that cost a try")
	otherKey(r)
}

// once signs on a token of its own.
func (r run) once(slot string) ([]byte, error) {
	r.Helper()
	token, _ := r.token(r.PIN)
	defer func() { require.NoError(r, token.Close()) }()
	return r.key(token, slot).Sign(nil, digest(crypto.SHA256), crypto.SHA256)
}

// otherKey has the card sign something else, with the right key.
func otherKey(r run) {
	r.Wire.Change(func(command []byte, next func([]byte) []byte) []byte {
		if signing(command) {
			command = flip(command, len(command)-3, 0x01) // in what is to be signed
		}
		return next(command)
	})
	_, err := r.once(r.Always)
	require.ErrorIs(r, err, esign.ErrSignature)
}

// pulled takes the card away between the PIN and the signature, and in every other
// moment.
func pulled(r run) {
	for _, moment := range []string{"before the PIN", "before the signature", "while it signs"} {
		r.Wire.Change(func(command []byte, next func([]byte) []byte) []byte {
			switch {
			case moment == "before the PIN" && verifying(command),
				moment == "before the signature" && command[1] == insAuthenticate:
				r.Pull()
			case moment == "while it signs" && signing(command):
				defer r.Pull()
			}
			return next(command)
		})
		token, someone := r.token(r.PIN)
		key := r.key(token, r.Always)
		batch := key.Session(r.Context(), 2, "")
		signature, err := batch.Sign(nil, digest(crypto.SHA256), crypto.SHA256)
		require.ErrorIs(r, err, cardreader.ErrCardRemoved, moment)
		assert.Nil(r, signature)
		assert.Zero(r, batch.Left(), "the PIN is for no other card")
		assert.Equal(r, 1, someone.times())
		r.Wire.Change(nil)
		_, err = key.Sign(nil, digest(crypto.SHA256), crypto.SHA256)
		assert.Error(r, err, "the token is dead")
		require.NoError(r, token.Close())
		r.Insert()
		_, err = r.once(r.Always)
		require.NoError(r, err, "%s: put back, it signs again", moment)
	}
}
