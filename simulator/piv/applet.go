package piv

import (
	"crypto/rand"
	"io"
	"sync"

	"cnie/simulator"
)

// aid is the application's name, with version 01 00 (SP 800-73-5 part 1 §2.2).
var aid = []byte{0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00}

// The instructions of SP 800-73-5 part 2 table 2.
const (
	insVerify            = 0x20
	insChangeReference   = 0x24
	insResetRetryCounter = 0x2C
	insGenerate          = 0x47
	insAuthenticate      = 0x87
	insGetData           = 0xCB
	insPutData           = 0xDB
	insSelect            = 0xA4
)

// maxCommand has room for the largest object of SP 800-73-5 part 1, a face.
const maxCommand = 16 << 10

// Option changes an applet when it is made.
type Option func(*Applet)

// WithRand replaces the source of challenges, for worked examples. Go's key
// generation and signatures do not draw from it.
func WithRand(r io.Reader) Option { return func(a *Applet) { a.rand = r } }

// Applet is the PIV card application. It is safe for concurrent use.
type Applet struct {
	mu       sync.Mutex
	contents *Contents
	rand     io.Reader
	token    *token // nil: a card like SP 800-73-5 has it
	keep     func(*Contents)

	verified bool    // the PIN was right
	managed  bool    // so was the management key
	before   passing // left by the last command
	after    passing // left by this one
}

// passing is what a command leaves for the very next one.
type passing struct {
	verified  bool   // the PIN was right just now
	witness   []byte // which the terminal must decrypt
	challenge []byte // which the terminal must encrypt
}

var _ simulator.LongApplet = (*Applet)(nil)

// New makes the application of a card with a copy of these contents.
func New(contents *Contents, options ...Option) *Applet {
	a := &Applet{contents: contents.clone(), rand: rand.Reader}
	for _, option := range options {
		option(a)
	}
	if a.token != nil {
		a.token.equip(a.contents)
	}
	return a
}

// Contents copies what is on the card now, retry counters included; the session
// is no part of it.
func (a *Applet) Contents() *Contents {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.contents.clone()
}

// AID implements simulator.Applet.
func (a *Applet) AID() []byte { return aid }

// MaxCommand implements simulator.LongApplet.
func (a *Applet) MaxCommand() int { return maxCommand }

// Select answers the application property template, SP 800-73-5 part 2 table 3.
// Selected anew, the application keeps its security status (§3.1.1).
func (a *Applet) Select() simulator.Response {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.before = passing{}
	template := put(nil, 0x4F, aid[5:]...)
	template = put(template, 0x79, put(nil, 0x4F, aid[:5]...)...)
	template = put(template, 0x50, []byte("SPECIMEN PIV")...)
	return ok(put(nil, 0x61, template...))
}

// Deselect ends the session.
func (a *Applet) Deselect() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.verified, a.managed, a.before = false, false, passing{}
}

// Process implements simulator.Applet.
func (a *Applet) Process(cmd simulator.Command) simulator.Response {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.after = passing{}
	tries := a.contents.tries()
	r := a.answer(cmd)
	a.before = a.after
	a.kept(tries, cmd.INS, r.SW)
	return r
}

func (a *Applet) answer(cmd simulator.Command) simulator.Response {
	switch cmd.INS {
	case insVerify:
		return status(a.verify(cmd))
	case insChangeReference:
		return status(a.changeReference(cmd))
	case insResetRetryCounter:
		return status(a.resetRetryCounter(cmd))
	case insAuthenticate:
		return a.authenticate(cmd)
	case insGenerate:
		return a.generate(cmd)
	case insGetData:
		return a.getData(cmd)
	case insPutData:
		return status(a.putData(cmd))
	case insSelect: // by anything but a name
		return status(swIncorrectP1P2)
	}
	if a.token != nil {
		return a.token.answer(a, cmd)
	}
	return status(swInstruction)
}

// random draws from the card's source.
func (a *Applet) random(n int) ([]byte, bool) {
	b := make([]byte, n)
	_, err := io.ReadFull(a.rand, b)
	return b, err == nil
}
