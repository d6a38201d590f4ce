package lds

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu/tlv"
	"cnie/internal/vectors"
)

func faces() []Face {
	return []Face{
		{JPEG, 240, 320, 1, 2, 3, append(bytes.Clone(magicJPEG), 1, 2, 3), false},
		{JPEG2000, 413, 531, 0, 0, 0, append(bytes.Clone(magicJ2K), 9), false},
		{JPEG2000, 0, 0, 2, 0, 0, append(bytes.Clone(magicJP2), 9), false},
	}
}

func TestDG2RoundTrip(t *testing.T) {
	for n := 1; n <= 3; n++ {
		b, err := EncodeDG2(faces()[:n])
		require.NoError(t, err)
		got, err := ParseDG2(b)
		require.NoError(t, err)
		assert.Equal(t, faces()[:n], got)
	}
}

func TestDG2CannotEncode(t *testing.T) {
	for name, list := range map[string][]Face{
		"none":     nil,
		"many":     make([]Face, maxFaces+1),
		"no image": {{Width: 1}},
		"too wide": {{Width: 70000, Image: []byte{1}}},
	} {
		_, err := EncodeDG2(list)
		assert.Error(t, err, name)
	}
}

// wrap puts a facial record into the templates around it.
func wrap(tag tlv.Tag, count byte, records ...[]byte) []byte {
	parts := [][]byte{tlv.Encode(tagCount, []byte{count})}
	for _, r := range records {
		parts = append(parts, tlv.Encode(tagBiometric, headerTemplate(formatFacial), tlv.Encode(tag, r)))
	}
	return tlv.Encode(0x75, tlv.Encode(tagGroup, parts...))
}

func TestDG2TwoFacesInOneRecord(t *testing.T) {
	one := faces()[0].record()
	record := append(bytes.Clone(one), one[recordHeader:]...)
	binary.BigEndian.PutUint32(record[8:], uint32(len(record)))
	binary.BigEndian.PutUint16(record[12:], 2)
	got, err := ParseDG2(wrap(tagBlockConst, 1, record))
	require.NoError(t, err)
	assert.Equal(t, []Face{faces()[0], faces()[0]}, got)
}

func TestDG2SkipsFeaturePoints(t *testing.T) {
	one := faces()[0].record()
	at := recordHeader + faceHeader
	record := bytes.Join([][]byte{one[:at], make([]byte, 2*featurePoint), one[at:]}, nil)
	binary.BigEndian.PutUint32(record[8:], uint32(len(record)))
	binary.BigEndian.PutUint32(record[recordHeader:], uint32(len(record)-recordHeader))
	record[recordHeader+5] = 2
	got, err := ParseDG2(wrap(tagBlock, 1, record))
	require.NoError(t, err)
	assert.Equal(t, faces()[:1], got)
}

func TestDG2Refused(t *testing.T) {
	good := faces()[0].record()
	change := func(f func([]byte)) []byte {
		b := bytes.Clone(good)
		f(b)
		return wrap(tagBlock, 1, b)
	}
	for name, b := range map[string][]byte{
		"empty":                nil,
		"no group":             {0x75, 0},
		"count too high":       wrap(tagBlock, 2, good),
		"no template":          wrap(tagBlock, 0),
		"no data block":        wrap(0x5F2D, 1, good),
		"not a facial record":  change(func(b []byte) { b[0] = 'X' }),
		"other edition":        change(func(b []byte) { b[5] = '3' }),
		"record too long":      change(func(b []byte) { b[11]++ }),
		"no faces":             change(func(b []byte) { b[13] = 0 }),
		"65535 faces":          change(func(b []byte) { b[12], b[13] = 0xFF, 0xFF }),
		"second face missing":  change(func(b []byte) { b[13] = 2 }),
		"face of 4 GB":         change(func(b []byte) { copy(b[14:], "\xFF\xFF\xFF\xFF") }),
		"face of 0 bytes":      change(func(b []byte) { copy(b[14:], "\x00\x00\x00\x00") }),
		"face too short":       change(func(b []byte) { b[17]-- }),
		"feature points":       change(func(b []byte) { b[18], b[19] = 0xFF, 0xFF }),
		"cut off in the image": wrap(tagBlock, 1, good[:len(good)-1]),
		"header only":          wrap(tagBlock, 1, good[:recordHeader]),
	} {
		_, err := ParseDG2(b)
		var f *FileError
		require.ErrorAs(t, err, &f, name)
		assert.Equal(t, DG2, f.File)
	}
}

// The record of this specimen announces 337 by 449; the picture is 413 by 531.
func TestBSISpecimenDG2(t *testing.T) {
	got, err := ParseDG2(vectors.File(t, "bsi2008", "Datagroup2.bin"))
	require.NoError(t, err)
	require.Len(t, got, 1)
	assert.Equal(t, JPEG2000, got[0].Format)
	assert.Equal(t, []int{337, 449}, []int{got[0].Width, got[0].Height})
}
