package cardreader_test

import (
	"encoding/hex"
	"encoding/json"
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
		{"category 00, status at the end", "3B88800100738421C0059000", "00738421C0059000", true},
		{"category 00, a status that looks like capabilities", "3B84800100738421", "00738421", false},
		{"capabilities without extended length", "3B858001807384218053", "8073842180", false},
		{"cut off", "3B8F8001", "", false},
		{"cut off in a data object", "3B8480018074 8421", "80748421", false},
		{"no capabilities", "3B83800180318000", "803180", false},
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

func TestWords(t *testing.T) {
	event := cardreader.Event{Kind: cardreader.CardInserted, Reader: "R", ATR: cardreader.ATR{0x3B, 0x8A}}
	text, err := json.Marshal(event)
	require.NoError(t, err)
	assert.JSONEq(t, `{"event":"card inserted","reader":"R","atr":"3B8A"}`, string(text))
	var atr cardreader.ATR
	require.NoError(t, json.Unmarshal([]byte(`"3b8a"`), &atr))
	assert.Equal(t, event.ATR, atr)
	assert.Error(t, json.Unmarshal([]byte(`"3B8"`), &atr))
	for _, kind := range []cardreader.EventKind{0, 5} {
		assert.Equal(t, "unknown event", kind.String())
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
