package simulator

import (
	"bytes"
	"crypto/rand"
	"io"
	"sync"

	"cnie/simulator/persona"
)

// Wire stands between the reader and the chip: it gets the next stage and
// returns what the reader talks to. It sees raw bytes both ways.
type Wire func(next func(command []byte) []byte) func(command []byte) []byte

// Option changes a chip when it is made.
type Option func(*Chip)

// WithRand replaces the source of random numbers, for worked examples.
func WithRand(r io.Reader) Option { return func(c *Chip) { c.document.rand = r } }

// WithWire puts a wire before the chip; the one given last is nearest to the
// reader.
func WithWire(w Wire) Option { return func(c *Chip) { c.wires = append(c.wires, w) } }

// WithApplet adds an application to the travel document's.
func WithApplet(a Applet) Option { return func(c *Chip) { c.applets = append(c.applets, a) } }

// Chip is one simulated card. It is safe for concurrent use, but answers one
// command at a time.
type Chip struct {
	mu        sync.Mutex
	atr       []byte
	extended  bool
	quirks    []persona.Quirk
	document  *document
	root      Applet // the master file
	applets   []Applet
	selected  Applet
	transport transport // of a LongApplet
	sealed    transport // of protected answers, on their way out
	wires     []Wire
	entry     func([]byte) []byte
	limits    persona.Buffer
	delay     persona.Delay
}

// New personalises a chip. The card's content is read, never changed; it must
// not change afterwards.
func New(card *persona.Card, options ...Option) *Chip {
	doc := newDocument(card, rand.Reader)
	travel := newTravelApplication(doc)
	c := &Chip{atr: card.ATR, extended: card.ExtendedLength, limits: card.Buffer, delay: card.Delay, quirks: card.Quirks, document: doc, root: newMasterFile(doc), applets: []Applet{travel}}
	for _, option := range options {
		option(c)
	}
	c.selected = c.root
	c.entry = c.process
	if card.Delay != (persona.Delay{}) || card.Retries.Wait > 0 {
		c.entry = c.inTime
	}
	for _, wire := range c.wires {
		c.entry = wire(c.entry)
	}
	return c
}

// ATR is the answer to reset.
func (c *Chip) ATR() []byte { return bytes.Clone(c.atr) }

// Power switches the chip on or off; either way it forgets every session.
func (c *Chip) Power(bool) { c.Reset() }

// Reset starts the chip anew: the master file is selected and nobody is
// authenticated.
func (c *Chip) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range c.applets {
		a.Deselect()
	}
	c.root.Deselect()
	c.selected, c.transport, c.sealed = c.root, transport{}, transport{}
	c.document.forget()
}

// Transmit answers one command APDU. The answer is the caller's and has two
// bytes at least, whatever a wire does.
func (c *Chip) Transmit(command []byte) []byte {
	answer := c.entry(command)
	if len(answer) < 2 || len(answer) > maxAnswer+2 {
		return fail(swUnknown).encode()
	}
	return answer
}

// process is the chip proper: class byte, secure messaging, application.
func (c *Chip) process(raw []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	cmd, wellFormed := parseCommand(raw)
	c.narrow(&cmd)
	wellFormed = wellFormed && c.fits(raw)
	if wellFormed && len(c.sealed.rest) > 0 && cmd.INS == insGetResponse && cmd.CLA == 0 {
		return c.sealed.more(cmd).encode()
	}
	c.sealed = transport{}
	c.document.interrupted(cmd.INS)
	if wellFormed && cmd.CLA&0xEF == 0x0C && c.document.channel != nil {
		return c.secured(cmd)
	}
	// ICAO 9303-11 §9.8.3: a plain command ends the session and its rights.
	if c.document.channel != nil {
		c.document.forget()
	}
	if sw := c.refusal(cmd, wellFormed); sw != swOK {
		return fail(sw).encode()
	}
	r := c.dispatch(cmd)
	c.document.switchKeys()
	return r.encode()
}

// refusal judges a command that came without (usable) secure messaging.
func (c *Chip) refusal(cmd Command, wellFormed bool) Status {
	switch {
	case !wellFormed, cmd.extended && !c.extended:
		return swWrongLength
	case cmd.CLA&0xE0 != 0: // proprietary, or further interindustry
		return swClass
	case cmd.CLA&0x03 != 0:
		return swLogicalChannel
	case cmd.CLA&0x0C == 0x0C: // no session: whatever protects it is wrong
		return swObjectsIncorrect
	case cmd.CLA&0x0C != 0:
		return swSecureMessaging
	}
	return swOK
}

// secured answers a protected command: under the keys that it came with, even
// when it agreed on new ones (ICAO 9303-11 §9.8.2).
func (c *Chip) secured(outer Command) []byte {
	channel := c.document.channel
	sw := swWrongLength
	var cmd Command
	if !outer.extended || c.extended {
		cmd, sw = channel.open(outer)
	}
	if sw != swOK { // ICAO 9303-11 §9.8.5: unprotected status, keys deleted
		c.document.forget()
		return fail(sw).encode()
	}
	answer := channel.protect(c.dispatch(cmd), cmd.INS&1 == 1)
	c.document.switchKeys()
	return c.sealed.send(answer, outer).encode()
}
