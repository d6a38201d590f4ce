package simulator

import (
	"bytes"

	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/simulator/persona"
)

// chipAuthOID is id-CA-ECDH without its last arc, which names the cipher
// (ICAO 9303-11 §9.2.7).
var chipAuthOID = []byte{0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x03, 0x02}

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
	if !ok || len(oid) != len(chipAuthOID)+1 || !bytes.HasPrefix(oid, chipAuthOID) {
		return fail(swIncorrectData)
	}
	cipher, known := chipAuthCiphers[oid[len(chipAuthOID)]]
	if !known {
		return fail(swIncorrectData)
	}
	key, sw := d.chipKey(p[0x84], cipher)
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
	key, sw := d.chipKey(p[0x84], kdf.TDES)
	if sw != swOK {
		return fail(sw)
	}
	return fail(d.agreeWith(key, p[0x91]))
}

// chipKey finds the private key. Chip Authentication follows an access
// procedure; a card that lacks the key says so and the session goes on.
func (d *document) chipKey(named []byte, cipher kdf.Cipher) (*persona.ChipKey, Status) {
	if !d.readable() {
		return nil, swSecurityStatus
	}
	var found *persona.ChipKey
	for i := range d.card.ChipKeys {
		key := &d.card.ChipKeys[i]
		if key.Cipher != cipher || named != nil && (key.ID == nil || *key.ID != reference(named)) {
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
// (ICAO 9303-11 §6.2.2, §9.8.2).
func (d *document) agreeWith(key *persona.ChipKey, theirs []byte) Status {
	peer, ok := point(key.Curve, theirs)
	if !ok {
		return swIncorrectData
	}
	secret, err := ec.ECDH(key.Private, peer)
	if err != nil {
		return swIncorrectData
	}
	next, err := newChannel(key.Cipher, secret)
	if err != nil {
		return swUnknown
	}
	d.next = next
	return swOK
}
