package cms

import (
	"bytes"
	"encoding/asn1"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Attribute is one Attribute of a signer (RFC 5652 §5.3): what kind it is and
// its values, each a whole element.
type Attribute struct {
	Type   asn1.ObjectIdentifier
	Values [][]byte
}

// NewAttribute makes an attribute with values that are DER elements.
func NewAttribute(kind asn1.ObjectIdentifier, values ...[]byte) Attribute {
	return Attribute{Type: kind, Values: values}
}

// ParseAttributes reads the content of a set of attributes, such as
// Signer.SignedAttributes. Errors wrap ErrMalformed.
func ParseAttributes(content []byte) ([]Attribute, error) {
	var all []Attribute
	for in := cryptobyte.String(content); !in.Empty(); {
		var body, values cryptobyte.String
		var a Attribute
		if len(all) == maxAttributes || !in.ReadASN1(&body, cbasn1.SEQUENCE) ||
			!body.ReadASN1ObjectIdentifier(&a.Type) || !body.ReadASN1(&values, cbasn1.SET) || !body.Empty() {
			return nil, malformed("attributes")
		}
		for !values.Empty() {
			var value cryptobyte.String
			var tag cbasn1.Tag
			if len(a.Values) == maxAttributes || !values.ReadAnyASN1Element(&value, &tag) {
				return nil, malformed("attribute values")
			}
			a.Values = append(a.Values, value)
		}
		all = append(all, a)
	}
	return all, nil
}

// Find lists the values of every attribute of a kind, and how many attributes
// of that kind there are: most may stand once only (RFC 5652 §11).
func Find(attributes []Attribute, kind asn1.ObjectIdentifier) (values [][]byte, count int) {
	for _, a := range attributes {
		if a.Type.Equal(kind) {
			values = append(values, a.Values...)
			count++
		}
	}
	return values, count
}

// EncodeAttributes is the content of a set of attributes in DER order, which
// is what signers sign (RFC 5652 §5.3).
func EncodeAttributes(attributes []Attribute) ([]byte, error) {
	members := make([][]byte, 0, len(attributes))
	for _, a := range attributes {
		member, err := a.encode()
		if err != nil {
			return nil, err
		}
		members = append(members, member)
	}
	slices.SortFunc(members, bytes.Compare)
	return bytes.Join(members, nil), nil
}

func (a Attribute) encode() ([]byte, error) {
	values := slices.SortedFunc(slices.Values(a.Values), bytes.Compare)
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(a.Type)
		b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(bytes.Join(values, nil)) })
	})
	return b.Bytes()
}

// ToBeSigned is what a signature over this content of a set of attributes is
// made of: the set itself, under its own tag (RFC 5652 §5.4).
func ToBeSigned(attributes []byte) []byte { return setOf(attributes) }
