package simulator

import (
	"bytes"
	"crypto/sha1"
	"encoding/asn1"
	"io"

	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/lds"
)

// References of the passwords, ICAO 9303-11 §4.4.4.1.
const (
	passwordMRZ = 0x01
	passwordCAN = 0x02
)

// nonceSize is one AES block or two DES blocks; any multiple will do.
const nonceSize = 16

// paceSuite is one way to run PACE that the card can play: ECDH with generic
// mapping.
type paceSuite struct {
	oid       []byte // content of the object identifier
	parameter int
	curve     *ec.Curve
	cipher    kdf.Cipher
}

// paceSuites leaves out what this card announces but cannot play.
func paceSuites(infos []lds.PACEInfo) []paceSuite {
	var suites []paceSuite
	for _, info := range infos {
		p, known := info.Protocol()
		curve, found := ec.ByParameterID(info.ParameterID)
		der, err := asn1.Marshal(info.OID)
		if known && found && err == nil && p.Mapping == lds.GM && p.Agreement == lds.ECDH {
			suites = append(suites, paceSuite{der[2:], info.ParameterID, curve, p.Cipher})
		}
	}
	return suites
}

// pace is a run of the protocol of ICAO 9303-11 §4.4.1 on the chip's side.
type pace struct {
	document *document
	suite    paceSuite
	password []byte
	done     int // steps

	nonce  []byte
	mapped *ec.Point // the ephemeral generator
	own    *ec.Point
	peer   *ec.Point
	tokens *keys
	secret []byte
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
	p, ok := parseParameters(data, "\x80\x83\x84")
	if !ok || len(p[0x80]) == 0 || len(p[0x83]) != 1 {
		return fail(swIncorrectData)
	}
	suite, found := d.suite(p[0x80], p[0x84])
	if !found {
		return fail(swIncorrectData)
	}
	password := d.password(p[0x83][0])
	if password == nil {
		return fail(swReferenceNotFound)
	}
	d.running = &pace{document: d, suite: suite, password: password}
	return fail(swOK)
}

// suite finds the announced protocol; the domain parameters need naming only
// where the identifier leaves a choice, but a wrong name is refused.
func (d *document) suite(oid, parameter []byte) (paceSuite, bool) {
	for _, s := range d.paces {
		if bytes.Equal(s.oid, oid) && (parameter == nil || reference(parameter) == s.parameter) {
			return s, true
		}
	}
	return paceSuite{}, false
}

// reference reads a key or parameter reference; -1 is none that exists.
func reference(b []byte) int {
	if len(b) == 0 || len(b) > 3 {
		return -1
	}
	n := 0
	for _, x := range b {
		n = n<<8 | int(x)
	}
	return n
}

// password is f(π) of ICAO 9303-11 §9.7.3, nil when the card has no such one.
func (d *document) password(reference byte) []byte {
	switch {
	case reference == passwordMRZ && d.card.MRZ != lds.MRZKey{}:
		digest := sha1.Sum(d.card.MRZ.Seed())
		return digest[:]
	case reference == passwordCAN && d.card.CAN != "":
		return []byte(d.card.CAN)
	}
	return nil
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
	return appendObject(make([]byte, 0, len(answer)+4), step.out, answer), final, swOK
}

// encryptNonce chooses the nonce and sends it under the password's key.
func (p *pace) encryptNonce([]byte) ([]byte, Status) {
	p.document.hesitate()
	p.nonce = make([]byte, nonceSize)
	if _, err := io.ReadFull(p.document.rand, p.nonce); err != nil {
		return nil, swUnknown
	}
	key := kdf.Derive(p.suite.cipher, p.password, kdf.Password)
	block, err := p.suite.cipher.NewCipher(key)
	if err != nil {
		return nil, swUnknown
	}
	z := bytes.Clone(p.nonce)
	encryptCBC(block, zeroIV[:block.BlockSize()], z)
	return z, swOK
}

// mapNonce agrees on a point H and makes the generator s·G + H, ICAO 9303-11
// §4.4.3.3.1.
func (p *pace) mapNonce(theirs []byte) ([]byte, Status) {
	curve := p.suite.curve
	private, public, h, sw := p.exchange(curve.Generator(), theirs)
	if sw != swOK {
		return nil, sw
	}
	clear(private)
	s := make([]byte, curve.ScalarBytes())
	copy(s[len(s)-nonceSize:], p.nonce)
	sG, err := curve.Generator().Mul(s)
	if err != nil {
		return nil, swUnknown
	}
	if p.mapped, err = sG.Add(h); err != nil || p.mapped.IsInfinity() {
		return nil, swAuthentication
	}
	return public.Bytes(), swOK
}

// agree runs the key agreement over the mapped generator and derives the keys.
func (p *pace) agree(theirs []byte) ([]byte, Status) {
	private, public, shared, sw := p.exchange(p.mapped, theirs)
	if sw != swOK {
		return nil, sw
	}
	clear(private)
	peer, err := p.suite.curve.ParsePoint(theirs)
	// ICAO 9303-11 §4.4.1 step 3d: the two keys differ, or one was mirrored.
	if err != nil || peer.Equal(public) {
		return nil, swAuthentication
	}
	p.own, p.peer, p.secret = public, peer, shared.X()
	if p.tokens, err = deriveKeys(p.suite.cipher, p.secret); err != nil {
		return nil, swUnknown
	}
	return public.Bytes(), swOK
}

// exchange makes a key pair over a generator and multiplies the other's point.
func (p *pace) exchange(generator *ec.Point, theirs []byte) (private []byte, public, shared *ec.Point, sw Status) {
	peer, ok := point(p.suite.curve, theirs)
	if !ok {
		return nil, nil, nil, swIncorrectData
	}
	private, err := p.suite.curve.RandomScalar(p.document.rand)
	if err != nil {
		return nil, nil, nil, swUnknown
	}
	if public, err = generator.Mul(private); err != nil {
		return nil, nil, nil, swUnknown
	}
	if shared, err = peer.Mul(private); err != nil || shared.IsInfinity() {
		return nil, nil, nil, swAuthentication
	}
	return private, public, shared, swOK
}

// point reads an uncompressed point, the only form on the wire (ICAO 9303-11
// §9.4.1).
func point(curve *ec.Curve, b []byte) (*ec.Point, bool) {
	if len(b) == 0 || b[0] != 0x04 {
		return nil, false
	}
	p, err := curve.ParsePoint(b)
	return p, err == nil
}

// confirm compares the terminal's token with ours and starts secure messaging.
func (p *pace) confirm(token []byte) ([]byte, Status) {
	right := p.tokens.confirms(p.tokenInput(p.own), token)
	p.document.guessed(right)
	if !right { // a wrong password ends here
		return nil, swAuthentication
	}
	next, err := newChannel(p.suite.cipher, p.secret)
	if err != nil {
		return nil, swUnknown
	}
	p.document.next = next
	return p.tokens.code(p.tokenInput(p.peer)), swOK
}

// tokenInput is the public key object that a token authenticates, ICAO 9303-11
// §4.4.3.4: protocol identifier and point in template 7F49.
func (p *pace) tokenInput(public *ec.Point) []byte {
	body := appendObject(nil, 0x06, p.suite.oid)
	body = appendObject(body, 0x86, public.Bytes())
	return append(appendHeader([]byte{0x7F}, 0x49, len(body)), body...)
}
