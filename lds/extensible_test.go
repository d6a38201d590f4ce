package lds

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu/tlv"
)

// extensibles are the faces of faces, recorded by the newer standard.
func extensibles() []Face {
	list := slices.Clone(faces())
	for i := range list {
		list[i].Extensible = true
	}
	return list
}

func TestDG2Extensible(t *testing.T) {
	for n := 1; n <= 3; n++ {
		b, err := EncodeDG2(extensibles()[:n])
		require.NoError(t, err)
		got, err := ParseDG2(b)
		require.NoError(t, err)
		assert.Equal(t, extensibles()[:n], got)
	}
	mixed := []Face{faces()[0], extensibles()[1]}
	b, err := EncodeDG2(mixed)
	require.NoError(t, err)
	got, err := ParseDG2(b)
	require.NoError(t, err)
	assert.Equal(t, mixed, got, "both standards in one file")
}

// A face written by hand, tag by tag, from the ASN.1 module of ICAO's
// application profile of ISO/IEC 39794-5: [APPLICATION 5], implicit tags, a
// CHOICE tagged explicitly. It has members that are not read here: who captured
// it and when, and an extension that a later edition might add.
func TestDG2ByTheModule(t *testing.T) {
	const image = "80 06 FFD8FF0102E0"
	for name, person := range map[string]string{
		"codes":                       "A8 12 A0 03 80 01 03 A1 03 80 01 04 A2 03 80 01 09 83 01 AA",
		"extensions that fall back":   "A8 18 A0 05 A1 03 80 01 03 A1 05 A1 03 80 01 04 A2 05 A1 03 80 01 09 83 01 AA",
		"members in some other order": "A8 12 83 01 AA A2 03 80 01 09 A1 03 80 01 04 A0 03 80 01 03",
	} {
		plane := nest(t, "A0", image, nest(t, "A1", "A0 03 80 01 02 A1 05 A1 03 80 01 00 A7 08 80 02 0190 81 02 0200"), "A2 03 A1 01 00")
		representation := nest(t, "30", "80 01 00", nest(t, "A1", nest(t, "A0", plane)), "A2 04 80 02 07EA", person, "BF 7F 01 00")
		block := nest(t, "A1", nest(t, "65", "A0 07 80 01 03 81 02 07E3", nest(t, "A1", representation)))
		b := tlv.Encode(0x75, tlv.Encode(tagGroup, []byte{2, 1, 1},
			tlv.Encode(tagBiometric, headerTemplate(formatExtensible), tlv.Encode(tagBlockConst, unhex(t, clean(block))))))
		got, err := ParseDG2(b)
		require.NoError(t, err, name)
		assert.Equal(t, []Face{{
			Format: JPEG, Width: 400, Height: 512, Gender: 2, EyeColour: 3, HairColour: 0xFF,
			Image: unhex(t, "FFD8FF0102E0"), Extensible: true,
		}}, got, name)
	}
}

// nest gives a data object in hexadecimal.
func nest(t *testing.T, tag string, parts ...string) string {
	var value []byte
	for _, part := range parts {
		value = append(value, unhex(t, clean(part))...)
	}
	header := tlv.AppendHeader(nil, tlv.Tag(unhex(t, tag)[0]), len(value))
	return hexOf(append(header, value...))
}

func TestDG2ExtensibleRefused(t *testing.T) {
	good := extensibles()[0].extensible()
	change := func(from, to string) []byte {
		b := bytes.Replace(good, unhex(t, from), unhex(t, to), 1)
		require.NotEqual(t, good, b)
		return wrap(tagBlockConst, 1, b)
	}
	many := tlv.Encode(tagProfile, tlv.Encode(tagFaceImage, tlv.Encode(tagRepresentations,
		bytes.Repeat(tlv.Encode(tagSequence, tlv.Encode(0xA1, tlv.Encode(0xA0, tlv.Encode(0xA0, tlv.Encode(0x80, []byte{1}))))), maxFaces+1))))
	for name, b := range map[string][]byte{
		"empty":                   wrap(tagBlockConst, 1, nil),
		"not in a profile":        wrap(tagBlockConst, 1, good[2:]),
		"another part":            change("65", "64"),
		"no representations":      wrap(tagBlockConst, 1, tlv.Encode(tagProfile, tlv.Encode(tagFaceImage))),
		"empty list":              wrap(tagBlockConst, 1, tlv.Encode(tagProfile, tlv.Encode(tagFaceImage, tlv.Encode(tagRepresentations)))),
		"nine representations":    wrap(tagBlockConst, 1, many),
		"image cut off":           wrap(tagBlockConst, 1, good[:len(good)-1]),
		"no image":                change("8006FFD8FF010203", "8606FFD8FF010203"),
		"representation of other": change("30", "31"),
	} {
		_, err := ParseDG2(b)
		var f *FileError
		require.ErrorAs(t, err, &f, name)
		assert.NotContains(t, err.Error(), "FFD8")
	}
}

func TestIntegers(t *testing.T) {
	for n, want := range map[int]string{0: "00", 127: "7F", 128: "0080", 255: "00FF", 256: "0100", 65535: "00FFFF"} {
		assert.Equal(t, unhex(t, want), integer(n))
		assert.Equal(t, n, pixels(tlv.Encode(0x80, integer(n)), 0x80))
	}
	assert.Zero(t, pixels(tlv.Encode(0x80, []byte{1, 0, 0}), 0x80), "more than 16 bits")
}
