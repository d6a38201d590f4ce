package cert

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

const (
	maxName       = 8 << 10 // bytes
	maxAttributes = 64
)

// Name is a distinguished name. The fields hold the first attribute of each
// kind, printable; the rest is decoded on demand.
type Name struct {
	Country      string // upper case, two letters where the issuer kept to ISO 3166-1
	CommonName   string
	Organisation string
	locality     string

	raw   []byte
	noise bool // a value is no text, or not of its declared kind
}

// readName reads one RDNSequence (RFC 5280 §4.1.2.4).
func readName(in *cryptobyte.String, raw *[]byte, name *Name) bool {
	var element cryptobyte.String
	if !in.ReadASN1Element(&element, cbasn1.SEQUENCE) || len(element) > maxName {
		return false
	}
	*raw, name.raw = element, element
	ok := name.walk(func(_ int, a attribute) {
		name.noise = name.noise || !a.isText()
		if field := name.field(a.oid); field != nil && *field == "" {
			*field = a.text()
		}
	})
	name.Country = strings.Map(upperASCII, name.Country)
	return ok
}

// upperASCII leaves letters alone that only become those of a country's code:
// a dotless i, a long s.
func upperASCII(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r - 'a' + 'A'
	}
	return r
}

func (n *Name) field(oid []byte) *string {
	switch string(oid) {
	case attrCountry:
		return &n.Country
	case attrCommonName:
		return &n.CommonName
	case attrOrganisation:
		return &n.Organisation
	case attrLocality:
		return &n.locality
	}
	return nil
}

type attribute struct {
	oid, value cryptobyte.String
	tag        cbasn1.Tag
}

// walk visits each attribute with the index of its relative distinguished name.
func (n Name) walk(visit func(rdn int, a attribute)) bool {
	in := cryptobyte.String(n.raw)
	var body cryptobyte.String
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	count := 0
	for rdn := 0; !body.Empty(); rdn++ {
		var set, pair cryptobyte.String
		if !body.ReadASN1(&set, cbasn1.SET) {
			return false
		}
		for !set.Empty() {
			var a attribute
			if count++; count > maxAttributes || !set.ReadASN1(&pair, cbasn1.SEQUENCE) ||
				!ReadOID(&pair, &a.oid) || !pair.ReadAnyASN1(&a.value, &a.tag) || !pair.Empty() {
				return false
			}
			visit(rdn, a)
		}
	}
	return true
}

var attributeNames = map[string]string{
	attrCommonName: "CN", attrSerialNumber: "serialNumber", attrCountry: "C", attrLocality: "L",
	attrState: "ST", attrOrganisation: "O", attrOrganisationUnit: "OU",
}

// String is for people: attributes in the order written, unprintable
// characters replaced.
func (n Name) String() string {
	var text strings.Builder
	n.walk(func(_ int, a attribute) {
		label, known := attributeNames[string(a.oid)]
		if !known {
			label = oidText(a.oid)
		}
		if text.Len() > 0 {
			text.WriteString(", ")
		}
		text.WriteString(label)
		text.WriteByte('=')
		text.WriteString(a.text())
	})
	return text.String()
}

// Equal compares as RFC 5280 §7.1 does: case, runs of white space and the kind
// of string do not matter.
func (n Name) Equal(other Name) bool {
	return bytes.Equal(n.raw, other.raw) || n.Canonical() == other.Canonical()
}

// Canonical is a key under which names that are Equal collide, for indexes.
func (n Name) Canonical() string {
	var rdns [][]string
	n.walk(func(rdn int, a attribute) {
		for len(rdns) <= rdn {
			rdns = append(rdns, nil)
		}
		folded := strings.ToLower(strings.Join(strings.Fields(a.decoded()), " "))
		// Lengths first: a value that looks like the next attribute is a value.
		rdns[rdn] = append(rdns[rdn], strconv.Itoa(len(a.oid))+" "+strconv.Itoa(len(folded))+" "+string(a.oid)+folded)
	})
	var key strings.Builder
	for _, rdn := range rdns {
		slices.Sort(rdn)
		key.WriteString(strconv.Itoa(len(rdn)) + " " + strings.Join(rdn, ""))
	}
	return key.String()
}

// isText reports whether the value is a string of a kind that names are made
// of, as far as its kind has rules that are kept in practice.
func (a attribute) isText() bool {
	switch a.tag {
	case cbasn1.UTF8String:
		return utf8.Valid(a.value)
	case bmpString:
		return len(a.value)%2 == 0
	case cbasn1.PrintableString, cbasn1.T61String, cbasn1.IA5String, numericString, visibleString, universalString:
		return true
	}
	return false
}

func (a attribute) text() string { return printable(a.decoded()) }

// decoded turns a directory string into UTF-8. Bytes that are not UTF-8 are
// read as Latin-1, which is what TeletexString holds in practice.
func (a attribute) decoded() string {
	switch {
	case a.tag == bmpString && len(a.value)%2 == 0:
		units := make([]uint16, len(a.value)/2)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(a.value[2*i:])
		}
		return string(utf16.Decode(units))
	case utf8.Valid(a.value):
		return string(a.value)
	}
	runes := make([]rune, len(a.value))
	for i, b := range a.value {
		runes[i] = rune(b)
	}
	return string(runes)
}

// printable keeps hostile names from steering a terminal or a page.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
