package lds

import (
	"errors"

	"cnie/apdu/tlv"
)

const tagSequence tlv.Tag = 0x30

// ParseDG15 returns the chip's Active Authentication key as the DER of a
// SubjectPublicKeyInfo. ICAO 9303-11 §6.1.
func ParseDG15(b []byte) (spki []byte, err error) {
	outer, err := tlv.One(b, tlv.Tag(DG15.Tag()))
	if err != nil {
		return nil, &FileError{DG15, err}
	}
	key, err := tlv.One(outer.Value, tagSequence)
	if err != nil {
		return nil, &FileError{DG15, err}
	}
	if len(key.Value) == 0 {
		return nil, &FileError{DG15, errors.New("empty public key")}
	}
	return key.Raw, nil
}

// EncodeDG15 gives the bytes of EF.DG15.
func EncodeDG15(spki []byte) []byte { return tlv.Encode(tlv.Tag(DG15.Tag()), spki) }
