package simulator

import "cmp"

// LongApplet is an Applet that takes commands and gives answers longer than an
// APDU. The chip joins the links of a command chain before it calls Process, and
// keeps back what the reader has no room for until GET RESPONSE asks for it
// (ISO 7816-4 §5.3.3, §5.3.4). Any other Applet sees every APDU as it came.
type LongApplet interface {
	Applet
	// MaxCommand bounds the data field of a command, in bytes, chained or not.
	MaxCommand() int
}

// transport is what lies between two APDUs of one long command or answer.
type transport struct {
	open  bool    // a chain has begun
	chain Command // its header, and the data so far
	rest  []byte  // of an answer
	end   Status  // of the answer that rest belongs to
}

// exchange passes a command to the application once it is whole.
func (t *transport) exchange(cmd Command, a LongApplet) Response {
	if cmd.INS == insGetResponse && !t.open && cmd.last() {
		return t.more(cmd)
	}
	whole, sw := t.join(cmd, a.MaxCommand())
	if sw != swOK || !cmd.last() {
		return fail(sw)
	}
	return t.give(a.Process(whole), cmd.segment())
}

// join collects a chain. All its links have one header; a command that breaks in
// is refused, and the chain with it. The rest of an answer that nobody asked for
// is gone.
func (t *transport) join(cmd Command, most int) (Command, Status) {
	chain, open := t.chain, t.open
	*t = transport{}
	switch {
	case open && (chain.INS != cmd.INS || chain.p12() != cmd.p12()):
		return cmd, swLastOfChain
	case !cmd.last() && (cmd.INS == insSelect || cmd.INS == insGetResponse):
		return cmd, swChaining
	case len(chain.Data)+len(cmd.Data) > most:
		return cmd, swWrongLength
	case !open && cmd.last():
		return cmd, swOK
	}
	cmd.Data = append(chain.Data, cmd.Data...)
	if !cmd.last() {
		*t = transport{open: true, chain: cmd}
	}
	cmd.CLA &^= 0x10
	return cmd, swOK
}

// give sends what the reader has room for and announces the rest.
func (t *transport) give(r Response, room int) Response {
	if len(r.Data) <= room {
		t.rest = nil
		return r
	}
	t.rest, t.end = append([]byte(nil), r.Data[room:]...), r.SW
	return Response{Data: r.Data[:room], SW: swMoreData | Status(min(len(t.rest), maxShortNe)&0xFF)}
}

// send gives a protected answer, or its beginning where the rest does not fit: the
// pieces are not protected each, the whole is.
func (t *transport) send(answer []byte, outer Command) Response {
	end := len(answer) - 2
	sw := Status(answer[end])<<8 | Status(answer[end+1])
	return t.give(Response{Data: answer[:end], SW: sw}, outer.segment())
}

// more answers GET RESPONSE, ISO 7816-4 §11.8.1.
func (t *transport) more(cmd Command) Response {
	switch {
	case cmd.p12() != 0:
		return fail(swIncorrectP1P2)
	case len(cmd.Data) != 0:
		return fail(swWrongLength)
	case len(t.rest) == 0:
		return fail(swConditions)
	}
	return t.give(Response{Data: t.rest, SW: t.end}, cmd.segment())
}

// segment is how much of an answer fits. Readers that grew up with T=0 leave Le
// out where they expect data; in the clear that is taken for the short maximum.
func (c *Command) segment() int {
	if c.Ne == 0 && !c.secured {
		return min(maxShortNe, cmp.Or(c.most, maxShortNe))
	}
	return c.Room
}
