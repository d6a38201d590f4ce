package piv_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadingObjects(t *testing.T) {
	discovery := "7e12" + "4f0b" + "a000000308000010000100" + "5f2f02" + "4000"
	for _, c := range []struct {
		name  string
		steps [][2]string
	}{
		{"discovery", [][2]string{{"00cb3fff035c017e00", discovery + "9000"}}},
		{"discovery, length first", [][2]string{{"00cb3fff035c017e08", discovery[:16] + "610c"}, {"00c000000c", discovery[16:] + "9000"}}},
		{"discovery, exact length", [][2]string{{"00cb3fff035c017e14", discovery + "9000"}}},
		{"discovery, no Le", [][2]string{{"00cb3fff035c017e", discovery + "9000"}}},
		{"not there", [][2]string{{"00cb3fff055c035fc10600", "6a82"}, {"00cb3fff045c027f6100", "6a82"}}},
		{"private and not there", [][2]string{{"00cb3fff055c035fc10900", "6a82"}}},
		{"no such object", [][2]string{{"00cb3fff055c035fff0100", "6a82"}, {"00cb3fff035c015300", "6a82"}}},
		{"parameters", [][2]string{{"00cb3f00035c017e00", "6a86"}, {"00cb0000035c017e00", "6a86"}}},
		{"no tag list", [][2]string{{"00cb3fff017e00", "6a80"}, {"00cb3fff025c0000", "6a80"}, {"00cb3fff00", "6a80"}}},
		{"tag too long", [][2]string{{"00cb3fff065c045fc1020100", "6a80"}}},
		{"two objects", [][2]string{{"00cb3fff065c017e5c017e00", "6a80"}}},
		{"before selection", [][2]string{{selectOther, "9000"}, {"00cb3fff035c017e00", "6d00"}}},
	} {
		t.Run(c.name, func(t *testing.T) { insert(t, nil).steps(c.steps...) })
	}
}

// OpenSC asks for eight bytes to learn the length of a certificate.
func TestCertificateInPieces(t *testing.T) {
	x := insert(t, nil)
	all, sw := x.get("5fc105")
	require.Equal(t, "9000", sw)
	require.Greater(t, len(all), 600)
	first := x.send("00cb3fff055c035fc10508")
	assert.Equal(t, hex.EncodeToString(all[:8])+"6100", first)
	assert.Equal(t, hex.EncodeToString(all[8:264])+"6100", x.send("00c0000000"))
}

func TestWritingObjects(t *testing.T) {
	x := insert(t, nil)
	write := func(tag int, name string, content []byte) string {
		raw, _ := hex.DecodeString(name)
		_, sw := x.whole("db3fff", append(object(0x5C, raw), object(tag, content)...))
		return sw
	}
	face := bytes.Repeat([]byte{0xFA, 0xCE}, 6000)
	assert.Equal(t, "6982", write(0x53, "5fc108", face), "without the management key")
	manage(t, x)
	require.Equal(t, "9000", write(0x53, "5fc108", face))
	_, sw := x.get("5fc108")
	assert.Equal(t, "6982", sw, "without the PIN")
	x.steps([2]string{verifyPIN, "9000"})
	got, sw := x.get("5fc108")
	assert.Equal(t, "9000", sw)
	assert.True(t, bytes.Equal(object(0x53, face), got))

	assert.Equal(t, "9000", write(0x53, "5fc108", nil), "emptied")
	_, sw = x.get("5fc108")
	assert.Equal(t, "6a82", sw)
	assert.Equal(t, "6a82", write(0x53, "5fff01", face), "another vendor's")
	assert.Equal(t, "6a80", write(0x54, "5fc108", face), "another wrapping")
	assert.Equal(t, "6a80", write(0x53, "7e", face), "the discovery object comes by itself")

	for _, step := range [][2]string{
		{"00db3fff067e045f2f0100", "9000"}, {"00cb3fff035c017e00", "7e045f2f01009000"},
		{"00db3fff077f6104bb020000", "9000"}, {"00cb3fff045c027f6100", "7f6104bb0200009000"},
		{"00db3f00067e045f2f0100", "6a86"}, {"00db3fff", "6a80"}, {"00db3fff055c035fc102", "6a80"},
		{"00db3fff0a5c035fc1025302010203", "6a80"},
	} {
		assert.Equal(t, step[1], x.send(step[0]), step[0])
	}
}

// A chain that is longer than any object is refused, and nothing is written.
func TestObjectTooLarge(t *testing.T) {
	x := insert(t, nil)
	manage(t, x)
	link := "10db3fffff" + hex.EncodeToString(make([]byte, 255))
	sw := "9000"
	for i := 0; i < 70 && sw == "9000"; i++ {
		sw = x.send(link)
	}
	assert.Equal(t, "6700", sw)
}
