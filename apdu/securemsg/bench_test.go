package securemsg

import (
	"context"
	"crypto/cipher"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cnie/apdu"
	"cnie/internal/kdf"
	"cnie/internal/mac"
)

// BenchmarkSecureMessaging measures one READ BINARY of a full short block, wrap
// and unwrap, beside the raw primitives over the same bytes in the same run:
// CBC over the data, the MAC over both messages. The metric "x-raw" is the ratio.
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
	raw := rawCost(b, c, ne, len(card.r.Data)-10)
	command := apdu.Command{INS: 0xB0, Ne: ne}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		clear(s.ssc)
		if _, err := s.Transmit(context.Background(), command); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/raw, "x-raw")
}

type fixed struct{ r apdu.Response }

func (f *fixed) Transmit(context.Context, apdu.Command) (apdu.Response, error) { return f.r, nil }

// rawCost is the time in ns of the primitives alone.
func rawCost(b *testing.B, c kdf.Cipher, ne, covered int) float64 {
	enc, key := keys(c)
	block, err := c.NewCipher(enc)
	require.NoError(b, err)
	size := c.BlockSize()
	var code mac.MAC
	if code, err = newMAC(c, key); err != nil {
		b.Fatal(err)
	}
	buf, tag := make([]byte, ne/size*size+size), make([]byte, 0, 16)
	command := make([]byte, 2*size+3)      // SSC, header, DO'97'
	response := make([]byte, size+covered) // SSC, DO'87', DO'99'
	cbc := cipher.NewCBCDecrypter(block, make([]byte, size))
	const rounds = 20000
	start := time.Now()
	for range rounds {
		cbc.CryptBlocks(buf, buf)
		code.Reset()
		code.Write(command)
		code.Sum(tag)
		code.Reset()
		code.Write(response)
		code.Sum(tag)
	}
	return float64(time.Since(start).Nanoseconds()) / rounds
}
