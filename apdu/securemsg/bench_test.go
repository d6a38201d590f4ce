package securemsg

import (
	"context"
	"crypto/cipher"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/internal/kdf"
)

// BenchmarkSecureMessaging measures one READ BINARY of a full short block, wrap
// and unwrap, and the raw primitives over the same bytes: CBC over the data, the
// MAC over both messages. The two take turns and the fastest turn of each
// counts, so that a busy machine slows both or none. "x-raw" is their ratio.
func BenchmarkSecureMessaging(b *testing.B) {
	for _, c := range []kdf.Cipher{kdf.AES128, kdf.AES256, kdf.TDES} {
		b.Run(fmt.Sprint(c), func(b *testing.B) { benchmark(b, c) })
	}
}

func benchmark(b *testing.B, c kdf.Cipher) {
	card := &fixed{}
	s := session(b, c, card)
	ne := s.MaxNe(apdu.MaxShortNe)
	card.r = seal(b, c, 2, 0xB0, apdu.Response{Data: make([]byte, ne), SW: apdu.StatusOK})
	raw := primitives(b, c, ne, len(card.r.Data)-10)
	command := apdu.Command{INS: 0xB0, Ne: ne}
	read := func() {
		clear(s.ssc)
		if _, err := s.Transmit(context.Background(), command); err != nil {
			b.Fatal(err)
		}
	}
	const turn = 500
	ours, theirs := math.Inf(1), math.Inf(1)
	b.ReportAllocs()
	for done := 0; b.Loop(); done++ {
		read()
		if done%turn == 0 {
			b.StopTimer()
			ours, theirs = min(ours, clock(turn, read)), min(theirs, clock(turn, raw))
			b.StartTimer()
		}
	}
	b.ReportMetric(ours/theirs, "x-raw")
}

// clock is the time in ns of one of n calls.
func clock(n int, f func()) float64 {
	start := time.Now()
	for range n {
		f()
	}
	return float64(time.Since(start).Nanoseconds()) / float64(n)
}

type fixed struct{ r apdu.Response }

func (f *fixed) Transmit(context.Context, apdu.Command) (apdu.Response, error) { return f.r, nil }

// primitives returns the cryptography of one exchange and nothing else.
func primitives(b *testing.B, c kdf.Cipher, ne, covered int) func() {
	enc, key := keys(c)
	block, err := c.NewCipher(enc)
	require.NoError(b, err)
	size := c.BlockSize()
	code, err := newMAC(c, key)
	require.NoError(b, err)
	buf, tag := make([]byte, ne/size*size+size), make([]byte, 0, 16)
	command := make([]byte, 2*size+3)      // SSC, header, DO'97'
	response := make([]byte, size+covered) // SSC, DO'87', DO'99'
	cbc := cipher.NewCBCDecrypter(block, make([]byte, size))
	return func() {
		cbc.CryptBlocks(buf, buf)
		for _, message := range [][]byte{command, response} {
			code.Reset()
			code.Write(message)
			code.Sum(tag)
		}
	}
}
