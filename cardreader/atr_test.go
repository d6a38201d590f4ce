package cardreader_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
)

func TestATR(t *testing.T) {
	cases := []struct {
		name, atr, historical string
		extended              bool
	}{
		{"CNIE as catalogued", "3B8580018073 8421C092", "80738421C0", true},
		{"no historical bytes", "3B80800101", "", false},
		{"category 00", "3B8980014A434F503432313231", "4A434F503432313231", false},
		{"capabilities without extended length", "3B858001807384218053", "8073842180", false},
		{"cut off", "3B8F8001", "", false},
		{"interface bytes cut off", "3BF0", "", false},
		{"empty", "", "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			atr := parse(t, c.atr)
			assert.Equal(t, c.historical, cardreader.ATR(atr.Historical()).String())
			assert.Equal(t, c.extended, atr.ExtendedLength())
		})
	}
}

func parse(t *testing.T, s string) cardreader.ATR {
	t.Helper()
	var clean []byte
	for _, c := range []byte(s) {
		if c != ' ' {
			clean = append(clean, c)
		}
	}
	raw, err := hex.DecodeString(string(clean))
	require.NoError(t, err)
	return raw
}
