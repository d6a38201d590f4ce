package mac_test

import (
	"crypto/aes"
	"crypto/cipher"
	"testing"
)

// BenchmarkCMAC measures a code over one secure messaging block against raw AES-CBC over the same bytes, which no CMAC
// can beat: read the two as a ratio.
func BenchmarkCMAC(b *testing.B) {
	for name, size := range map[string]int{"48": 48, "256": 256, "4096": 4096} {
		message, out := make([]byte, size), make([]byte, size)
		block, err := aes.NewCipher(make([]byte, 16))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/raw-cbc", func(b *testing.B) {
			b.SetBytes(int64(size))
			mode := cipher.NewCBCEncrypter(block, make([]byte, 16))
			for b.Loop() {
				mode.CryptBlocks(out, message)
			}
		})
		b.Run(name+"/cmac", func(b *testing.B) {
			b.SetBytes(int64(size))
			m := newCMAC(b, make([]byte, 16))
			for b.Loop() {
				m.Reset()
				m.Write(message)
				out = m.Sum(out[:0])
			}
		})
	}
}
