package readertest

import (
	"bytes"
	"encoding/binary"
	"time"
)

// Echo is a card for tests of readers. Its commands have class 80:
//
//	80 10 xx xx …   answers with the whole command
//	80 20 xx xx     answers how often it was asked so since it had power (1 byte)
//	80 30 xx xx     answers after a second
//	80 40 P1 P2     answers with P1P2 bytes, each the low byte of its place
//
// and 90 00; all else is 6D 00.
type Echo struct {
	asked byte
}

// EchoScript is what the contract needs to know of Echo.
var EchoScript = Script{
	Ping: func(n int) (command, response []byte) {
		command = binary.BigEndian.AppendUint32([]byte{0x80, 0x10, 0, 0, 4}, uint32(n))
		return command, append(bytes.Clone(command), 0x90, 0x00)
	},
	Count: []byte{0x80, 0x20, 0, 0},
	Slow:  []byte{0x80, 0x30, 0, 0},
	Long: func() (command, response []byte) {
		const n = 65533 // with the status word all that vpcd can carry
		return binary.BigEndian.AppendUint16([]byte{0x80, 0x40}, n), pattern(n)
	},
}

// ATR has historical bytes and T=1.
func (*Echo) ATR() []byte { return []byte{0x3B, 0x84, 0x80, 0x01, 'e', 'c', 'h', 'o', 0x04} }

// Power ends the session either way.
func (e *Echo) Power(bool) { e.asked = 0 }

// Reset ends the session.
func (e *Echo) Reset() { e.asked = 0 }

// Transmit answers one command.
func (e *Echo) Transmit(command []byte) []byte {
	if len(command) < 4 || command[0] != 0x80 {
		return []byte{0x6D, 0x00}
	}
	switch command[1] {
	case 0x10:
		return append(bytes.Clone(command), 0x90, 0x00)
	case 0x20:
		e.asked++
		return []byte{e.asked, 0x90, 0x00}
	case 0x30:
		time.Sleep(time.Second)
		return []byte{0x90, 0x00}
	case 0x40:
		return pattern(int(binary.BigEndian.Uint16(command[2:])))
	}
	return []byte{0x6D, 0x00}
}

func pattern(n int) []byte {
	p := make([]byte, n, n+2)
	for i := range p {
		p[i] = byte(i)
	}
	return append(p, 0x90, 0x00)
}
