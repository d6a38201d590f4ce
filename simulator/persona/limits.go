package persona

import (
	"cmp"
	"encoding/binary"

	"cnie/apdu/tlv"
	"cnie/lds"
)

// Buffer bounds a whole APDU in bytes, header and status word included; zero is
// as long as the length fields allow.
type Buffer struct {
	Command int `yaml:"command,omitempty"`
	Answer  int `yaml:"answer,omitempty"`
}

// Delay is how long the chip takes besides computing, in milliseconds. 106
// kbit/s, the slowest contactless rate, are some 95 for a kilobyte.
type Delay struct {
	Command  int `yaml:"command,omitempty"`
	Kilobyte int `yaml:"kilobyte,omitempty"` // thousand bytes, either way
}

// Retries is how the chip meets guesses of CAN and MRZ: so many wrong ones in a
// row are free, each further one makes the next attempt wait longer, until a
// right one comes. Powering the chip off does not help. A password that is
// printed on a card does not block it; the PIN does, and the PUK may: TR-03110-2
// §3.3.
type Retries struct {
	Free  int `yaml:"free,omitempty"`
	Wait  int `yaml:"wait,omitempty"`  // milliseconds, for each beyond the free ones
	PIN   int `yaml:"pin,omitempty"`   // tries before it is blocked, 3 by default
	Spent int `yaml:"spent,omitempty"` // of these, already: one less than all suspends the PIN, all block it
	PUK   int `yaml:"puk,omitempty"`   // nothing: as many as you like
}

// The least that a chip can be opened with on the larger curves, the longest
// frame of a virtual reader, and what no test wants to wait for.
const (
	minBuffer   = 160
	maxBuffer   = 65535
	maxDelay    = 10_000
	maxFree     = 255
	maxPINTries = 15 // what a status word can tell
)

// addSizes tells the chip's buffers in EF.ATR/INFO: card capabilities, then how
// long a command and an answer may be. ISO 7816-4 §8.1.1.2.7 and §12.7.1.
func (p Persona) addSizes(card *Card) error {
	if p.Chip.Buffer == (Buffer{}) {
		return nil
	}
	long := byte(0x80 | 0x20) // command chaining; extended length information is here
	if card.ExtendedLength {
		long |= 0x40
	}
	size := func(n int) []byte {
		return tlv.Encode(0x02, binary.BigEndian.AppendUint32(nil, uint32(cmp.Or(n, maxBuffer)))[1:])
	}
	card.Files[lds.ATRInfo] = append(tlv.Encode(0x47, []byte{0x84, 0x21, long}),
		tlv.Encode(0x7F66, size(p.Chip.Buffer.Command), size(p.Chip.Buffer.Answer))...)
	return nil
}

// checkLimits looks at the numbers of a chip, each by itself.
func (p Persona) checkLimits() error {
	c := p.Chip
	for _, n := range []struct {
		path            string
		value, min, max int
	}{
		{"buffer.command", c.Buffer.Command, minBuffer, maxBuffer}, {"buffer.answer", c.Buffer.Answer, minBuffer, maxBuffer},
		{"delay.command", c.Delay.Command, 1, maxDelay}, {"delay.kilobyte", c.Delay.Kilobyte, 1, maxDelay},
		{"retries.free", c.Retries.Free, 1, maxFree}, {"retries.wait", c.Retries.Wait, 1, maxDelay},
		{"retries.pin", c.Retries.PIN, 2, maxPINTries}, {"retries.spent", c.Retries.Spent, 1, maxPINTries}, {"retries.puk", c.Retries.PUK, 1, maxPINTries},
	} {
		if n.value != 0 && (n.value < n.min || n.value > n.max) {
			return wrong("$.chip."+n.path, "want a number from %d to %d", n.min, n.max)
		}
	}
	switch r := c.Retries; {
	case r.Free > 0 && r.Wait == 0:
		return wrong("$.chip.retries", "free tries need a wait that comes after them")
	case c.PIN == "" && (r.PIN > 0 || r.Spent > 0 || c.PUK != ""):
		return wrong("$.chip.pin", "tries and a PUK belong to a PIN")
	case c.PUK == "" && r.PUK > 0:
		return wrong("$.chip.puk", "its tries belong to a PUK")
	case r.Spent > r.PIN:
		return wrong("$.chip.retries.spent", "more tries are spent than there were")
	}
	return nil
}
