package tlv_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/moov-io/bertlv"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu/tlv"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	require.NoError(t, err)
	return b
}

func TestReadAndWrite(t *testing.T) {
	for _, size := range []int{0, 1, 127, 128, 255, 256, 65535, 65536, 1 << 20} {
		for _, tag := range []tlv.Tag{0x61, 0x5F1F, 0x7F61, 0x80, 0x7FCE01} {
			value := bytes.Repeat([]byte{7}, size)
			raw := tlv.Encode(tag, value[:size/2], value[size/2:])
			e, rest, err := tlv.ReadDER(append(raw, 0xEE))
			require.NoError(t, err)
			assert.Equal(t, tag, e.Tag)
			assert.True(t, bytes.Equal(value, e.Value))
			assert.Len(t, e.Raw, len(raw))
			assert.Equal(t, []byte{0xEE}, rest)
		}
	}
}

func TestConstructed(t *testing.T) {
	for tag, want := range map[tlv.Tag]bool{0x61: true, 0x5F1F: false, 0x7F61: true, 0x04: false, 0x30: true, 0x7FCE01: true} {
		assert.Equal(t, want, tag.Constructed(), tag)
	}
}

func TestReadRefuses(t *testing.T) {
	cases := map[string]string{
		"":               "no tag",
		"00":             "tag 00",
		"5F":             "does not end",
		"1F818181":       "does not end",
		"61":             "no length",
		"6180":           "indefinite",
		"6185":           "more than four",
		"618201":         "cut off",
		"6184FFFFFFFF":   "16 MiB", // also where an int has 32 bits: GOARCH=386
		"618401000000":   "16 MiB", // one more than AppendHeader can write
		"6103AABB":       "value of 3 bytes, 2 present",
		"618400FFFFFF00": "value of 16777215 bytes",
	}
	for raw, reason := range cases {
		_, _, err := tlv.Read(unhex(t, raw))
		var syntax *tlv.SyntaxError
		require.ErrorAs(t, err, &syntax, raw)
		assert.ErrorContains(t, err, reason, raw)
	}
}

func TestLengthInMoreBytesThanNeeded(t *testing.T) {
	raw := unhex(t, "6182000101")
	_, _, err := tlv.Read(raw)
	require.NoError(t, err, "cards do this")
	_, _, err = tlv.ReadDER(raw)
	assert.ErrorContains(t, err, "shortest form")
}

func TestReadAll(t *testing.T) {
	all, err := tlv.ReadAll(unhex(t, "8001AA8102BBCC"), 4)
	require.NoError(t, err)
	require.Len(t, all, 2)
	found, ok := tlv.Find(all, 0x81)
	assert.True(t, ok)
	assert.Equal(t, unhex(t, "BBCC"), found.Value)

	_, err = tlv.ReadAll(unhex(t, "800080008000"), 2)
	assert.ErrorContains(t, err, "more than 2")

	_, err = tlv.ReadAll(unhex(t, "8001AA81"), 4)
	var syntax *tlv.SyntaxError
	require.ErrorAs(t, err, &syntax)
	assert.Equal(t, 4, syntax.Offset, "offsets count from the start of the input")
}

func TestOne(t *testing.T) {
	_, err := tlv.One(unhex(t, "6101AA"), 0x60)
	assert.ErrorContains(t, err, "want tag 60")
	_, err = tlv.One(unhex(t, "6101AA00"), 0x61)
	assert.ErrorContains(t, err, "bytes after")
	_, err = tlv.One(unhex(t, "6102AA"), 0x61)
	assert.ErrorContains(t, err, "malformed data object 61 at byte 0")
	e, err := tlv.One(unhex(t, "6101AA"), 0x61)
	require.NoError(t, err)
	_, found := tlv.Find([]tlv.Element{e}, 0x62)
	assert.False(t, found)
}

// An independent reader must agree on what it accepts of what we write.
func TestAgainstBertlv(t *testing.T) {
	for _, size := range []int{0, 5, 127, 128, 300, 70000} {
		raw := tlv.Encode(0x5F1F, bytes.Repeat([]byte{0x41}, size))
		theirs, err := bertlv.Decode(raw)
		require.NoError(t, err)
		require.Len(t, theirs, 1)
		assert.Equal(t, "5F1F", theirs[0].Tag)
		assert.Len(t, theirs[0].Value, size)
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"61055F1F020102", "7F6182000100", "6184FFFFFFFF", "1F8181", "3080"} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, rest, err := tlv.Read(raw)
		if err != nil {
			return
		}
		if len(e.Raw)+len(rest) != len(raw) {
			t.Fatal("an element and its rest are not the input")
		}
		if again, _, err := tlv.ReadDER(tlv.Encode(e.Tag, e.Value)); err != nil || !bytes.Equal(again.Value, e.Value) {
			t.Fatalf("encoding what was read gives something else: %v", err)
		}
		_, _ = tlv.ReadAll(raw, 64)
	})
}

func ExampleRead() {
	dg1 := tlv.Encode(0x61, tlv.Encode(0x5F1F, []byte("P<UTO")))
	outer, _, _ := tlv.Read(dg1)
	inner, _, _ := tlv.Read(outer.Value)
	fmt.Printf("%v %v %s\n", outer.Tag, inner.Tag, inner.Value)
	// Output: 61 5F1F P<UTO
}
