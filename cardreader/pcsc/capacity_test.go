//go:build linux && cgo

package pcsc_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader"
	"cnie/cardreader/pcsc"
	"cnie/internal/pcscd"
)

// The virtual reader's driver either says nothing or that everything passes; the
// card in it stays as it is either way.
func TestMaxDataOfAVirtualReader(t *testing.T) {
	daemon := pcscd.Start(t, pcscd.Options{})
	s := inserted(t, daemon)
	defer s.empty(t)
	system := pcsc.New()
	for _, reader := range daemon.Readers { // with a card, and empty
		n, err := system.MaxData(t.Context(), reader)
		require.NoError(t, err)
		assert.Contains(t, []int{0, 0x10000}, n)
	}
	_, err := system.MaxData(t.Context(), "no such reader")
	assert.ErrorIs(t, err, cardreader.ErrNoReader)

	card, err := system.Connect(t.Context(), daemon.Readers[0])
	require.NoError(t, err)
	defer card.Close()
	_, err = system.MaxData(t.Context(), daemon.Readers[0])
	assert.ErrorIs(t, err, cardreader.ErrReaderBusy)
}
