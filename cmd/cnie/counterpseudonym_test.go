package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/site"
	"cnie/pki"
)

// One secret for as long as its file is there, which nobody else reads.
func TestPseudonyms(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	place := &site.Site{Purposes: []site.Purpose{{ID: "age", Answers: []site.Answer{site.Over18}}, {ID: "club", Answers: []site.Answer{site.Over16}}, {ID: "account"}}}
	amina := &pki.Holder{CIN: "ZZ012345"}
	name := func(purpose string, h *pki.Holder) string {
		t.Helper()
		found, err := pseudonyms(place, dir)(purpose, h)
		require.NoError(t, err)
		return found
	}
	assert.Empty(t, name("account", amina), "a purpose that answers nothing")
	assert.Empty(t, name("age", &pki.Holder{}))
	_, err := os.Stat(dir)
	assert.ErrorIs(t, err, os.ErrNotExist, "nothing was needed yet")
	first := name("age", amina)
	assert.Len(t, first, 43)
	assert.Equal(t, first, name("age", amina), "the next time the desk is opened")
	assert.NotEqual(t, first, name("club", amina), "purposes are not linked")
	file := filepath.Join(dir, "pseudonym.key")
	require.NoError(t, os.Chmod(file, 0o644))
	_, err = pseudonyms(place, dir)("age", amina)
	assert.ErrorContains(t, err, "0600")
	require.NoError(t, os.Remove(file))
	assert.NotEqual(t, first, name("age", amina), "another secret, other names")
	require.NoError(t, os.WriteFile(file, make([]byte, 8), 0o600))
	_, err = pseudonyms(place, dir)("age", amina)
	assert.ErrorContains(t, err, "fewer than 32")
}
