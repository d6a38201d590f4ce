package simulator

import "bytes"

// Applet is an application on the card. The chip calls one method at a time;
// secure messaging is done before and after it.
type Applet interface {
	// AID names the application (ISO 7816-4 §12.2.3).
	AID() []byte
	// Select makes it the current application and returns its file control
	// information; any status but 9000 leaves the former one selected.
	Select() Response
	// Process answers every command but SELECT by name.
	Process(Command) Response
	// Deselect forgets what must not outlive the selection. It is called when
	// another application is selected and, of every application, at reset.
	Deselect()
}

// minAID is the length of a registered identifier: a shorter name matches
// nothing.
const minAID = 5

// applet finds an application by its name, whole or truncated on the right
// (ISO 7816-4 §11.2.2).
func (c *Chip) applet(name []byte) Applet {
	if len(name) < minAID {
		return nil
	}
	for _, a := range c.applets {
		if bytes.HasPrefix(a.AID(), name) {
			return a
		}
	}
	return nil
}

// route selects applications and hands everything else to the current one.
func (c *Chip) route(cmd Command) Response {
	if cmd.INS != insSelect || !cmd.last() {
		return c.pass(cmd)
	}
	switch {
	case cmd.P1 == 0x04:
		return c.selectApplet(c.applet(cmd.Data), cmd)
	case cmd.P1 == 0x00 && (len(cmd.Data) == 0 || bytes.Equal(cmd.Data, []byte{0x3F, 0x00})):
		return c.selectApplet(c.root, cmd)
	}
	return c.pass(cmd)
}

// pass hands a command to the current application, whole if it wants that.
func (c *Chip) pass(cmd Command) Response {
	if long, is := c.selected.(LongApplet); is {
		return c.transport.exchange(cmd, long)
	}
	return c.selected.Process(cmd)
}

// selectApplet leaves the current application in place when the new one is not
// there: real terminals probe for many.
func (c *Chip) selectApplet(a Applet, cmd Command) Response {
	c.transport, c.document.chain = transport{}, transport{}
	if a == nil {
		return fail(swFileNotFound)
	}
	if cmd.P2 != 0x00 && cmd.P2 != 0x0C {
		return fail(swIncorrectP1P2)
	}
	r := a.Select()
	if r.SW != swOK {
		return r
	}
	if a != c.selected {
		c.selected.Deselect()
		c.selected = a
	}
	if cmd.P2 == 0x0C {
		return ok(nil)
	}
	if _, is := a.(LongApplet); is {
		return c.transport.give(r, cmd.segment())
	}
	if len(r.Data) > cmd.Room {
		return ok(nil)
	}
	return r
}
