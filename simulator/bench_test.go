package simulator_test

import (
	"crypto/aes"
	"crypto/cipher"
	"testing"

	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/internal/mac"
	"cnie/simulator"
)

// BenchmarkRead reads 223 bytes under AES secure messaging, terminal included:
// it builds and MACs the command, the card answers. The raw primitives on the
// card's share of the bytes are measured beside it.
func BenchmarkRead(b *testing.B) {
	for _, c := range []kdf.Cipher{kdf.AES128, kdf.AES256, kdf.TDES} {
		b.Run(c.String(), func(b *testing.B) {
			chip := simulator.New(plainCard(false, pace(ec.P256(), c)))
			s, _ := runPACE(b, chip.Transmit, ec.P256(), c, 2, []byte(can))
			terminal := newTerminal(b, chip.Transmit, s)
			terminal.exchange(selectTravel)
			read := []byte{0, 0xB0, 0x9D, 0, 0}
			b.ReportAllocs()
			for b.Loop() {
				command := terminal.protect(read)
				if answer := chip.Transmit(command); len(answer) < 200 {
					b.Fatalf("answer %x", answer)
				}
				terminal.count()
			}
		})
	}
	b.Run("raw AES-128 CBC and CMAC", func(b *testing.B) {
		block, _ := aes.NewCipher(make([]byte, 16))
		cbc, code := cipher.NewCBCEncrypter(block, make([]byte, 16)), mac.NewCMAC(block)
		answer, command := make([]byte, 240), make([]byte, 48)
		for b.Loop() {
			cbc.CryptBlocks(answer[:224], answer[:224])
			for _, message := range [][]byte{command, answer} {
				code.Reset()
				_, _ = code.Write(message)
				_ = code.Sum(answer[:0])
			}
		}
	})
}

// BenchmarkNew is what a card costs that does nothing.
func BenchmarkNew(b *testing.B) {
	card := plainCard(true, pace(ec.P256(), kdf.AES128))
	b.ReportAllocs()
	for b.Loop() {
		simulator.New(card)
	}
}
