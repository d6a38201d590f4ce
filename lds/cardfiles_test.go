package lds

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// clean takes the spaces out, which the tests have for people.
func clean(s string) string { return strings.ReplaceAll(s, " ", "") }

func hexOf(b []byte) string { return hex.EncodeToString(b) }

func TestATRInfo(t *testing.T) {
	for name, v := range map[string]struct {
		file     string
		want     Capabilities
		extended bool
	}{
		"as a card of type B has it": {"43 01 F8 47 03 F741E0 7F66 08 02 02 05F0 02 02 05F0",
			Capabilities{Services: []byte{0xF8}, Functions: []byte{0xF7, 0x41, 0xE0}, Command: 1520, Answer: 1520}, true},
		"sizes of three bytes, filler around": {"00 47 03 8421C0 00 00 7F66 0A 02 03 000800 02 03 010000 FF FF",
			Capabilities{Functions: []byte{0x84, 0x21, 0xC0}, Command: 2048, Answer: 65536}, true},
		"other objects, no sizes": {"46 02 ABCD 47 03 842180 5F52 01 00",
			Capabilities{Functions: []byte{0x84, 0x21, 0x80}}, false},
		"sizes for nothing": {"7F66 08 02 02 0100 02 02 0100",
			Capabilities{Command: 256, Answer: 256, Deviations: []string{"7F66: sizes without extended length in 47"}}, false},
		"too much of a good thing": {"43 02 F800 47 04 8421C000",
			Capabilities{Services: []byte{0xF8, 0}, Functions: []byte{0x84, 0x21, 0xC0, 0}, Deviations: []string{"43: not one byte", "47: more than three bytes"}}, true},
		"sizes beyond any sense": {"47 03 8421C0 7F66 0C 02 04 FFFFFFFF 02 04 00FFFFFF",
			Capabilities{Functions: []byte{0x84, 0x21, 0xC0}, Command: 1<<24 - 1, Answer: 1<<24 - 1}, true},
		"empty": {"", Capabilities{}, false},
	} {
		got, err := ParseATRInfo(unhex(t, clean(v.file)))
		require.NoError(t, err, name)
		assert.Equal(t, v.want, got, name)
		assert.Equal(t, v.extended, got.ExtendedLength(), name)
		again, err := got.Encode()
		require.NoError(t, err, name)
		back, err := ParseATRInfo(again)
		require.NoError(t, err, name)
		assert.Equal(t, got, back, name)
	}
	for name, file := range map[string]string{
		"one size":            "7F66 04 02 02 05F0",
		"three sizes":         "7F66 0C 02 02 05F0 02 02 05F0 02 02 05F0",
		"another tag":         "7F66 08 02 02 05F0 03 02 05F0",
		"a size of no bytes":  "7F66 06 02 00 02 02 05F0",
		"a size of five":      "7F66 0B 02 05 0100000000 02 02 05F0",
		"cut off":             "47 03 84",
		"33 objects":          strings.Repeat("4600", 33),
		"not data objects":    "1F",
		"beyond the template": "7F66 08 02 02 05F0 02 03 05F0",
	} {
		_, err := ParseATRInfo(unhex(t, clean(file)))
		var f *FileError
		require.ErrorAs(t, err, &f, name)
		assert.Equal(t, ATRInfo, f.File)
	}
	_, err := Capabilities{Command: 1 << 24}.Encode()
	assert.Error(t, err)
}

func TestDIR(t *testing.T) {
	emrtd := Application{AID: AID, Label: "eMRTD"}
	piv := Application{AID: unhex(t, "A000000308000010000100")}
	b, err := EncodeDIR([]Application{emrtd, piv})
	require.NoError(t, err)
	got, err := ParseDIR(b)
	require.NoError(t, err)
	assert.Equal(t, []Application{emrtd, piv}, got)
	// Filler behind it, and in the template things that are passed over.
	got, err = ParseDIR(unhex(t, clean("61 10 4F 04 A0000002 51 02 3F00 5F50 03 75726C 0000 FFFF")))
	require.NoError(t, err)
	assert.Equal(t, []Application{{AID: unhex(t, "A0000002")}}, got)
	got, err = ParseDIR(unhex(t, clean("61 09 4F 04 A0000002 50 01 FF")))
	require.NoError(t, err)
	assert.Equal(t, "\uFFFD", got[0].Label)
	for name, file := range map[string]string{
		"no identifier":    "61 03 50 01 41",
		"empty identifier": "61 02 4F 00",
		"17 bytes":         "61 13 4F 11" + strings.Repeat("A0", 17),
		"another object":   "62 06 4F 04 A0000002",
		"17 applications":  strings.Repeat("61064F04A0000002", 17),
		"cut off":          "61 06 4F 04",
	} {
		_, err := ParseDIR(unhex(t, clean(file)))
		var f *FileError
		require.ErrorAs(t, err, &f, name)
		assert.Equal(t, DIR, f.File)
	}
	for _, list := range [][]Application{{{}}, {{AID: make([]byte, 17)}}, {{AID: AID, Label: "\xFF"}}, make([]Application, 17)} {
		_, err := EncodeDIR(list)
		assert.Error(t, err)
	}
}

func TestCVCA(t *testing.T) {
	for _, want := range [][]string{{"MASPECIMEN00001"}, {"MASPECIMEN00002", "MASPECIMEN00001"}} {
		b, err := EncodeCVCA(want)
		require.NoError(t, err)
		assert.Len(t, b, 36)
		got, err := ParseCVCA(b)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for name, b := range map[string][]byte{
		"empty":          nil,
		"only zeros":     make([]byte, 36),
		"37 bytes":       append(unhex(t, "420F4D41535045434D454E4E3030303031"), make([]byte, 20)...),
		"another object": unhex(t, "430A"+"4D415350454330303031"),
		"too short":      unhex(t, "42054D41534141"),
		"control codes":  unhex(t, "420A"+"4D410053454330303031"),
		"three of them":  bytes.Repeat(unhex(t, "420A"+"4D415350454330303031"), 3),
		"cut off":        unhex(t, "420F4D41"),
	} {
		_, err := ParseCVCA(b)
		var f *FileError
		require.ErrorAs(t, err, &f, name)
		assert.Equal(t, CVCA, f.File)
	}
	for _, list := range [][]string{nil, {"SHORT"}, {"MASPECIMEN00001", "MASPECIMEN00002", "MASPECIMEN00003"}} {
		_, err := EncodeCVCA(list)
		assert.Error(t, err)
	}
	assert.False(t, CVCA.InMasterFile())
	assert.Equal(t, CardAccess.FID(), CVCA.FID())
}
