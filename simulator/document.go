package simulator

import (
	"io"
	"strings"
	"time"

	"cnie/simulator/persona"
)

// The instructions that this card knows (ISO 7816-4 table 5).
const (
	insManageSecurity = 0x22
	insVerifyCert     = 0x2A
	insResetCounter   = 0x2C
	insExternalAuth   = 0x82
	insGetChallenge   = 0x84
	insGeneralAuth    = 0x86
	insInternalAuth   = 0x88
	insSelect         = 0xA4
	insReadBinary     = 0xB0
	insReadBinaryOdd  = 0xB1
	insGetResponse    = 0xC0
)

// document is what the directories of one travel document share: its secrets
// and what the terminal has proved so far.
type document struct {
	card  *persona.Card
	rand  io.Reader
	paces []paceSuite

	open bool // the card has no access control at all
	session
	next      *session // takes over after the answer under way
	challenge []byte   // lives for one command
	running   protocol // GENERAL AUTHENTICATE under way
	chain     transport
	checking  inspection // Terminal Authentication under way

	// What outlives every session.
	wrong    int // guesses of CAN and MRZ in a row
	pin, puk tries
	trust    trust
	pause    time.Duration // before the answer under way
}

// session is what an access procedure opened, and what was proved under it.
type session struct {
	channel *channel // secure messaging; nil: plain
	proved  byte     // reference of the password; 0: Basic Access Control
	chip    []byte   // ID of ICAO 9303-11 §7.1.2
	// terminal is the ephemeral key that Terminal Authentication is about, nil
	// before Chip Authentication. rights are what it brought.
	terminal      []byte
	rights        byte
	authenticated bool // once a session, ICAO 9303-11 §7.1.3
}

// protocol is an authentication of one or more GENERAL AUTHENTICATE steps.
type protocol interface {
	// step answers the content of one dynamic authentication data object with
	// the content of another; done ends the protocol. Every failure ends it too.
	step(content []byte, last bool) (answer []byte, done bool, sw Status)
}

func newDocument(card *persona.Card, random io.Reader) *document {
	d := &document{card: card, rand: random, paces: paceSuites(card), trust: newTrust(card.Terminal)}
	d.open = !card.BAC && len(card.PACE) == 0
	d.pin = tries{card.Retries.PIN, card.Retries.PIN - card.Retries.Spent}
	d.puk = tries{card.Retries.PUK, card.Retries.PUK}
	return d
}

// forget ends the session: keys and rights are gone (ICAO 9303-11 §9.8.3).
func (d *document) forget() {
	d.session, d.next, d.challenge, d.running = session{}, nil, nil, nil
	d.chain, d.checking = transport{}, inspection{}
}

// switchKeys starts or restarts secure messaging once the answer that agreed on
// its keys is on its way; access begins with it.
func (d *document) switchKeys() {
	if d.next != nil {
		d.session, d.next = *d.next, nil
	}
}

// readable tells whether protected files are open. The PUK opens none: it only
// gives the PIN its tries back.
func (d *document) readable() bool {
	return d.open || d.channel != nil && d.proved != passwordPUK
}

// interrupted drops protocols that another command broke into, one that fails
// included. A challenge is for the very next command.
func (d *document) interrupted(ins byte) {
	if ins != insGeneralAuth {
		d.running = nil
	}
	if ins != insExternalAuth {
		d.challenge = nil
	}
}

// manageSecurity answers MSE:Set, which announces what comes next.
func (d *document) manageSecurity(cmd Command) Response {
	switch cmd.p12() {
	case 0xC1A4: // ICAO 9303-11 §4.4.4.1
		return d.setPACE(cmd.Data)
	case 0x41A4: // ICAO 9303-11 §6.2.4.2
		return d.setChipAuthentication(cmd.Data)
	case 0x41A6: // ICAO 9303-11 §6.2.4.1
		return d.setKeyAgreement(cmd.Data)
	case 0x81B6: // ICAO 9303-11 §7.1.5.1
		return d.setVerification(cmd.Data)
	case 0x81A4: // ICAO 9303-11 §7.1.5.3
		return d.setTerminal(cmd.Data)
	}
	return fail(swIncorrectP1P2)
}

// generalAuthenticate runs one step of the protocol that MSE:Set announced.
func (d *document) generalAuthenticate(cmd Command) Response {
	p := d.running
	d.running = nil
	switch {
	case p == nil:
		return fail(swConditions)
	case cmd.p12() != 0:
		return fail(swIncorrectP1P2)
	case cmd.Ne == 0:
		return fail(swWrongLength)
	}
	content, found := only(cmd.Data, 0x7C)
	if !found {
		return fail(swIncorrectData)
	}
	answer, done, sw := p.step(content, cmd.last())
	if sw != swOK {
		return fail(sw)
	}
	if headerSize(len(answer))+len(answer) > cmd.Room { // the terminal would miss the end of it
		d.next = nil
		return fail(swWrongLength)
	}
	if !done {
		d.running = p
	}
	return ok(appendObject(make([]byte, 0, len(answer)+4), 0x7C, answer))
}

// parameters of MSE:Set, by tag. Each may come once; unknown ones are refused.
type parameters map[byte][]byte

func parseParameters(data []byte, tags string) (parameters, bool) {
	p := parameters{}
	for len(data) > 0 {
		tag, value, rest, ok := object(data)
		if _, twice := p[tag]; !ok || twice || strings.IndexByte(tags, tag) < 0 {
			return nil, false
		}
		p[tag], data = value, rest
	}
	return p, true
}
