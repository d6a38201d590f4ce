package simulator

import (
	"bytes"
	"slices"
)

// Roles of a certificate's holder, the two highest bits of its authorisation
// (ICAO 9303-12 §7.2.2.4). Those below are the rights to the data groups.
const (
	roleTerminal = 0x00
	roleForeign  = 0x40 // document verifier of another State
	roleNational = 0x80 // document verifier of this State
	roleCVCA     = 0xC0
	roleMask     = 0xC0

	rightDG3 = 0x01
	rightDG4 = 0x02
)

// cvCertificate is a card verifiable certificate of an inspection system, a
// document verifier or their authority: ICAO 9303-12 §7.2.
type cvCertificate struct {
	body      []byte // what is signed, tag and length included
	signature []byte
	authority string
	holder    string
	key       cvKey
	role      byte
	rights    byte
	effective int // YYMMDD
	expires   int
}

// Tags of a certificate, in their order; all but the last are in the body.
const (
	tagCertificate   = 0x7F21
	tagBody          = 0x7F4E
	tagProfile       = 0x5F29
	tagAuthority     = 0x42
	tagPublicKey     = 0x7F49
	tagHolder        = 0x5F20
	tagAuthorization = 0x7F4C
	tagEffective     = 0x5F25
	tagExpires       = 0x5F24
	tagExtensions    = 0x65
	tagSignature     = 0x5F37
)

// inspectionRole is id-IS, the kind of terminal that reads travel documents, as
// the object that opens an authorisation.
var inspectionRole = []byte{0x06, 0x09, 0x04, 0x00, 0x7F, 0x00, 0x07, 0x03, 0x01, 0x02, 0x01}

// parseCertificate reads body and signature, which come without the template
// around them. A key on a curve is on the issuer's where it does not say which.
func parseCertificate(data []byte, issuer *cvKey) (c cvCertificate, ok bool) {
	body, rest, ok := take(data, tagBody)
	if !ok {
		return c, false
	}
	c.body = data[:len(data)-len(rest)]
	if c.signature, rest, ok = take(rest, tagSignature); !ok || len(rest) > 0 {
		return c, false
	}
	fields := make(map[int][]byte)
	for _, tag := range []int{tagProfile, tagAuthority, tagPublicKey, tagHolder, tagAuthorization, tagEffective, tagExpires} {
		if fields[tag], body, ok = take(body, tag); !ok {
			return c, false
		}
	}
	if _, rest, extended := take(body, tagExtensions); extended {
		body = rest
	}
	c.authority, c.holder = string(fields[tagAuthority]), string(fields[tagHolder])
	authorization, is := bytes.CutPrefix(fields[tagAuthorization], inspectionRole)
	bits, _, one := take(authorization, 0x53)
	if len(body) > 0 || !is || !one || len(bits) != 1 || !slices.Equal(fields[tagProfile], []byte{0}) ||
		!named(c.authority) || !named(c.holder) {
		return c, false
	}
	c.role, c.rights = bits[0]&roleMask, bits[0]&^roleMask
	var from, until, known bool
	c.effective, from = parseDay(fields[tagEffective])
	c.expires, until = parseDay(fields[tagExpires])
	c.key, known = parseCVKey(fields[tagPublicKey], issuer)
	return c, from && until && known
}

// named tells whether a reference has a country, a mnemonic and five digits or
// letters of a sequence (ICAO 9303-12 §7.2.2.1).
func named(reference string) bool { return len(reference) >= 2+5 && len(reference) <= 2+9+5 }

// parseDay reads six bytes of a digit each.
func parseDay(b []byte) (int, bool) {
	if len(b) != 6 {
		return 0, false
	}
	n := 0
	for _, digit := range b {
		if digit > 9 {
			return 0, false
		}
		n = 10*n + int(digit)
	}
	return n, n/100%100 >= 1 && n/100%100 <= 12 && n%100 >= 1 && n%100 <= 31
}

// take cuts an object with this tag, of one or two bytes, from the beginning.
func take(b []byte, tag int) (value, rest []byte, ok bool) {
	name := []byte{byte(tag >> 8), byte(tag)}
	if tag <= 0xFF {
		name = name[1:]
	}
	after, is := bytes.CutPrefix(b, name)
	if !is {
		return nil, nil, false
	}
	return content(after)
}

// cutAuthorization takes the authorisation template out of the data of MSE:Set
// AT, whose other objects have short tags (ICAO 9303-11 §4.4.4.1).
func cutAuthorization(data []byte) (others []byte, found, ok bool) {
	for len(data) > 0 {
		if _, rest, is := take(data, tagAuthorization); is && !found {
			data, found = rest, true
			continue
		}
		_, _, rest, ok := object(data)
		if !ok {
			return nil, false, false
		}
		others, data = append(others, data[:len(data)-len(rest)]...), rest
	}
	return others, found, true
}
