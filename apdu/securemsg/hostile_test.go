package securemsg

import (
	"bytes"
	"context"
	"crypto/cipher"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/apdu/tlv"
	"cnie/internal/kdf"
	"cnie/internal/mac"
)

func keys(c kdf.Cipher) (enc, mac []byte) {
	return kdf.Derive(c, []byte("test"), kdf.Enc), kdf.Derive(c, []byte("test"), kdf.Mac)
}

func session(t testing.TB, c kdf.Cipher, card apdu.Transmitter) *Session {
	enc, mac := keys(c)
	s, err := New(card, c, enc, mac, nil)
	require.NoError(t, err)
	return s
}

func counter(c kdf.Cipher, n int) []byte {
	ssc := make([]byte, c.BlockSize())
	ssc[len(ssc)-2], ssc[len(ssc)-1] = byte(n>>8), byte(n)
	return ssc
}

// sum authenticates SSC || objects as a card does, without the session's code.
func sum(t testing.TB, c kdf.Cipher, n int, covered []byte) []byte {
	_, key := keys(c)
	message := append(counter(c, n), covered...)
	if c == kdf.TDES {
		m, err := mac.NewRetail(key)
		require.NoError(t, err)
		m.Write(message)
		return m.Sum(nil)
	}
	block, err := c.NewCipher(key)
	require.NoError(t, err)
	m := mac.NewCMAC(block)
	m.Write(append(message, padding[:16-len(message)%16]...))
	return m.Sum(nil)[:8]
}

func encrypt(t testing.TB, c kdf.Cipher, n int, padded []byte) []byte {
	key, _ := keys(c)
	block, err := c.NewCipher(key)
	require.NoError(t, err)
	iv := make([]byte, c.BlockSize())
	if c != kdf.TDES {
		block.Encrypt(iv, counter(c, n))
	}
	out := make([]byte, len(padded))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, padded)
	return out
}

// seal protects an answer as a card does; n is the counter's value.
func seal(t testing.TB, c kdf.Cipher, n int, ins byte, r apdu.Response) apdu.Response {
	var objects []byte
	if len(r.Data) > 0 {
		padded := append([]byte(nil), r.Data...)
		padded = append(padded, padding[:c.BlockSize()-len(padded)%c.BlockSize()]...)
		if ins&1 == 1 {
			objects = tlv.Encode(0x85, encrypt(t, c, n, padded))
		} else {
			objects = tlv.Encode(0x87, []byte{1}, encrypt(t, c, n, padded))
		}
	}
	objects = append(objects, 0x99, 2, r.SW.SW1(), r.SW.SW2())
	return apdu.Response{Data: append(objects, tlv.Encode(0x8E, sum(t, c, n, objects))...), SW: r.SW}
}

// resealed is an answer whose objects are wrong but whose checksum is right.
func resealed(t testing.TB, objects ...[]byte) apdu.Response {
	covered := bytes.Join(objects, nil)
	return apdu.Response{Data: append(covered, tlv.Encode(0x8E, sum(t, kdf.AES128, 2, covered))...), SW: apdu.StatusOK}
}

func transmit(s *Session) (apdu.Response, error) {
	return s.Transmit(context.Background(), apdu.Command{INS: 0xB0, Ne: 223})
}

// Every single bit of every byte, the status word included: none is accepted.
func TestBitFlips(t *testing.T) {
	for _, c := range []kdf.Cipher{kdf.TDES, kdf.AES128, kdf.AES256} {
		good := seal(t, c, 2, 0xB0, apdu.Response{Data: []byte("SPECIMEN of forty bytes, not of a person"), SW: apdu.StatusOK}).Encode()
		for i := range good {
			for bit := range 8 {
				bad := bytes.Clone(good)
				bad[i] ^= 1 << bit
				r, err := apdu.ParseResponse(bad)
				require.NoError(t, err)
				card := &answers{r: r}
				s := session(t, c, card)
				plain, err := transmit(s)
				require.ErrorIs(t, err, ErrIntegrity, "%v byte %d bit %d", c, i, bit)
				require.Empty(t, plain)
				require.True(t, s.closed)
			}
		}
	}
}

func TestHostileStructures(t *testing.T) {
	ok := []byte{0x99, 2, 0x90, 0}
	block := encrypt(t, kdf.AES128, 2, append([]byte("fifteen bytes.."), 0x80))
	do87 := tlv.Encode(0x87, []byte{1}, block)
	sealed := seal(t, kdf.AES128, 2, 0xB0, apdu.Response{SW: apdu.StatusOK})
	valid := resealed(t, do87, ok)
	_, err := transmit(session(t, kdf.AES128, &answers{r: valid}))
	require.NoError(t, err, "the unharmed answer")
	for name, r := range map[string]apdu.Response{
		"no checksum":             {Data: append(bytes.Clone(do87), ok...), SW: apdu.StatusOK},
		"no status":               resealed(t, do87),
		"status before data":      resealed(t, ok, do87),
		"two statuses":            resealed(t, ok, ok),
		"two cryptograms":         resealed(t, do87, do87, ok),
		"long status":             resealed(t, []byte{0x99, 3, 0x90, 0, 0}),
		"85 on even instruction":  resealed(t, tlv.Encode(0x85, block), ok),
		"plain value object":      resealed(t, []byte{0x81, 1, 0x61}, ok),
		"unknown object":          resealed(t, do87, []byte{0x80, 1, 0}, ok),
		"padding indicator 02":    resealed(t, tlv.Encode(0x87, []byte{2}, block), ok),
		"empty 87":                resealed(t, []byte{0x87, 0}, ok),
		"indicator alone":         resealed(t, []byte{0x87, 1, 1}, ok),
		"half a block":            resealed(t, tlv.Encode(0x87, []byte{1}, block[:8]), ok),
		"no padding":              resealed(t, tlv.Encode(0x87, []byte{1}, encrypt(t, kdf.AES128, 2, make([]byte, 16))), ok),
		"padding a block earlier": resealed(t, tlv.Encode(0x87, []byte{1}, encrypt(t, kdf.AES128, 2, append([]byte("fifteen bytes..\x80"), make([]byte, 16)...))), ok),
		"bytes after checksum":    {Data: append(bytes.Clone(sealed.Data), 0), SW: apdu.StatusOK},
		"checksum twice":          {Data: append(bytes.Clone(sealed.Data), sealed.Data[4:]...), SW: apdu.StatusOK},
		"short checksum":          {Data: append(bytes.Clone(sealed.Data[:4]), tlv.Encode(0x8E, sealed.Data[6:13])...), SW: apdu.StatusOK},
		"empty checksum":          {Data: append(bytes.Clone(sealed.Data[:4]), 0x8E, 0), SW: apdu.StatusOK},
		"other status outside":    {Data: sealed.Data, SW: apdu.StatusFileNotFound},
		"replayed from before":    seal(t, kdf.AES128, 0, 0xB0, apdu.Response{SW: apdu.StatusOK}),
		"from the next exchange":  seal(t, kdf.AES128, 4, 0xB0, apdu.Response{SW: apdu.StatusOK}),
		"lying length":            {Data: []byte{0x87, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 1}, SW: apdu.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			card := &answers{r: r}
			s := session(t, kdf.AES128, card)
			_, err := transmit(s)
			assert.ErrorIs(t, err, ErrIntegrity)
			assertDead(t, s, card)
		})
	}
}

// Whatever comes back, only the one authentic answer is believed.
func FuzzUnwrap(f *testing.F) {
	want := apdu.Response{Data: []byte("SPECIMEN"), SW: apdu.StatusOK}
	authentic := seal(f, kdf.AES128, 2, 0xB0, want).Encode()
	f.Add(authentic)
	f.Add([]byte{0x69, 0x88})
	f.Add([]byte{0x87, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0x90, 0})
	f.Add(resealed(f, []byte{0x87, 1, 1}, []byte{0x99, 2, 0x90, 0}).Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := apdu.ParseResponse(b)
		if err != nil {
			return
		}
		got, err := transmit(session(t, kdf.AES128, &answers{r: r}))
		if bytes.Equal(b, authentic) {
			require.NoError(t, err)
			require.Equal(t, want, got)
			return
		}
		require.ErrorIs(t, err, ErrIntegrity)
	})
}
