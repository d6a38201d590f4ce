//go:build !cgo && !windows

package pcsc

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"cnie/cardreader"
)

func TestStubSaysWhatIsMissing(t *testing.T) {
	var system cardreader.System = New()
	_, err := system.Readers(t.Context())
	assert.ErrorIs(t, err, cardreader.ErrNoService)
	assert.ErrorContains(t, err, "CGO_ENABLED=1 and libpcsclite-dev")
	_, err = system.Connect(t.Context(), "any")
	assert.ErrorIs(t, err, cardreader.ErrNoService)
	events := 0
	for _, err := range system.Watch(t.Context()) {
		assert.ErrorIs(t, err, cardreader.ErrNoService)
		events++
	}
	assert.Equal(t, 1, events)
}
