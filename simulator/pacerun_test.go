package simulator_test

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/asn1"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/lds"
	"cnie/simulator/persona"
)

// opening is a finished run.
type opening struct {
	session
	sw   []byte
	more []byte // objects after the token
	// What Terminal Authentication builds on: the two ephemeral keys.
	mine, theirs member
	mapped       []byte // the chip's public key of the mapping
}

// openWith runs PACE as announced.
func openWith(t testing.TB, transmit func([]byte) []byte, info lds.PACEInfo, id int, reference byte, password []byte, extra ...byte) opening {
	t.Helper()
	p, known := info.Protocol()
	require.True(t, known)
	s, c := sideOf(t, id), p.Cipher
	oid, err := asn1.Marshal(info.OID)
	require.NoError(t, err)
	mse := append(object(0x80, oid[2:]), 0x83, 1, reference)
	if info.ParameterID >= 0 {
		mse = append(mse, 0x84, 1, byte(info.ParameterID))
	}
	answer := transmit(apdu("0022c1a4", append(mse, extra...)))
	if answer[0] != 0x90 && answer[0] != 0x63 {
		return opening{sw: answer}
	}
	step := func(head string, in byte, value []byte, out byte) []byte {
		data := object(0x7C, nil)
		if in != 0 {
			data = object(0x7C, object(in, value))
		}
		answer := transmit(long(t, head, data))
		if len(answer) == 2 {
			return answer
		}
		return inner(t, answer[:len(answer)-2], out)
	}
	z := step("10860000", 0, nil, 0x80)
	if len(z) == 2 {
		return opening{sw: z}
	}
	block, err := c.NewCipher(kdf.Derive(c, password, kdf.Password))
	require.NoError(t, err)
	nonce := make([]byte, len(z))
	cipher.NewCBCDecrypter(block, make([]byte, block.BlockSize())).CryptBlocks(nonce, z)

	var mapped member
	var mapKey []byte
	if p.Mapping == lds.IM {
		theirs := make([]byte, c.KeyLen())
		_, _ = rand.Read(theirs)
		require.Empty(t, step("10860000", 0x81, theirs, 0x82))
		mapped = s.integrated(t, c, nonce, theirs)
	} else {
		d := s.random(t)
		mapKey = step("10860000", 0x81, s.base().times(t, d).wire(), 0x82)
		mapped = s.base().times(t, nonce).plus(t, s.read(t, mapKey).times(t, d))
	}
	d := s.random(t)
	mine := mapped.times(t, d)
	theirs := s.read(t, step("10860000", 0x83, mine.wire(), 0x84))
	o := opening{session: derived(c, theirs.times(t, d).secret()), mine: mine, theirs: theirs, mapped: mapKey}
	token := func(of member) []byte {
		body := append(append([]byte{}, oid...), object(s.tag, of.wire())...)
		o.mac.Reset()
		_, _ = o.mac.Write(append([]byte{0x7F}, object(0x49, body)...))
		return o.mac.Sum(nil)[:8]
	}
	answer = transmit(long(t, "00860000", object(0x7C, object(0x85, token(theirs)))))
	o.sw = answer[len(answer)-2:]
	if len(answer) > 2 {
		require.Equal(t, object(0x86, token(mine)), answer[2:12])
		o.more = answer[12 : len(answer)-2]
	}
	return o
}

// long is a command with an Le of zero, extended where it must be.
func long(t testing.TB, head string, data []byte) []byte {
	raw := append(unhex(t, head), 0, byte(len(data)>>8), byte(len(data)))
	if len(data) < 256-100 {
		return append(append(raw[:4], byte(len(data))), append(append([]byte{}, data...), 0)...)
	}
	return append(append(raw, data...), 0, 0)
}

// chipData is what Chip Authentication Mapping sent, decrypted: a scalar.
func (o opening) chipData(t testing.TB, curve *ec.Curve) []byte {
	require.Equal(t, []byte{0x8A, byte(len(o.more) - 2)}, o.more[:2])
	iv := bytes.Repeat([]byte{0xFF}, 16)
	o.enc.Encrypt(iv, iv)
	plain := make([]byte, len(o.more)-2)
	cipher.NewCBCDecrypter(o.enc, iv).CryptBlocks(plain, o.more[2:])
	require.Equal(t, byte(0x80), plain[curve.ScalarBytes()])
	return plain[:curve.ScalarBytes()]
}

// announced is the way to run PACE that a card has for a protocol.
func announced(t testing.TB, m lds.Mapping, id int, c kdf.Cipher) (lds.PACEInfo, bool) {
	agreement := lds.ECDH
	if id < 3 {
		agreement = lds.DH
	}
	oid, is := lds.PACEProtocol{Mapping: m, Agreement: agreement, Cipher: c}.OID()
	return lds.PACEInfo{OID: oid, Version: 2, ParameterID: id}, is
}

// mappable is a card whose chip can prove itself by Chip Authentication Mapping.
func mappable(card *persona.Card, curve *ec.Curve) *persona.Card {
	id := curve.ParameterID()
	private := make([]byte, curve.ScalarBytes())
	private[len(private)-1] = 77
	card.ChipKeys = []persona.ChipKey{{ID: &id, Curve: curve, Private: private}}
	return card
}
