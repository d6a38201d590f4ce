package simulator

import (
	"bytes"
	"io"

	"cnie/internal/kdf"
	"cnie/lds"
)

// nonceSize is one AES block or two DES blocks; any multiple will do.
const nonceSize = 16

// pace is a run of the protocol of ICAO 9303-11 §4.4.1 on the chip's side.
type pace struct {
	document *document
	*paceSuite
	reference byte
	password  []byte
	asked     bool // for the references of Terminal Authentication
	done      int  // steps

	nonce     []byte
	mapKey    []byte // private, of the mapping: what Chip Authentication Mapping proves with
	mapped    element
	own, peer element
	tokens    *keys
	secret    []byte
	more      []byte // objects after the token
}

// paceSteps is the order of the exchange: tag expected, tag answered.
var paceSteps = [...]struct {
	in, out byte
	run     func(*pace, []byte) ([]byte, Status)
}{
	{0x00, 0x80, (*pace).encryptNonce},
	{0x81, 0x82, (*pace).mapNonce},
	{0x83, 0x84, (*pace).agree},
	{0x85, 0x86, (*pace).confirm},
}

// setPACE answers MSE:Set AT for mutual authentication.
func (d *document) setPACE(data []byte) Response {
	data, asked, ok := cutAuthorization(data)
	p, parsed := parseParameters(data, "\x80\x83\x84")
	if !ok || !parsed || len(p[0x80]) == 0 || len(p[0x83]) != 1 {
		return fail(swIncorrectData)
	}
	suite, sw := d.suite(p[0x80], p[0x84])
	if sw != swOK {
		return fail(sw)
	}
	reference := p[0x83][0]
	password := d.password(reference)
	if password == nil || suite.mapping == lds.CAM && suite.key == nil {
		return fail(swReferenceNotFound)
	}
	d.running = &pace{document: d, paceSuite: suite, reference: reference, password: password, asked: asked}
	return fail(d.standing(reference))
}

// reference reads a key or parameter reference; -2 is none that exists.
func reference(b []byte) int {
	if len(b) == 0 || len(b) > 3 {
		return -2
	}
	n := 0
	for _, x := range b {
		n = n<<8 | int(x)
	}
	return n
}

func (p *pace) step(content []byte, last bool) ([]byte, bool, Status) {
	step := paceSteps[p.done]
	p.done++
	final := p.done == len(paceSteps)
	if last != final { // the steps are one command chain
		return nil, true, swLastOfChain
	}
	value, ok := content, len(content) == 0
	if step.in != 0 {
		value, ok = only(content, step.in)
	}
	if !ok {
		return nil, true, swIncorrectData
	}
	answer, sw := step.run(p, value)
	if sw != swOK {
		return nil, true, sw
	}
	out := appendObject(make([]byte, 0, len(answer)+len(p.more)+4), step.out, answer)
	return append(out, p.more...), final, swOK
}

// encryptNonce chooses the nonce and sends it under the password's key.
func (p *pace) encryptNonce([]byte) ([]byte, Status) {
	if sw := p.document.usable(p.reference); sw != swOK {
		return nil, sw
	}
	p.nonce = make([]byte, nonceSize)
	if p.mapping == lds.IM {
		p.nonce = make([]byte, nonceBytes(p.cipher))
	}
	if _, err := io.ReadFull(p.document.rand, p.nonce); err != nil {
		return nil, swUnknown
	}
	key := kdf.Derive(p.cipher, p.password, kdf.Password)
	block, err := p.cipher.NewCipher(key)
	if err != nil {
		return nil, swUnknown
	}
	z := bytes.Clone(p.nonce)
	encryptCBC(block, zeroIV[:block.BlockSize()], z)
	return z, swOK
}

// agree runs the key agreement over the mapped generator and derives the keys.
func (p *pace) agree(theirs []byte) ([]byte, Status) {
	private, peer, public, shared, sw := p.exchange(p.mapped, theirs)
	if sw != swOK {
		return nil, sw
	}
	clear(private)
	// ICAO 9303-11 §4.4.1 step 3d: the two keys differ, or one was mirrored.
	if equal(peer, public) {
		return nil, swAuthentication
	}
	p.own, p.peer, p.secret = public, peer, shared.secret()
	var err error
	if p.tokens, err = deriveKeys(p.cipher, p.secret); err != nil {
		return nil, swUnknown
	}
	return public.bytes(), swOK
}

// exchange makes a key pair over a generator and takes the other's key to the
// power of the private one.
func (p *pace) exchange(generator element, theirs []byte) (private []byte, peer, public, shared element, sw Status) {
	peer, ok := p.group.parse(theirs)
	if !ok {
		return nil, nil, nil, nil, swIncorrectData
	}
	private, err := p.group.scalar(p.document.rand)
	if err != nil {
		return nil, nil, nil, nil, swUnknown
	}
	public, right := generator.times(private)
	if shared, ok = peer.times(private); !ok || !right {
		return nil, nil, nil, nil, swAuthentication
	}
	return private, peer, public, shared, swOK
}

// confirm compares the terminal's token with ours and starts secure messaging.
func (p *pace) confirm(token []byte) ([]byte, Status) {
	right := p.tokens.confirms(p.tokenInput(p.own), token)
	if sw := p.document.tried(p.reference, right); sw != swOK { // a wrong password ends here
		return nil, sw
	}
	channel, err := newChannel(p.cipher, p.secret)
	if err != nil {
		return nil, swUnknown
	}
	next := &session{channel: channel, proved: p.reference, chip: p.own.compressed(), authenticated: p.document.authenticated}
	if p.mapping == lds.CAM {
		sealed, sw := p.chipData()
		if sw != swOK {
			return nil, sw
		}
		// Terminal Authentication builds on this key too, ICAO 9303-11 §7.1.2.
		p.more, next.terminal = appendObject(nil, 0x8A, sealed), p.peer.compressed()
	}
	if p.asked {
		p.more = append(p.document.trustReferences(), p.more...)
	}
	p.document.next = next
	return p.tokens.code(p.tokenInput(p.peer)), swOK
}

// tokenInput is the public key object that a token authenticates, ICAO 9303-11
// §4.4.3.4: protocol identifier and public value in template 7F49.
func (p *pace) tokenInput(public element) []byte {
	body := appendObject(nil, 0x06, p.oid)
	body = appendObject(body, p.group.tag(), public.bytes())
	return append(appendHeader([]byte{0x7F}, 0x49, len(body)), body...)
}
