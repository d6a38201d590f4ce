package simulator

import (
	"bytes"

	"cnie/internal/kdf"
	"cnie/lds"
	"cnie/simulator/persona"
)

// chipAuthOID is id-CA without its last two arcs, which name the kind of group
// and the cipher (ICAO 9303-11 §9.2.7).
var chipAuthOID = []byte{0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x03}

var chipAuthAgreements = map[byte]lds.Agreement{1: lds.DH, 2: lds.ECDH}

var chipAuthCiphers = map[byte]kdf.Cipher{1: kdf.TDES, 2: kdf.AES128, 3: kdf.AES192, 4: kdf.AES256}

// chipAuth is Chip Authentication after MSE:Set AT: one GENERAL AUTHENTICATE.
type chipAuth struct {
	document *document
	key      *persona.ChipKey
}

// setChipAuthentication answers MSE:Set AT for internal authentication, ICAO
// 9303-11 §6.2.4.2.
func (d *document) setChipAuthentication(data []byte) Response {
	p, ok := parseParameters(data, "\x80\x84")
	oid := p[0x80]
	if !ok || len(oid) != len(chipAuthOID)+2 || !bytes.HasPrefix(oid, chipAuthOID) {
		return fail(swIncorrectData)
	}
	agreement := chipAuthAgreements[oid[len(chipAuthOID)]]
	cipher := chipAuthCiphers[oid[len(chipAuthOID)+1]]
	if agreement == 0 || cipher == 0 {
		return fail(swIncorrectData)
	}
	key, sw := d.chipKey(p[0x84], func(k *persona.ChipKey) bool {
		return k.Cipher == cipher && groupOf(k).agreement() == agreement
	})
	if sw == swOK {
		d.running = &chipAuth{d, key}
	}
	return fail(sw)
}

// setKeyAgreement answers MSE:Set KAT: the whole protocol in one command, for
// 3DES only (ICAO 9303-11 §6.2.4.1).
func (d *document) setKeyAgreement(data []byte) Response {
	p, ok := parseParameters(data, "\x84\x91")
	if !ok || p[0x91] == nil {
		return fail(swIncorrectData)
	}
	key, sw := d.chipKey(p[0x84], func(k *persona.ChipKey) bool { return k.Cipher == kdf.TDES })
	if sw != swOK {
		return fail(sw)
	}
	return fail(d.agreeWith(key, p[0x91]))
}

// groupOf is where a static key lies.
func groupOf(k *persona.ChipKey) group {
	if k.Group != nil {
		return numberGroup{k.Group}
	}
	return curveGroup{k.Curve}
}

// chipKey finds the private key. Chip Authentication follows an access
// procedure; a card that lacks the key says so and the session goes on.
func (d *document) chipKey(named []byte, fits func(*persona.ChipKey) bool) (*persona.ChipKey, Status) {
	if !d.readable() {
		return nil, swSecurityStatus
	}
	var found *persona.ChipKey
	for i := range d.card.ChipKeys {
		key := &d.card.ChipKeys[i]
		if !fits(key) || named != nil && (key.ID == nil || *key.ID != reference(named)) {
			continue
		}
		if found != nil { // ambiguous: the reference was required
			return nil, swReferenceNotFound
		}
		found = key
	}
	if found == nil {
		return nil, swReferenceNotFound
	}
	return found, swOK
}

func (c *chipAuth) step(content []byte, last bool) ([]byte, bool, Status) {
	if !last {
		return nil, true, swLastOfChain
	}
	theirs, ok := only(content, 0x80)
	if !ok {
		return nil, true, swIncorrectData
	}
	return nil, true, c.document.agreeWith(c.key, theirs)
}

// agreeWith derives new session keys from the static key and the terminal's
// ephemeral one; secure messaging restarts after this answer, at counter zero
// (ICAO 9303-11 §6.2.2, §9.8.2). What a terminal was granted for its former key
// ends with it (§7.1.3).
func (d *document) agreeWith(key *persona.ChipKey, theirs []byte) Status {
	peer, ok := groupOf(key).parse(theirs)
	if !ok {
		return swIncorrectData
	}
	shared, ok := peer.times(key.Private)
	if !ok {
		return swIncorrectData
	}
	channel, err := newChannel(key.Cipher, shared.secret())
	if err != nil {
		return swUnknown
	}
	d.next = &session{channel: channel, proved: d.proved, chip: d.chip, terminal: peer.compressed(), authenticated: d.authenticated}
	return swOK
}
