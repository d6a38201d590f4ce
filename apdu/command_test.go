package apdu_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/apdu"
)

func TestCommandForms(t *testing.T) {
	data := func(n int) []byte { return bytes.Repeat([]byte{0xAB}, n) }
	cases := []struct {
		name    string
		command apdu.Command
		head    string // hex of everything but the data field's content
		size    int
	}{
		{"case 1", apdu.Command{INS: 0xA4, P1: 4}, "00A40400", 4},
		{"case 2 short", apdu.Command{INS: 0xB0, Ne: 8}, "00B0000008", 5},
		{"case 2 short, all", apdu.Command{INS: 0xB0, Ne: 256}, "00B0000000", 5},
		{"case 3 short", apdu.Command{INS: 0xA4, Data: data(255)}, "00A40000FF", 260},
		{"case 4 short", apdu.Command{INS: 0xA4, Data: data(1), Ne: 256}, "00A4000001", 7},
		{"case 2 extended", apdu.Command{INS: 0xB0, Ne: 257}, "00B00000000101", 7},
		{"case 2 extended, all", apdu.Command{INS: 0xB0, Ne: 65536}, "00B00000000000", 7},
		{"case 3 extended", apdu.Command{INS: 0x86, Data: data(256)}, "00860000000100", 263},
		{"case 4 extended", apdu.Command{INS: 0x86, Data: data(3), Ne: 65536}, "00860000000003", 12},
		{"largest", apdu.Command{INS: 0x86, Data: data(65535), Ne: 65536}, "0086000000FFFF", 65544},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			raw, err := c.command.Encode()
			require.NoError(t, err)
			assert.Len(t, raw, c.size)
			head, _ := hex.DecodeString(c.head)
			assert.Equal(t, head, raw[:len(head)])
			back, err := apdu.ParseCommand(raw)
			require.NoError(t, err)
			assert.Equal(t, c.command, back)
		})
	}
}

func TestCommandThatFitsNoForm(t *testing.T) {
	for _, c := range []apdu.Command{{Data: make([]byte, 65536)}, {Ne: 65537}, {Ne: -1}} {
		_, err := c.Encode()
		assert.ErrorIs(t, err, apdu.ErrMalformed)
	}
	_, err := apdu.Command{Ne: 300}.Append(nil, false)
	assert.ErrorIs(t, err, apdu.ErrMalformed, "300 bytes do not fit a short Le")
}

func TestParseCommandRefuses(t *testing.T) {
	for _, raw := range []string{
		"", "00A404", // no header
		"00A40400050102",       // Lc beyond the data
		"00A4040002010203AA",   // two bytes after the data in the short form
		"00A404000000",         // extended marker with half a length
		"00A40400000002010203", // one byte of Le after an extended Lc
		"00A40400000000AA",     // extended Lc of zero
	} {
		b, _ := hex.DecodeString(raw)
		_, err := apdu.ParseCommand(b)
		assert.ErrorIs(t, err, apdu.ErrMalformed, raw)
	}
}

func FuzzParseCommand(f *testing.F) {
	for _, seed := range []string{"00A4040C", "00B09C0000", "00A4040C07A0000002471001", "0086000000000100", "00B0000000FFFF"} {
		raw, _ := hex.DecodeString(seed)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := apdu.ParseCommand(raw)
		if err != nil {
			return
		}
		again, err := c.Encode()
		require.NoError(t, err)
		back, err := apdu.ParseCommand(again)
		require.NoError(t, err)
		if c.Ne != back.Ne || !bytes.Equal(c.Data, back.Data) || c.INS != back.INS {
			t.Fatalf("%X was read as another command after encoding", raw)
		}
	})
}
