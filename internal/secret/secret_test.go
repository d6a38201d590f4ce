package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/secret"
)

const canary = "123456"

// holder hides the secret in an unexported field, where printers do not call methods but walk the memory.
type holder struct {
	Public string
	key    secret.Bytes
	inner  *secret.Bytes
}

func TestDoesNotPrint(t *testing.T) {
	s := secret.New([]byte(canary))
	h := holder{"seen", s, &s}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c", "%T"} {
		for _, value := range []any{s, &s, h, &h, []secret.Bytes{s}, map[string]secret.Bytes{"k": s}} {
			assertHidden(t, fmt.Sprintf(verb, value))
		}
	}
	assert.Equal(t, secret.Placeholder, fmt.Sprint(s))
	assert.Equal(t, secret.Placeholder, fmt.Sprintf("%#v", s))
}

func TestDoesNotMarshal(t *testing.T) {
	s := secret.New([]byte(canary))
	out, err := json.Marshal(map[string]any{"s": s, "h": holder{key: s}})
	require.NoError(t, err)
	assertHidden(t, string(out))

	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("open", "can", s, "holder", holder{key: s})
	}
	assertHidden(t, log.String())
	assert.Contains(t, log.String(), secret.Placeholder)
}

// testify's own diff prints with reflection and methods switched off: the strictest printer in this tree.
func TestDoesNotShowInDiffs(t *testing.T) {
	var said recorder
	assert.Equal(&said, holder{key: secret.New([]byte(canary))}, holder{})
	assertHidden(t, said.String())
	assert.NotEmpty(t, said.String())
}

func TestRevealAndWipe(t *testing.T) {
	owned := []byte(canary)
	s := secret.New(owned)
	twin := s
	assert.Equal(t, []byte(canary), s.Reveal())

	twin.Wipe()
	assert.Empty(t, s.Reveal(), "copies are wiped together")
	assert.Equal(t, make([]byte, len(canary)), owned)
	assert.NotPanics(t, s.Wipe)
}

func TestZeroValue(t *testing.T) {
	var s secret.Bytes
	assert.Nil(t, s.Reveal())
	assert.NotPanics(t, s.Wipe)
	assert.Equal(t, secret.Placeholder, s.String())
}

func assertHidden(t *testing.T, printed string) {
	t.Helper()
	for _, form := range []string{canary, "313233", "49 50 51", "49, 50", "0x31, 0x32", "MTIz", "'1' '2'", "31 32 33"} {
		assert.NotContains(t, printed, form)
	}
}

type recorder struct{ bytes.Buffer }

func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(r, format, args...) }
