package lds

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu/tlv"
	"cnie/internal/vectors"
)

func pictures() []Picture {
	return []Picture{{JPEG, bytes.Clone(magicJPEG)}, {JPEG2000, bytes.Clone(magicJP2)}, {UnknownImage, []byte{1}}}
}

func TestDisplayedPictures(t *testing.T) {
	for f, c := range map[File]struct {
		parse  func([]byte) ([]Picture, error)
		encode func([]Picture) ([]byte, error)
		tag    tlv.Tag
	}{
		DG5: {ParseDG5, EncodeDG5, 0x5F40},
		DG7: {ParseDG7, EncodeDG7, 0x5F43},
	} {
		b, err := c.encode(pictures())
		require.NoError(t, err)
		got, err := c.parse(b)
		require.NoError(t, err)
		assert.Equal(t, pictures(), got)

		one := tlv.Encode(c.tag, magicJPEG)
		for name, b := range map[string][]byte{
			"empty":         nil,
			"no number":     tlv.Encode(tlv.Tag(f.Tag()), one),
			"number of two": tlv.Encode(tlv.Tag(f.Tag()), []byte{2, 1, 2}, one),
			"none":          tlv.Encode(tlv.Tag(f.Tag()), []byte{2, 1, 0}),
			"other object":  tlv.Encode(tlv.Tag(f.Tag()), []byte{2, 1, 1}, tlv.Encode(0x5F41, magicJPEG)),
			"empty picture": tlv.Encode(tlv.Tag(f.Tag()), []byte{2, 1, 1}, tlv.Encode(c.tag)),
			"ten":           tlv.Encode(tlv.Tag(f.Tag()), []byte{2, 1, 10}, bytes.Repeat(one, 10)),
			"another file":  tlv.Encode(0x61, []byte{2, 1, 1}, one),
		} {
			_, err := c.parse(b)
			var fault *FileError
			require.ErrorAs(t, err, &fault, name)
			assert.Equal(t, f, fault.File)
		}
		for _, list := range [][]Picture{nil, {{}}, make([]Picture, 10)} {
			_, err := c.encode(list)
			assert.Error(t, err)
		}
	}
}

func TestOpaqueGroups(t *testing.T) {
	for _, f := range []File{DG3, DG4, DG6, DG13} {
		b, err := EncodeOpaque(f, []byte("whatever"))
		require.NoError(t, err)
		got, err := ParseOpaque(f, b)
		require.NoError(t, err)
		assert.Equal(t, []byte("whatever"), got)
		_, err = ParseOpaque(f, b[:5])
		assert.Error(t, err)
	}
	for _, f := range []File{DG1, DG2, DG8, COM, 0} {
		_, err := ParseOpaque(f, []byte{f.Tag(), 0})
		assert.Error(t, err, f)
		_, err = EncodeOpaque(f, nil)
		assert.Error(t, err, f)
	}
	for f, name := range map[File]string{DG3: "Datagroup3.bin", DG4: "Datagroup4.bin"} {
		value, err := ParseOpaque(f, vectors.File(t, "bsi2008", name))
		require.NoError(t, err)
		assert.NotEmpty(t, value)
	}
}

func TestFeatures(t *testing.T) {
	want := [][]byte{unhex(t, "8101AA"), unhex(t, "A2035F0100")}
	for f := DG8; f <= DG10; f++ {
		b, err := EncodeFeatures(f, want)
		require.NoError(t, err)
		got, err := ParseFeatures(f, b)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		got, err = ParseFeatures(f, tlv.Encode(tlv.Tag(f.Tag()), []byte{2, 1, 3}, want[0], want[1]))
		require.NoError(t, err, "what is counted is not known")
		assert.Equal(t, want, got)
		_, err = ParseFeatures(f, tlv.Encode(tlv.Tag(f.Tag()), want[0]))
		assert.Error(t, err, "no number")
		_, err = EncodeFeatures(f, [][]byte{{0x81}})
		assert.Error(t, err)
	}
	for _, f := range []File{DG7, DG11} {
		_, err := ParseFeatures(f, tlv.Encode(tlv.Tag(f.Tag()), []byte{2, 1, 1}, want[0]))
		assert.Error(t, err)
		_, err = EncodeFeatures(f, want)
		assert.Error(t, err)
	}
}

// The worked example of ICAO 9303-10, appendix A.6.
func TestDG16Published(t *testing.T) {
	person := func(tag tlv.Tag, parts ...string) []byte {
		var value []byte
		for i, part := range parts {
			value = tlv.Append(value, 0x5F50+tlv.Tag(i), []byte(part))
		}
		return tlv.Encode(tag, value)
	}
	b := tlv.Encode(0x70, []byte{2, 1, 2},
		person(0xA1, "20020101", "SMITH<<CHARLES<R", "19525551212", "123 MAPLE RD<ANYTOWN<MN<55100"),
		person(0xA2, "20020315", "BROWN<<MARY<J", "14155551212", "49 REDWOOD LN<OCEAN BREEZE<CA<94000"))
	assert.Equal(t, unhex(t, "7081A2020102A14C"), b[:8])
	got, err := ParseDG16(b)
	require.NoError(t, err)
	assert.Empty(t, got.Deviations)
	require.Len(t, got.Persons, 2)
	assert.Equal(t, PersonToNotify{
		Recorded: Date{2002, 3, 15}, FullName: "BROWN<<MARY<J", Telephone: "14155551212",
		Address: []string{"49 REDWOOD LN", "OCEAN BREEZE", "CA", "94000"},
	}, got.Persons[1])
	surname, given := got.Persons[0].Names()
	assert.Equal(t, []string{"SMITH", "CHARLES R"}, []string{surname, given})
	assert.NotContains(t, got.Persons[0].String(), "SMITH")
	again, err := got.Encode()
	require.NoError(t, err)
	assert.Equal(t, b, again)
}

func TestDG16Deviations(t *testing.T) {
	b := tlv.Encode(0x70, []byte{2, 1, 3},
		tlv.Encode(0xA2, tlv.Encode(0x5F50, []byte{0x20, 0x02, 0x03, 0x15}), tlv.Encode(0x5F51, []byte("SPECIMEN\xFF"))),
		tlv.Encode(0xA2, tlv.Encode(0x5F50, nil), tlv.Encode(0x5F7A, nil)))
	got, err := ParseDG16(b)
	require.NoError(t, err)
	assert.Equal(t, Date{2002, 3, 15}, got.Persons[0].Recorded, "BCD")
	assert.Equal(t, []string{
		"02: number of persons does not fit", "A2: want A1 in this place", "5F51: text is not UTF-8",
		"5F50: not a date", "5F7A: tag is not one of this file's",
	}, got.Deviations)
}

func TestDG16Refused(t *testing.T) {
	person := tlv.Encode(0xA1, tlv.Encode(0x5F51, []byte("SPECIMEN")))
	for name, b := range map[string][]byte{
		"empty":          nil,
		"no number":      tlv.Encode(0x70, person),
		"another object": tlv.Encode(0x70, []byte{2, 1, 1}, tlv.Encode(0xB1)),
		"A0":             tlv.Encode(0x70, []byte{2, 1, 1}, tlv.Encode(0xA0)),
		"sixteen":        tlv.Encode(0x70, []byte{2, 1, 16}, bytes.Repeat(person, 16)),
		"a name twice":   tlv.Encode(0x70, []byte{2, 1, 1}, tlv.Encode(0xA1, tlv.Encode(0x5F51), tlv.Encode(0x5F51))),
		"a long name":    tlv.Encode(0x70, []byte{2, 1, 1}, tlv.Encode(0xA1, tlv.Encode(0x5F51, bytes.Repeat([]byte("A"), 5000)))),
	} {
		_, err := ParseDG16(b)
		var f *FileError
		require.ErrorAs(t, err, &f, name)
		assert.Equal(t, DG16, f.File)
		assert.NotContains(t, err.Error(), "SPECIMEN")
	}
	for _, p := range []PersonsToNotify{
		{Persons: make([]PersonToNotify, 16)},
		{Persons: []PersonToNotify{{FullName: strings.Repeat("A", maxText+1)}}},
	} {
		_, err := p.Encode()
		assert.Error(t, err)
	}
}
