package simulator_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"encoding/asn1"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/internal/kdf"
	"cnie/internal/mac"
)

// terminal is the other end of secure messaging, just enough of it to test the
// card: it builds what it is told and requires what the standard demands.
type terminal struct {
	t        testing.TB
	transmit func([]byte) []byte
	session
}

type session struct {
	enc     cipher.Block
	mac     mac.MAC
	ssc     []byte
	aes     bool
	outerLe []byte
}

func newTerminal(t testing.TB, transmit func([]byte) []byte, s session) *terminal {
	s.outerLe = []byte{0}
	return &terminal{t, transmit, s}
}

func aesSession(ksEnc, ksMac []byte) session {
	enc, _ := aes.NewCipher(ksEnc)
	code, _ := aes.NewCipher(ksMac)
	return session{enc: enc, mac: mac.NewCMAC(code), ssc: make([]byte, 16), aes: true}
}

func tdesSession(ksEnc, ksMac, ssc []byte) session {
	enc, _ := des.NewTripleDESCipher(append(append([]byte{}, ksEnc...), ksEnc[:8]...))
	code, _ := mac.NewRetail(ksMac)
	return session{enc: enc, mac: code, ssc: append([]byte{}, ssc...)}
}

// derived is the session of a shared secret.
func derived(c kdf.Cipher, secret []byte) session {
	enc, code := kdf.Derive(c, secret, kdf.Enc), kdf.Derive(c, secret, kdf.Mac)
	if c == kdf.TDES {
		return tdesSession(enc, code, make([]byte, 8))
	}
	return aesSession(enc, code)
}

func (s *session) count() {
	for i := len(s.ssc) - 1; i >= 0; i-- {
		if s.ssc[i]++; s.ssc[i] != 0 {
			break
		}
	}
}

func (s *session) pad(b []byte) []byte {
	n := s.enc.BlockSize()
	b = append(append([]byte{}, b...), 0x80)
	for len(b)%n != 0 {
		b = append(b, 0)
	}
	return b
}

func (s *session) iv() []byte {
	iv := make([]byte, s.enc.BlockSize())
	if s.aes {
		s.enc.Encrypt(iv, s.ssc)
	}
	return iv
}

func (s *session) code(message []byte) []byte {
	s.mac.Reset()
	message = append(append([]byte{}, s.ssc...), message...)
	if s.aes {
		message = s.pad(message)
	}
	_, _ = s.mac.Write(message)
	return s.mac.Sum(nil)[:8]
}

func object(tag byte, value []byte) []byte {
	switch n := len(value); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, value...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, value...)
	default:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, value...)
	}
}

// protect turns a plain command, short form, into a protected one.
func (s *session) protect(plain []byte) []byte {
	head, data, le := plain[:4], []byte(nil), []byte(nil)
	switch body := plain[4:]; {
	case len(body) == 1:
		le = body
	case len(body) > 1:
		n := int(body[0])
		data, le = body[1:1+n], body[1+n:]
	}
	return s.build(head, data, le)
}

func (s *session) build(head, data, le []byte) []byte {
	s.count()
	var objects []byte
	if len(data) > 0 {
		text := s.pad(data)
		cipher.NewCBCEncrypter(s.enc, s.iv()).CryptBlocks(text, text)
		if head[1]&1 == 1 {
			objects = object(0x85, text)
		} else {
			objects = object(0x87, append([]byte{1}, text...))
		}
	}
	if len(le) > 0 {
		objects = append(objects, object(0x97, le)...)
	}
	masked := []byte{head[0] | 0x0C, head[1], head[2], head[3]}
	covered := masked // padded below, once, where no object follows it
	if len(objects) > 0 {
		covered = append(s.pad(masked), objects...)
	}
	objects = append(objects, object(0x8E, s.code(covered))...)
	if len(s.outerLe) == 2 {
		masked = append(masked, 0, byte(len(objects)>>8))
	}
	return append(append(append(masked, byte(len(objects))), objects...), s.outerLe...)
}

// open requires a well-formed protected answer and returns data and status.
func (s *session) open(t testing.TB, answer []byte, odd bool) []byte {
	s.count()
	body, sw := answer[:len(answer)-2], answer[len(answer)-2:]
	require.Greater(t, len(body), 13, "unprotected answer %x", answer)
	end := len(body) - 10
	require.Equal(t, []byte{0x8E, 8}, body[end:end+2])
	require.Equal(t, s.code(body[:end]), body[end+2:], "checksum")
	require.Equal(t, append([]byte{0x99, 2}, sw...), body[end-4:end], "DO'99' and the outer status")
	if end == 4 {
		return sw
	}
	var raw asn1.RawValue
	rest, err := asn1.Unmarshal(body[:end-4], &raw)
	require.NoError(t, err)
	require.Empty(t, rest)
	text := raw.Bytes
	if odd {
		require.Equal(t, byte(0x85), body[0])
	} else {
		require.Equal(t, []byte{0x87, 1}, []byte{body[0], text[0]})
		text = text[1:]
	}
	cipher.NewCBCDecrypter(s.enc, s.iv()).CryptBlocks(text, text)
	n := len(text) - 1
	for text[n] == 0 {
		n--
	}
	require.Equal(t, byte(0x80), text[n])
	return append(text[:n], sw...)
}

// exchange protects, sends, opens; plain hex in and out.
func (s *terminal) exchange(command string) string {
	s.t.Helper()
	plain := unhex(s.t, command)
	return hex.EncodeToString(s.open(s.t, s.transmit(s.protect(plain)), plain[1]&1 == 1))
}

// send protects data of any length, in an extended command where it must be one.
func (s *terminal) send(head string, data []byte, le ...byte) string {
	s.t.Helper()
	outer := s.outerLe
	if len(data) > 190 {
		s.outerLe = []byte{0, 0}
	}
	plain := unhex(s.t, head)
	answer := s.transmit(s.build(plain, data, le))
	s.outerLe = outer
	return hex.EncodeToString(s.open(s.t, answer, plain[1]&1 == 1))
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(s)
	require.NoError(t, err)
	return raw
}

// paceGM is id-PACE-ECDH-GM with a cipher: 1 3DES, 2 … 4 AES.
func paceGM(cipher int) asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 2, 2, 4, 2, cipher}
}

// send wants 9000 and strips it.
func send(t testing.TB, transmit func([]byte) []byte, command []byte) []byte {
	t.Helper()
	answer := transmit(command)
	require.Equal(t, []byte{0x90, 0}, answer[len(answer)-2:], "answer to %x", command[:4])
	return answer[:len(answer)-2]
}

func apdu(head string, data []byte, le ...byte) []byte {
	raw, _ := hex.DecodeString(head)
	return append(append(append(raw, byte(len(data))), data...), le...)
}

// inner cuts 7C L tag L value.
func inner(t testing.TB, b []byte, tag byte) []byte {
	t.Helper()
	var outer, value asn1.RawValue
	_, err := asn1.Unmarshal(b, &outer)
	require.NoError(t, err)
	_, err = asn1.Unmarshal(outer.Bytes, &value)
	require.NoError(t, err)
	require.Equal(t, tag, outer.Bytes[0])
	return value.Bytes
}
