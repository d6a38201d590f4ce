package cms

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNormalise pins the conversion of X.690 encodings to DER.
func TestNormalise(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"DER stays", "30030201ff", "30030201ff"},
		{"indefinite", "30800201050000", "3003020105"},
		{"indefinite inside definite", "300930800201050000" + "0500", "30073003020105" + "0500"},
		{"string in pieces", "240804020102" + "04020304", "040401020304"},
		{"indefinite string in nested pieces", "24802404040201020402030400" + "00", "040401020304"},
		{"empty indefinite", "30800000", "3000"},
		{"length with a leading zero", "3082000302" + "0105", "3003020105"},
		{"high tag number", "3005bf8101" + "0105", ""},
		{"no end marker", "3080020105", ""},
		{"primitive of indefinite length", "04800000", ""},
		{"piece that is no string", "24030201" + "05", ""},
		{"cut short", "3005020105", ""},
		{"bytes after", "30800000" + "00", ""},
		{"length of five bytes", "3085000000000100", ""},
		{"nothing", "", ""},
	} {
		in, err := hex.DecodeString(c.in)
		require.NoError(t, err, c.name)
		der, _, err := normalise(in)
		if c.want == "" {
			assert.ErrorIs(t, err, ErrMalformed, c.name)
			continue
		}
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, hex.EncodeToString(der), c.name)
	}
}

// TestNormaliseBounds keeps hostile nesting and size out.
func TestNormaliseBounds(t *testing.T) {
	_, _, err := normalise(bytes.Repeat([]byte{0x30, 0x80}, 1<<16))
	assert.ErrorIs(t, err, ErrMalformed)
	_, _, err = normalise(make([]byte, MaxSize+1))
	assert.ErrorIs(t, err, ErrMalformed)
}

// FuzzNormalise holds that what comes out is DER to the same eyes.
func FuzzNormalise(f *testing.F) {
	f.Add([]byte{0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 0x05, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		der, changed, err := normalise(in)
		if err != nil {
			return
		}
		again, changedAgain, err := normalise(der)
		require.NoError(t, err)
		assert.False(t, changedAgain)
		assert.Equal(t, der, again)
		assert.True(t, changed || bytes.Equal(in, der))
		assert.True(t, !changed || len(der) == cap(der), "measured %d, wrote %d", cap(der), len(der))
	})
}
