package piv

import (
	"fmt"
	"slices"
	"strconv"
)

// Slot is a key reference, SP 800-78-5 table 6-1. Keys that were replaced are in
// 82 to 95.
type Slot byte

// The keys of a card holder.
const (
	Authentication     Slot = 0x9A
	Signature          Slot = 0x9C
	KeyManagement      Slot = 0x9D
	CardAuthentication Slot = 0x9E

	management   Slot = 0x9B
	firstRetired Slot = 0x82
	lastRetired  Slot = 0x95
)

// holds tells whether a card has this key reference, be there a key or not.
func (s Slot) holds() bool {
	return s == Authentication || s == Signature || s == KeyManagement || s == CardAuthentication || s.retired()
}

func (s Slot) retired() bool { return s >= firstRetired && s <= lastRetired }

// Certificate names the data object of the slot's certificate, SP 800-73-5 part 1
// table 3; 0 for none.
func (s Slot) Certificate() Tag {
	switch {
	case s == Authentication:
		return 0x5FC105
	case s == Signature:
		return 0x5FC10A
	case s == KeyManagement:
		return 0x5FC10B
	case s == CardAuthentication:
		return 0x5FC101
	case s == attestation:
		return tagAttestation
	case s.retired():
		return 0x5FC10D + Tag(s-firstRetired)
	}
	return 0
}

func (s Slot) String() string { return fmt.Sprintf("%02X", byte(s)) }

// MarshalText writes the slot as people do: 9A.
func (s Slot) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Slot) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 16, 8)
	*s = Slot(n)
	return err
}

// Tag names a data object in GET DATA and PUT DATA, SP 800-73-5 part 1 table 3.
type Tag uint32

// Data objects with a part in what the card does.
const (
	tagCHUID     Tag = 0x5FC102
	tagCCC       Tag = 0x5FC107
	tagDiscovery Tag = 0x7E
	tagBiometric Tag = 0x7F61

	tagData     Tag = 0x53 // wraps the content of most objects
	tagList     Tag = 0x5C // names an object
	firstObject Tag = 0x5FC101
	lastObject  Tag = 0x5FC123
)

// known tells whether SP 800-73-5 has an object of this name.
func (t Tag) known() bool {
	return t >= firstObject && t <= lastObject && t != 0x5FC104 || t.bare()
}

// bare objects travel without the wrapping tag 53.
func (t Tag) bare() bool { return t == tagDiscovery || t == tagBiometric }

// private objects are read after the PIN only: fingerprints, face, printed
// information, irises, pairing code.
func (t Tag) private() bool {
	return slices.Contains([]Tag{0x5FC103, 0x5FC108, 0x5FC109, 0x5FC121, 0x5FC123}, t)
}

// MarshalText writes the tag in hexadecimal.
func (t Tag) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%X", uint32(t)), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *Tag) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 16, 24)
	*t = Tag(n)
	return err
}
