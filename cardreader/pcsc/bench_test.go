//go:build linux && cgo

package pcsc_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/cardreader/pcsc"
	"cnie/internal/pcscd"
	"cnie/simulator"
	"cnie/simulator/persona"
)

// plain answers 90 00: all that it costs is the way there and back.
type plain struct{}

func (plain) ATR() []byte            { return []byte{0x3B, 0x80, 0x80, 0x01, 0x01} }
func (plain) Power(bool)             {}
func (plain) Reset()                 {}
func (plain) Transmit([]byte) []byte { return []byte{0x90, 0x00} }

// sized answers with as many bytes as it has.
type sized struct {
	plain
	response []byte
}

func (s sized) Transmit([]byte) []byte { return s.response }

// BenchmarkVPCD is one command over pcscd and vpcd, for cards that cost nothing
// themselves: the yardstick for simulated ones in the same run.
func BenchmarkVPCD(b *testing.B) {
	daemon := pcscd.Start(b, pcscd.Options{})
	for _, n := range []int{2, 256, 65535} {
		b.Run(fmt.Sprintf("trivial/%d", n), func(b *testing.B) {
			s := &slots{daemon: daemon}
			s.insert(b, 0, sized{response: make([]byte, n)})
			defer s.empty(b)
			exchange(b, daemon.Readers[0], []byte{0x00, 0xB0, 0x00, 0x00, 0x00})
		})
	}
	b.Run("simulated", func(b *testing.B) {
		p, err := persona.Load(persona.Names()[0])
		require.NoError(b, err)
		card, err := p.Card()
		require.NoError(b, err)
		s := &slots{daemon: daemon}
		s.insert(b, 0, simulator.New(card))
		defer s.empty(b)
		exchange(b, daemon.Readers[0], []byte{0x00, 0xB0, 0x9C, 0x00, 0x00}) // EF.CardAccess
	})
}

// exchange measures a command to the card in a reader.
func exchange(b *testing.B, reader string, command []byte) {
	waitForCard(b, reader)
	card, err := pcsc.New().Connect(b.Context(), reader)
	require.NoError(b, err)
	defer card.Close()
	for b.Loop() {
		if _, err := card.TransmitRaw(b.Context(), command); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "APDU/s")
}
