package simulator_test

import (
	"crypto/aes"
	"crypto/cipher"
	"runtime"
	"testing"

	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/internal/mac"
	"cnie/simulator"
	"cnie/simulator/persona"
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
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "APDU/s") // on one core
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

// BenchmarkThousandCards makes a thousand people's cards, opens each by PACE and
// keeps all of them alive with a session under way. The metrics are what they
// hold of memory together and what the process has at its largest.
func BenchmarkThousandCards(b *testing.B) {
	const count = 1000
	for b.Loop() {
		before := heap()
		alive := make([]*terminal, 0, count)
		for p := range persona.Generate(7, count) {
			card, err := p.Card()
			if err != nil {
				b.Fatal(err)
			}
			protocol, _ := card.PACE[0].Protocol()
			curve, _ := ec.ByParameterID(card.PACE[0].ParameterID)
			chip := simulator.New(card)
			s, sw := runPACE(b, chip.Transmit, curve, protocol.Cipher, 2, []byte(card.CAN))
			if sw[0] != 0x90 {
				b.Fatalf("PACE with %s: %x", p.Name, sw)
			}
			alive = append(alive, newTerminal(b, chip.Transmit, s))
		}
		b.ReportMetric(float64(heap()-before)/(1<<20), "heap-MB")
		for _, terminal := range alive {
			if got := terminal.exchange(selectTravel); got != "9000" {
				b.Fatalf("SELECT: %s", got)
			}
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.Sys)/(1<<20), "process-MB")
	}
}

// heap is what is in use after a collection, in bytes.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkSystem is BenchmarkRead the way that a program goes: through a reader
// of a System, with a context that may end.
func BenchmarkSystem(b *testing.B) {
	chip := simulator.New(plainCard(false, pace(ec.P256(), kdf.AES128)))
	system := simulator.NewSystem("Simulated", chip)
	card, err := system.Connect(b.Context(), simulator.Reader)
	if err != nil {
		b.Fatal(err)
	}
	defer card.Close()
	transmit := func(command []byte) []byte {
		answer, err := card.TransmitRaw(b.Context(), command)
		if err != nil {
			b.Fatal(err)
		}
		return answer
	}
	s, _ := runPACE(b, transmit, ec.P256(), kdf.AES128, 2, []byte(can))
	terminal := newTerminal(b, transmit, s)
	terminal.exchange(selectTravel)
	read := []byte{0, 0xB0, 0x9D, 0, 0}
	for b.Loop() {
		if answer := transmit(terminal.protect(read)); len(answer) < 200 {
			b.Fatalf("answer %x", answer)
		}
		terminal.count()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "APDU/s")
}
