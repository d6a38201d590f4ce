package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ledger"
	"cnie/internal/site"
)

// Each opening of a desk says by which site file it works; a desk without one has
// nothing to say.
func TestNoteSite(t *testing.T) {
	name := filepath.Join(t.TempDir(), "site.yaml")
	require.NoError(t, os.WriteFile(name, site.Starter, 0o600))
	place, err := site.Load(name, site.Keys{})
	require.NoError(t, err)
	open, err := ledger.Open(t.Context(), ledger.Options{Dir: filepath.Join(t.TempDir(), "ledger")})
	require.NoError(t, err)
	b := &nearBook{Ledger: open, stop: func() {}}
	require.NoError(t, noteSite(t.Context(), b, site.Specimen()))
	require.NoError(t, noteSite(t.Context(), b, place))
	var notes []ledger.Record
	require.NoError(t, open.Export(t.Context(), ledger.Selection{}, func(e ledger.Entry) error {
		notes = append(notes, e.Record)
		return nil
	}))
	require.Len(t, notes, 1)
	assert.Equal(t, ledger.Configuration, notes[0].Kind)
	assert.Equal(t, place.Digest, notes[0].Detail["site-sha256"])
	assert.Equal(t, place.Desk.ID, notes[0].Desk)
	require.NoError(t, b.Close())
}
