package lds

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFileRegistry(t *testing.T) {
	seen := map[string]bool{}
	for f := DG1; f.known(); f++ {
		for _, name := range []string{f.String(), f.Short()} {
			got, err := ParseFile(name)
			require.NoError(t, err)
			assert.Equal(t, f, got)
			assert.False(t, seen[name])
			seen[name] = true
		}
		if f.IsDataGroup() {
			assert.Equal(t, 0x0100+uint16(f), f.FID())
			assert.Equal(t, byte(f), f.SFI())
			got, ok := fileOfTag(f.Tag())
			assert.True(t, ok)
			assert.Equal(t, f, got)
		}
	}
	assert.False(t, SOD.InMasterFile())
	assert.True(t, CardSecurity.InMasterFile())
	_, err := ParseFile("dg17")
	assert.Error(t, err)
	for _, f := range []File{0, 200} {
		assert.Zero(t, f.FID())
		assert.NotEmpty(t, f.String())
		_, err := f.MarshalText()
		assert.Error(t, err)
	}
}

func TestFileAsMapKey(t *testing.T) {
	text, err := json.Marshal(map[File]string{DG15: "x"})
	require.NoError(t, err)
	assert.JSONEq(t, `{"dg15":"x"}`, string(text))
	var back map[File]string
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, "x", back[DG15])
}
