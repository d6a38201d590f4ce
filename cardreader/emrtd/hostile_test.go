package emrtd_test

import (
	"bytes"
	"crypto/cipher"
	"encoding/hex"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/cardreader/emrtd"
	"cnie/internal/kdf"
	"cnie/internal/mac"
	"cnie/lds"
	"cnie/pki"
)

// One bit changed in any protected answer: the evidence says where it ended, and
// holds nothing that came after.
func TestTamperedAnswers(t *testing.T) {
	card := load(t, "specimen")
	o := emrtd.Options{Password: can(t, card.CAN), Files: []lds.File{lds.DG1, lds.DG11}}
	whole := insert(card)
	_, err := read(whole, o)
	require.NoError(t, err)
	const protected = 6 // EF.CardAccess and PACE come before
	for at := protected; at < whole.commands; at++ {
		for _, where := range []int{0, 5, -1, -5} {
			l := insert(card)
			l.change = func(i int, _, answer []byte) []byte {
				if i == at {
					answer = bytes.Clone(answer)
					answer[(where+len(answer))%len(answer)] ^= 1
				}
				return answer
			}
			e, err := read(l, o)
			require.NoError(t, err)
			chipBroken := e.Chip != nil && e.Chip.Outcome == pki.ChipBroken
			assert.True(t, e.Broken != "" || chipBroken, "command %d, byte %d", at, where)
			for f, content := range e.Files {
				assert.True(t, bytes.Equal(card.Files[f], content), "%v is not what the card has", f)
			}
		}
	}
}

// Answers that are repeated, swapped for a bare status word, cut or stripped.
func TestManInTheMiddle(t *testing.T) {
	card := load(t, "specimen")
	o := emrtd.Options{Password: can(t, card.CAN), Files: []lds.File{lds.DG1}}
	whole := insert(card)
	_, err := read(whole, o)
	require.NoError(t, err)
	var previous []byte
	for name, change := range map[string]func(answer []byte) []byte{
		"replay":     func([]byte) []byte { return previous },
		"bare 9000":  func([]byte) []byte { return []byte{0x90, 0} },
		"bare 6A82":  func([]byte) []byte { return []byte{0x6A, 0x82} },
		"bare 6988":  func([]byte) []byte { return []byte{0x69, 0x88} },
		"in clear":   func([]byte) []byte { return append(bytes.Clone(card.Files[lds.DG1]), 0x90, 0) },
		"cut":        func(a []byte) []byte { return append(bytes.Clone(a[:len(a)-4]), a[len(a)-2:]...) },
		"other code": func(a []byte) []byte { return append(bytes.Clone(a[:len(a)-2]), 0x6A, 0x82) },
	} {
		for at := 7; at < whole.commands; at++ {
			l := insert(card)
			l.change = func(i int, _, answer []byte) []byte {
				defer func() { previous = answer }()
				if i == at {
					return change(answer)
				}
				return answer
			}
			e, err := read(l, o)
			require.NoError(t, err)
			chipBroken := e.Chip != nil && e.Chip.Outcome == pki.ChipBroken
			assert.True(t, e.Broken != "" || chipBroken, "%s at command %d", name, at)
			assert.NotContains(t, e.Denied, lds.DG1, name)
		}
	}
}

// A card that answers for ever one byte at a time meets the channel's limits.
func TestLimits(t *testing.T) {
	card := load(t, "specimen")
	_, err := emrtd.Read(t.Context(), apdu.NewChannel(insert(card), apdu.WithLimits(apdu.Limits{Commands: 30})),
		emrtd.Options{Password: can(t, card.CAN), Files: asked})
	assert.ErrorIs(t, err, apdu.ErrLimit)
}

func TestMalformedCardAccess(t *testing.T) {
	card := load(t, "specimen")
	l := insert(card)
	l.change = func(i int, _, answer []byte) []byte {
		if i == 0 {
			answer[3] ^= 0x20
		}
		return answer
	}
	e, err := read(l, emrtd.Options{Password: mrz(t, card.MRZ), AllowBAC: true})
	require.NoError(t, err)
	assert.Equal(t, "read EF.CardAccess", e.Broken)
	assertNoBAC(t, l)
}

// The transcript is enough to compute the keys again and to check the response,
// from the ephemeral key and the chip's public key alone. Doc 9303-11 §6.2.
func TestTranscriptVerifies(t *testing.T) {
	for _, name := range []string{"specimen", "brainpool", "tdes", "p384"} {
		card := load(t, name)
		e, err := read(insert(card), emrtd.Options{Password: mrz(t, card.MRZ), AllowBAC: true})
		require.NoError(t, err)
		require.NotNil(t, e.Chip, name)
		key := card.ChipKeys[0]
		public, err := key.Curve.Generator().Mul(key.Private)
		require.NoError(t, err)
		shared, err := public.Mul(e.Chip.EphemeralPrivate)
		require.NoError(t, err)
		r := e.Chip.Response
		covered, code := r[:len(r)-12], r[len(r)-10:len(r)-2]
		message := make([]byte, key.Cipher.BlockSize())
		message[len(message)-1] = 2
		message = append(message, covered...)
		assert.Equal(t, code, checksum(t, key.Cipher, shared.X(), message), name)
		assert.Equal(t, card.Files[lds.DG14][:1], firstByte(t, key.Cipher, shared.X(), covered), name)
	}
}

func checksum(t *testing.T, c kdf.Cipher, shared, message []byte) []byte {
	key := kdf.Derive(c, shared, kdf.Mac)
	if c == kdf.TDES {
		m, err := mac.NewRetail(key)
		require.NoError(t, err)
		m.Write(message)
		return m.Sum(nil)
	}
	block, err := c.NewCipher(key)
	require.NoError(t, err)
	m := mac.NewCMAC(block)
	m.Write(append(message, append([]byte{0x80}, make([]byte, 15-len(message)%16)...)...))
	return m.Sum(nil)[:8]
}

// firstByte decrypts DO'87' of one byte.
func firstByte(t *testing.T, c kdf.Cipher, shared, objects []byte) []byte {
	block, err := c.NewCipher(kdf.Derive(c, shared, kdf.Enc))
	require.NoError(t, err)
	iv := make([]byte, c.BlockSize())
	if c != kdf.TDES {
		iv[len(iv)-1] = 2
		block.Encrypt(iv, iv)
	}
	plain := make([]byte, c.BlockSize())
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, objects[3:3+len(plain)])
	return plain[:1]
}

// A run at debug level tells the steps and nothing of the holder.
func TestLogsAndErrorsAreClean(t *testing.T) {
	card := load(t, "specimen")
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, password := range []string{card.CAN, "987654"} {
		l := insert(card)
		trace := apdu.WithTrace(func(x apdu.Exchange) {
			x.Duration = 0 // six decimals of it could look like a CAN
			log.Debug("apdu", "exchange", x)
		})
		_, err := emrtd.Read(t.Context(), apdu.NewChannel(l, trace), emrtd.Options{Password: can(t, password), Files: asked, Log: log})
		if err != nil {
			out.WriteString(err.Error())
		}
	}
	text := out.String()
	assert.Contains(t, text, "EF.DG2")
	assert.Contains(t, text, "performed")
	upper := strings.ToUpper(text)
	secrets := []string{card.CAN, "987654", card.MRZ.DocumentNumber, card.MRZ.BirthDate, card.MRZ.ExpiryDate}
	for _, s := range append(secrets, card.MRZLines...) {
		assert.NotContains(t, upper, s)
	}
	for f, content := range card.Files {
		assert.NotContains(t, upper, strings.ToUpper(hex.EncodeToString(content[:8])), f)
	}
}
