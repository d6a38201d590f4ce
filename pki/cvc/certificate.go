// Package cvc reads card verifiable certificates: the compact form in which a
// State tells its chips which terminals may read fingerprints. BSI TR-03110-3
// Annexes C and D, ICAO Doc 9303-12 §7.2.
//
// Three levels exist. A country verifying authority (CVCA) is known to the chip;
// it certifies document verifiers, and they certify terminals, each for weeks. A
// chain leads from a name that the chip knows ([Chain]) to the terminal whose
// private key ([PrivateKey]) signs the chip's challenge.
//
// The chip judges all of this by itself. The terminal verifies its own chain too
// ([Verify]), so that a wrong file is found where somebody can mend it, and not in
// front of a citizen.
package cvc

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"cnie/apdu/tlv"
)

// What can be wrong with a certificate, a key or a chain.
var (
	ErrMalformed = errors.New("malformed card verifiable certificate")
	ErrSignature = errors.New("signature of the certificate does not verify")
	ErrKey       = errors.New("not a usable terminal key")
	ErrChain     = errors.New("the certificates make no chain to the terminal")
)

// Role is what a certificate's holder may do with it, §C.4.
type Role uint8

// The roles, as the first two bits of the authorization have them.
const (
	Terminal Role = iota
	ForeignVerifier
	DomesticVerifier
	Authority
)

// Certificate is one card verifiable certificate. Slices point into what was parsed.
type Certificate struct {
	Raw       []byte // the whole object
	Body      []byte // the object that is signed
	Signature []byte
	// Issuer and Holder name keys: country, mnemonic, sequence number.
	Issuer, Holder string
	Key            PublicKey
	// Kind is the type of terminal, and Authorization what it may read, role
	// included.
	Kind          asn1.ObjectIdentifier
	Authorization []byte
	From, Until   time.Time // the first and the last day
	Extensions    []byte
}

// maxSize bounds a certificate: RSA keys of 4,096 bits and extensions fit.
const (
	maxSize    = 4096
	maxObjects = 16
)

// Tags of TR-03110-3 §D.2.
const (
	tagCertificate = 0x7F21
	tagBody        = 0x7F4E
	tagSignature   = 0x5F37
	tagProfile     = 0x5F29
	tagIssuer      = 0x42
	tagKey         = 0x7F49
	tagHolder      = 0x5F20
	tagTemplate    = 0x7F4C
	tagFrom        = 0x5F25
	tagUntil       = 0x5F24
	tagExtensions  = 0x65
	tagOID         = 0x06
	tagDiscretion  = 0x53
)

// Parse reads one certificate without trailing bytes. Errors wrap ErrMalformed.
func Parse(b []byte) (*Certificate, error) {
	if len(b) > maxSize {
		return nil, malformed("longer than any certificate")
	}
	outer, err := tlv.One(b, tagCertificate)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	parts, err := inOrder(outer.Value, tagBody, tagSignature)
	if err != nil {
		return nil, err
	}
	c := &Certificate{Raw: outer.Raw, Body: parts[0].Raw, Signature: parts[1].Value}
	return c, c.parseBody(parts[0].Value)
}

func (c *Certificate) parseBody(body []byte) error {
	tags := []tlv.Tag{tagProfile, tagIssuer, tagKey, tagHolder, tagTemplate, tagFrom, tagUntil}
	all, err := tlv.ReadAll(body, maxObjects)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if len(all) == len(tags)+1 && all[len(tags)].Tag == tagExtensions {
		c.Extensions = all[len(tags)].Value
		body = body[:len(body)-len(all[len(tags)].Raw)]
	}
	parts, err := inOrder(body, tags...)
	if err != nil {
		return err
	}
	if len(parts[0].Value) != 1 || parts[0].Value[0] != 0 {
		return malformed("not of version 1")
	}
	if c.Issuer, err = name(parts[1].Value); err != nil {
		return err
	}
	if c.Holder, err = name(parts[3].Value); err != nil {
		return err
	}
	if c.Key, err = parseKey(parts[2].Value); err != nil {
		return err
	}
	if err := c.parseTemplate(parts[4].Value); err != nil {
		return err
	}
	return c.parseDates(parts[5].Value, parts[6].Value)
}

// parseTemplate reads the certificate holder authorization template, §C.1.5.
func (c *Certificate) parseTemplate(b []byte) error {
	parts, err := inOrder(b, tagOID, tagDiscretion)
	if err != nil {
		return err
	}
	if c.Kind, err = oid(parts[0]); err != nil {
		return err
	}
	if c.Authorization = parts[1].Value; len(c.Authorization) == 0 {
		return malformed("authorization without content")
	}
	return nil
}

// Role is what the first two bits of the authorization say.
func (c *Certificate) Role() Role { return Role(c.Authorization[0] >> 6) }

func (c *Certificate) parseDates(from, until []byte) (err error) {
	if c.From, err = date(from); err != nil {
		return err
	}
	if c.Until, err = date(until); err != nil {
		return err
	}
	if c.Until.Before(c.From) {
		return malformed("ends before it begins")
	}
	return nil
}

// date reads six digits, one a byte, of this century: §D.2.1.3.
func date(b []byte) (time.Time, error) {
	if len(b) != 6 {
		return time.Time{}, malformed("date is not six digits")
	}
	text := make([]byte, len(b))
	for i, digit := range b {
		if digit > 9 {
			return time.Time{}, malformed("date is not six digits")
		}
		text[i] = '0' + digit
	}
	day, err := time.Parse("20060102", "20"+string(text))
	if err != nil {
		return time.Time{}, malformed("no such day")
	}
	return day, nil
}

// name reads a reference of a key, §C.1.1: at most 16 printable characters.
func name(b []byte) (string, error) {
	if len(b) == 0 || len(b) > 16 {
		return "", malformed("name of a key")
	}
	for _, c := range b {
		if c < 0x20 || c == 0x7F {
			return "", malformed("name of a key")
		}
	}
	return string(b), nil
}

// inOrder splits b into exactly these objects. The order is fixed, §D.2.
func inOrder(b []byte, tags ...tlv.Tag) ([]tlv.Element, error) {
	all, err := tlv.ReadAll(b, maxObjects)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if len(all) != len(tags) {
		return nil, malformed("wrong number of data objects")
	}
	for i, tag := range tags {
		if all[i].Tag != tag {
			return nil, malformed(fmt.Sprintf("object %v where %v has to be", all[i].Tag, tag))
		}
	}
	return all, nil
}

func oid(e tlv.Element) (asn1.ObjectIdentifier, error) {
	var id asn1.ObjectIdentifier
	if rest, err := asn1.Unmarshal(e.Raw, &id); err != nil || len(rest) > 0 {
		return nil, malformed("object identifier")
	}
	return id, nil
}

func malformed(reason string) error { return fmt.Errorf("%w: %s", ErrMalformed, reason) }
