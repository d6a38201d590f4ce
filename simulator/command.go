package simulator

// Lengths of ISO 7816-4 §5.2. A whole answer, status word included, fits the 16
// bit length field that virtual readers frame it with.
const (
	maxShortNe    = 256
	maxExtendedNe = 65536
	maxAnswer     = 65535 - 2
)

// Command is a command APDU as an application sees it: out of secure
// messaging, its length fields resolved.
type Command struct {
	CLA, INS, P1, P2 byte
	Data             []byte // at most 65,535 bytes; valid during the call
	Ne               int    // expected answer bytes, 0 … 65,536; 0 when Le is absent
	Any              bool   // Le was all zeros: Ne is a ceiling, not a demand
	Room             int    // answer bytes that fit the protection and the outer Le
	most             int    // answer bytes that the chip has a buffer for; 0: no matter
	extended         bool
	secured          bool // came under secure messaging
}

// last tells the end of a command chain, ISO 7816-4 §5.3.3.
func (c *Command) last() bool { return c.CLA&0x10 == 0 }

// p12 joins the parameter bytes.
func (c *Command) p12() uint16 { return uint16(c.P1)<<8 | uint16(c.P2) }

// Response is an answer before protection.
type Response struct {
	Data []byte
	SW   Status
}

// encode appends the status word to a copy of the data.
func (r Response) encode() []byte {
	if len(r.Data) > maxAnswer {
		r = fail(swUnknown)
	}
	out := make([]byte, 0, len(r.Data)+2)
	return append(append(out, r.Data...), byte(r.SW>>8), byte(r.SW))
}

// parseCommand splits a raw command APDU into its four cases, short or
// extended (ISO 7816-4 §5.2).
func parseCommand(raw []byte) (Command, bool) {
	if len(raw) < 4 {
		return Command{}, false
	}
	c := Command{CLA: raw[0], INS: raw[1], P1: raw[2], P2: raw[3]}
	body := raw[4:]
	switch {
	case len(body) == 0:
		return c, true
	case len(body) == 1:
		c.expect(int(body[0]), maxShortNe)
		return c, true
	case body[0] != 0:
		return c, c.split(body[1:], int(body[0]), 1)
	}
	c.extended = true
	if len(body) < 3 {
		return c, false
	}
	n := int(body[1])<<8 | int(body[2])
	if len(body) == 3 {
		c.expect(n, maxExtendedNe)
		return c, true
	}
	return c, n > 0 && c.split(body[3:], n, 2)
}

// split cuts the data field of n bytes from the Le field of 0 or size bytes.
func (c *Command) split(rest []byte, n, size int) bool {
	if len(rest) < n {
		return false
	}
	c.Data, rest = rest[:n], rest[n:]
	switch {
	case len(rest) == 0:
		return true
	case len(rest) != size:
		return false
	case size == 1:
		c.expect(int(rest[0]), maxShortNe)
	default:
		c.expect(int(rest[0])<<8|int(rest[1]), maxExtendedNe)
	}
	return true
}

// expect sets Ne from the value of an Le field; zero stands for the most.
func (c *Command) expect(le, most int) {
	c.Ne, c.Any = le, le == 0
	if c.Any {
		c.Ne = most
	}
	c.Room = min(c.Ne, maxAnswer)
}
