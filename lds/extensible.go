package lds

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"cnie/apdu/tlv"
)

// The path from a data block by ISO/IEC 39794-5 to its faces: the data block in
// the template of ICAO's application profile, the face image data block
// [APPLICATION 5], its representations. The module has implicit tags, so that
// every element is found by its number; a CHOICE is tagged explicitly.
const (
	tagProfile         tlv.Tag = 0xA1
	tagFaceImage       tlv.Tag = 0x65
	tagVersion         tlv.Tag = 0xA0
	tagRepresentations tlv.Tag = 0xA1
	maxMembers                 = 32 // of one SEQUENCE, extensions included
)

// parseExtensible parses a data block by ISO/IEC 39794-5. Whatever does not serve
// to show a face is passed over, which is what makes the format extensible.
func parseExtensible(b []byte) ([]Face, error) {
	block, err := follow(b, tagProfile, tagFaceImage, tagRepresentations)
	if err != nil {
		return nil, fmt.Errorf("biometric data block by ISO/IEC 39794-5: %w", err)
	}
	all, err := tlv.ReadAll(block, maxFaces)
	if err != nil {
		return nil, err
	}
	var faces []Face
	for _, e := range all {
		if e.Tag != tagSequence {
			return nil, fmt.Errorf("data object %v in a list of representations", e.Tag)
		}
		face, err := parseRepresentation(e.Value)
		if err != nil {
			return nil, err
		}
		faces = append(faces, face)
	}
	if len(faces) == 0 {
		return nil, errors.New("no representation of a face")
	}
	return faces, nil
}

// parseRepresentation reads the image (members 1, 0, 0: the representation, in
// its basic form, in two dimensions) and who is on it (member 8).
func parseRepresentation(b []byte) (Face, error) {
	plane, err := follow(b, 0xA1, 0xA0, 0xA0)
	if err != nil {
		return Face{}, err
	}
	image, err := follow(plane, 0x80)
	if err != nil {
		return Face{}, err
	}
	if len(image) == 0 {
		return Face{}, errors.New("representation without an image")
	}
	face := Face{Format: sniff(image), Image: image, Extensible: true}
	if size, err := follow(plane, 0xA1, 0xA7); err == nil {
		face.Width, face.Height = pixels(size, 0x80), pixels(size, 0x81)
	}
	if person, err := follow(b, 0xA8); err == nil {
		face.Gender = code(genders, choice(person, 0xA0))
		face.EyeColour = code(eyeColours, choice(person, 0xA1))
		face.HairColour = code(hairColours, choice(person, 0xA2))
	}
	return face, nil
}

// follow goes down from member to member and gives the content of the last.
func follow(b []byte, path ...tlv.Tag) ([]byte, error) {
	for _, tag := range path {
		all, err := tlv.ReadAll(b, maxMembers)
		if err != nil {
			return nil, err
		}
		e, ok := tlv.Find(all, tag)
		if !ok {
			return nil, fmt.Errorf("no data object %v", tag)
		}
		b = e.Value
	}
	return b, nil
}

// pixels is a member that is an integer of 16 bits, 0 when there is none.
func pixels(b []byte, tag tlv.Tag) int {
	value, err := follow(b, tag)
	if err != nil || len(value) == 0 || len(value) > 3 || len(value) == 3 && value[0] != 0 {
		return 0
	}
	var n [4]byte
	copy(n[4-len(value):], value)
	return int(binary.BigEndian.Uint32(n[:]))
}

// choice is a member that is a code, or by the profile an extension that says
// what to fall back on; -1 when there is none.
func choice(b []byte, tag tlv.Tag) int {
	value, err := follow(b, tag)
	if err != nil {
		return -1
	}
	if extension, err := follow(value, 0xA1); err == nil {
		value = extension
	}
	if code, err := follow(value, 0x80); err == nil && len(code) == 1 {
		return int(code[0])
	}
	return -1
}

// The codes of ISO/IEC 39794-5, in their order, as those of 19794-5 §5.5; what
// the older standard has no code for is "other", FF.
var (
	genders     = []byte{0xFF, 0xFF, 1, 2} // other, male, female, from 1
	eyeColours  = []byte{0xFF, 0xFF, 1, 2, 3, 4, 5, 0xFF, 6, 7}
	hairColours = []byte{0xFF, 0xFF, 1, 2, 3, 4, 5, 6, 7, 0xFF}
)

func code(of []byte, n int) byte {
	switch {
	case n < 0:
		return 0 // unspecified
	case n < len(of):
		return of[n]
	}
	return 0xFF
}

// extensible is the face by ISO/IEC 39794-5, edition of 2019.
func (f Face) extensible() []byte {
	format := byte(2) // JPEG
	if sniff(f.Image) == JPEG2000 {
		format = 3 // lossy
	}
	plane := tlv.Encode(0xA0,
		tlv.Encode(0x80, f.Image),
		tlv.Encode(0xA1,
			tlv.Encode(0xA0, tlv.Encode(0x80, []byte{format})),
			tlv.Encode(0xA7, tlv.Encode(0x80, integer(f.Width)), tlv.Encode(0x81, integer(f.Height)))))
	person := tlv.Encode(0xA8, member(0xA0, genders, f.Gender), member(0xA1, eyeColours, f.EyeColour), member(0xA2, hairColours, f.HairColour))
	representation := tlv.Encode(tagSequence, tlv.Encode(0x80, []byte{0}), tlv.Encode(0xA1, tlv.Encode(0xA0, plane)), person)
	version := tlv.Encode(tagVersion, tlv.Encode(0x80, []byte{3}), tlv.Encode(0x81, integer(2019)))
	return tlv.Encode(tagProfile, tlv.Encode(tagFaceImage, version, tlv.Encode(tagRepresentations, representation)))
}

// member writes a code as the profile wants it, in an extension; nothing for
// what is unspecified.
func member(tag tlv.Tag, of []byte, code byte) []byte {
	if code == 0 {
		return nil
	}
	n := slices.Index(of, code)
	if n < 1 {
		n = 1 // other
	}
	return tlv.Encode(tag, tlv.Encode(0xA1, tlv.Encode(0x80, []byte{byte(n)})))
}

// integer is the content of an INTEGER that is not negative, X.690 §8.3.
func integer(n int) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(n))
	for len(b) > 1 && b[0] == 0 && b[1] < 0x80 {
		b = b[1:]
	}
	return b
}
