package remake

import (
	"bytes"
	"crypto"
	"fmt"
	"slices"

	"cnie/apdu/tlv"
	"cnie/lds"
	"cnie/pki"
	"cnie/pki/cert"
	"cnie/simulator/persona"
)

// announcements is EF.CardAccess or EF.DG14 as it was, but for what is one card's
// own: public keys, which become specimens, and the values of elements that
// nobody here knows, which become zeros.
func announcements(content []byte, infos lds.SecurityInfos, keys map[string][]byte) []byte {
	content = bytes.Clone(content)
	for was, now := range keys {
		replace(content, []byte(was), now)
	}
	for _, other := range infos.Other {
		blank := bytes.Clone(other.DER)
		erase(blank, 0)
		replace(content, other.DER, blank)
	}
	return content
}

// replace overwrites every occurrence of one thing by another as long.
func replace(content, was, now []byte) {
	for at := 0; len(was) > 0 && len(was) == len(now); {
		i := bytes.Index(content[at:], was)
		if i < 0 {
			return
		}
		copy(content[at+i:], now)
		at += i + len(was)
	}
}

// erase zeroes the values of data objects in place, but for object identifiers
// and numbers that are too short to tell one card from another.
func erase(der []byte, depth int) {
	const deepest, identifier, smallest = 16, 0x06, 2
	for len(der) > 0 {
		element, rest, err := tlv.Read(der)
		switch {
		case err != nil || depth > deepest:
			clear(der)
			return
		case element.Tag.Constructed():
			erase(element.Value, depth+1)
		case element.Tag != identifier && len(element.Value) > smallest:
			clear(element.Value)
		}
		der = rest
	}
}

// addAnnouncements makes EF.CardAccess, EF.DG14 and the keys behind them.
func (o *original) addAnnouncements(card *persona.Card) []string {
	if content, there := o.files[lds.CardAccess]; there {
		infos, err := lds.ParseCardAccess(content)
		if err != nil {
			return []string{"EF.CardAccess was malformed and is left out"}
		}
		card.PACE, card.PACEParameters = infos.PACE, infos.PACEParameters
		card.Files[lds.CardAccess] = announcements(content, infos, nil)
	}
	card.BAC = len(card.PACE) == 0 || o.evidence.Access.Protocol == pki.BAC
	content, there := o.files[lds.DG14]
	if !there {
		return nil
	}
	infos, err := lds.ParseDG14(content)
	if err != nil {
		card.Files[lds.DG14] = opaque(lds.DG14, len(content))
		return []string{"EF.DG14 was malformed in some way and is in another"}
	}
	keys := map[string][]byte{}
	for i, info := range infos.ChipKeys {
		was, err := cert.ParseAgreementKey(info.SubjectPublicKeyInfo)
		if err != nil {
			card.Files[lds.DG14] = opaque(lds.DG14, len(content))
			return []string{"EF.DG14 has a key of a kind that is not made here, and is opaque"}
		}
		made, err := remadeKey(was, info.KeyID, fmt.Sprint("remade chip key ", i))
		if err != nil {
			return []string{"EF.DG14 has a key that could not be made"}
		}
		keys[string(made.was)] = made.now
		card.ChipKeys = append(card.ChipKeys, o.chipKeys(infos, made.key)...)
	}
	card.Files[lds.DG14] = announcements(content, infos, keys)
	return o.addCardSecurity(card, keys)
}

// chipKeys are the ways to use one key. A chip that refused to use it has lost
// it; one that could not, has another.
func (o *original) chipKeys(infos lds.SecurityInfos, key persona.ChipKey) (keys []persona.ChipKey) {
	if c := o.evidence.Chip; c != nil && c.Outcome == pki.ChipRefused {
		return nil
	}
	if o.failed[pki.CheckChip] || o.failed[pki.CheckMapping] {
		key.Private = nobody(key)
	}
	uses := infos.ChipAuth
	mapping := servesMapping(infos, key.ID)
	if len(uses) == 0 && !mapping { // the key alone is for 3DES, ICAO 9303-11 §9.2.5
		oid, _ := lds.ChipProtocol{Agreement: agreementOf(key), Cipher: 1}.OID()
		uses = []lds.ChipAuthenticationInfo{{OID: oid}}
	}
	for _, use := range uses {
		mine := use.KeyID == nil || key.ID != nil && *use.KeyID == *key.ID
		if p, known := use.Protocol(); known && mine && p.Agreement == agreementOf(key) {
			key.Cipher = p.Cipher
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 && mapping {
		keys = append(keys, key)
	}
	return keys
}

// addActive makes EF.DG15 and the key behind it, of the same kind and size.
func (o *original) addActive(card *persona.Card) string {
	content, there := o.files[lds.DG15]
	if !there {
		return ""
	}
	made, key, err := o.activeKey(content)
	content, remark := sameLength(lds.DG15, len(content), made, err)
	card.Files[lds.DG15] = content
	proof := o.evidence.Active
	switch {
	case remark != "" || proof != nil && proof.Outcome == pki.ChipRefused:
		return remark
	case o.failed[pki.CheckActive]:
		key = key.Other()
	}
	card.ActiveKey = key
	return ""
}

// activeKey has a persona made whose chip has such a key.
func (o *original) activeKey(dg15 []byte) ([]byte, *persona.ActiveKey, error) {
	der, err := lds.ParseDG15(dg15)
	if err != nil {
		return nil, nil, err
	}
	spki, err := cert.ParseSPKI(der)
	if err != nil {
		return nil, nil, err
	}
	p, err := persona.Load("specimen")
	if err != nil {
		return nil, nil, err
	}
	p.Chip.Active = &persona.Active{}
	if spki.RSA != nil {
		p.Chip.Active.RSA = spki.RSA.N.BitLen()
	} else if spki.EC != nil {
		p.Chip.Active.Curve, p.Chip.Active.Hash = spki.EC.Curve().Name(), o.activeHash()
	}
	card, err := p.Card()
	if err != nil {
		return nil, nil, err
	}
	return card.Files[lds.DG15], card.ActiveKey, nil
}

// activeHash is the hash that EF.DG14 names for signatures on a curve, from the
// last arc of BSI TR-03111's identifiers.
func (o *original) activeHash() string {
	infos, err := lds.ParseDG14(o.files[lds.DG14])
	if err != nil || len(infos.ActiveAuth) == 0 {
		return ""
	}
	names := []string{"SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"}
	oid := infos.ActiveAuth[0].SignatureAlgorithm
	if n := len(oid); n > 0 && oid[n-1] >= 1 && oid[n-1] <= len(names) {
		return names[oid[n-1]-1]
	}
	return ""
}

// hashes are those that specimen signers know.
var hashes = []crypto.Hash{crypto.SHA1, crypto.SHA224, crypto.SHA256, crypto.SHA384, crypto.SHA512}

func usable(h crypto.Hash) crypto.Hash {
	if slices.Contains(hashes, h) {
		return h
	}
	return crypto.SHA256
}
