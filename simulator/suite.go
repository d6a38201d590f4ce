package simulator

import (
	"bytes"
	"encoding/asn1"

	"cnie/internal/dh"
	"cnie/internal/ec"
	"cnie/internal/kdf"
	"cnie/lds"
	"cnie/simulator/persona"
)

// paceSuite is one way to run PACE.
type paceSuite struct {
	oid       []byte // content of the object identifier
	parameter int    // id of the domain parameters; -1: the only ones, and unnamed
	mapping   lds.Mapping
	group     group
	cipher    kdf.Cipher
	key       *persona.ChipKey // Chip Authentication Mapping: what it proves
}

// paceSuites leaves out what this card announces but cannot play.
func paceSuites(card *persona.Card) []paceSuite {
	var suites []paceSuite
	for _, info := range card.PACE {
		p, known := info.Protocol()
		where := domain(card, info, p.Agreement)
		der, err := asn1.Marshal(info.OID)
		if !known || where == nil || err != nil || !defined(p, where) {
			continue
		}
		s := paceSuite{oid: der[2:], parameter: info.ParameterID, mapping: p.Mapping, group: where, cipher: p.Cipher}
		if p.Mapping == lds.CAM {
			s.key = mappingKey(card, info.ParameterID)
		}
		suites = append(suites, s)
	}
	return suites
}

// defined tells whether a mapping exists in a group: the integrated one asks for
// a point encoding (ICAO 9303-11 §9.5.1, the note below table 12).
func defined(p lds.PACEProtocol, where group) bool {
	if p.Agreement != where.agreement() {
		return false
	}
	_, encodes := where.encode(where.prime().Rsh(where.prime(), 1))
	return p.Mapping != lds.IM || encodes
}

// mappingKey is the static key that has the domain parameters' id for its own
// (ICAO 9303-11 §9.2.1); nil in a chip that lost it.
func mappingKey(card *persona.Card, id int) *persona.ChipKey {
	for i := range card.ChipKeys {
		if key := &card.ChipKeys[i]; key.ID != nil && *key.ID == id {
			return key
		}
	}
	return nil
}

// domain finds the domain parameters of an announcement: those with its number
// in the standard, or those which the card spells out itself.
func domain(card *persona.Card, info lds.PACEInfo, a lds.Agreement) group {
	if g := standard(info.ParameterID); g != nil {
		return g
	}
	for _, own := range card.PACEParameters {
		if g := explicit(own.Parameters); g != nil && g.agreement() == a && own.ParameterID == info.ParameterID {
			return g
		}
	}
	return nil
}

func standard(id int) group {
	if curve, is := ec.ByParameterID(id); is {
		return curveGroup{curve}
	}
	if numbers, is := dh.ByParameterID(id); is {
		return numberGroup{numbers}
	}
	return nil
}

var (
	oidNumbers = asn1.ObjectIdentifier{1, 2, 840, 10046, 2, 1} // dhpublicnumber
	oidPoints  = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1} // ecPublicKey
)

// explicit reads an AlgorithmIdentifier of ICAO 9303-11 §9.5.2. Parameters of
// nobody's making cannot be played.
func explicit(der []byte) group {
	var algorithm struct {
		OID        asn1.ObjectIdentifier
		Parameters asn1.RawValue
	}
	if rest, err := asn1.Unmarshal(der, &algorithm); err != nil || len(rest) > 0 {
		return nil
	}
	switch {
	case algorithm.OID.Equal(oidPoints):
		if curve, err := ec.MatchExplicit(algorithm.Parameters.FullBytes); err == nil {
			return curveGroup{curve}
		}
	case algorithm.OID.Equal(oidNumbers):
		if numbers, err := dh.MatchX942(algorithm.Parameters.FullBytes); err == nil {
			return numberGroup{numbers}
		}
	}
	return nil
}

// suite finds the announced protocol. The domain parameters need naming where
// the protocol leaves a choice (ICAO 9303-11 §4.4.4.1), and a wrong name is
// refused everywhere.
func (d *document) suite(oid, parameter []byte) (found *paceSuite, sw Status) {
	sw = swIncorrectData
	for i := range d.paces {
		s := &d.paces[i]
		switch {
		case !bytes.Equal(s.oid, oid):
		case parameter != nil && reference(parameter) == s.parameter:
			return s, swOK
		case parameter != nil, sw != swIncorrectData:
			found, sw = nil, swReferenceNotFound
		default:
			found, sw = s, swOK
		}
	}
	return found, sw
}
