package simulator

import (
	"cnie/lds"
	"cnie/simulator/persona"
)

// dispatch has the application answer, and the chip's habits shape the answer.
// They sit inside secure messaging: an odd chip protects its odd answers too.
func (c *Chip) dispatch(cmd Command) Response {
	for _, q := range c.quirks {
		if refuses(q) && asks(q, cmd) {
			return Response{Data: q.Data, SW: Status(q.SW)} // the application never hears of it
		}
	}
	r := c.route(cmd)
	for _, q := range c.quirks {
		if asks(q, cmd) && (q.Got == 0 || Status(q.Got) == r.SW) && (q.File == 0 || c.reads(q.File)) {
			return shape(q, r)
		}
	}
	return r
}

// refuses tells a habit that needs to know nothing but the command.
func refuses(q persona.Quirk) bool {
	return q.SW != 0 && q.Got == 0 && q.File == 0 && !q.Keep
}

// asks tells whether a command is one that the habit is about.
func asks(q persona.Quirk, cmd Command) bool {
	reads := cmd.INS == insReadBinary || cmd.INS == insReadBinaryOdd
	switch {
	case q.INS != 0 && q.INS != cmd.INS,
		q.P12 != 0 && q.P12 != cmd.p12(),
		q.Plain && cmd.secured,
		q.ShortID && !(cmd.INS == insReadBinary && cmd.P1&0x80 != 0),
		q.Silent && !(cmd.INS == insSelect && cmd.P2&0x0C == 0x0C),
		q.NoLe && cmd.Ne != 0,
		q.MaxLe && !cmd.Any,
		q.Above > 0 && cmd.Ne <= q.Above,
		q.File != 0 && !reads:
		return false
	}
	return true
}

// reads tells whether the file that was just read is this one.
func (c *Chip) reads(f lds.File) bool {
	d, is := c.selected.(*directory)
	return is && d.current != nil && d.current.fid == f.FID()
}

// shape makes of an answer what the habit wants.
func shape(q persona.Quirk, r Response) Response {
	if q.Most > 0 {
		r.Data = r.Data[:min(len(r.Data), q.Most)]
	}
	if q.SW == 0 {
		return r
	}
	sw := Status(q.SW)
	if sw == swExactLength {
		sw |= Status(len(r.Data) & 0xFF)
	}
	if !q.Keep {
		r.Data = q.Data
	}
	return Response{Data: r.Data, SW: sw}
}
