package persona

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/vectors"
	"cnie/lds"
)

func write(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
}

// TestPublishedDump loads a card that nobody here made.
func TestPublishedDump(t *testing.T) {
	card, err := FromDir(vectors.Shared(t, "bsi2008"))
	require.NoError(t, err)
	assert.Equal(t, lds.MRZKey{DocumentNumber: "C11T002JM", BirthDate: "960812", ExpiryDate: "131031"}, card.MRZ)
	assert.True(t, card.BAC)
	assert.Empty(t, card.PACE)
	assert.Empty(t, card.ChipKeys)
	assert.Len(t, card.Files, 8)
	assert.Len(t, card.Files[lds.SOD], 1076)
	assert.Len(t, card.Files[lds.DG14], 334)
}

func TestNamesOfDumpedFiles(t *testing.T) {
	made := cardOf(t, "specimen").Files
	dir := t.TempDir()
	write(t, dir, map[string][]byte{
		"DATAGROUP1.BIN": made[lds.DG1], "dg2.bin": made[lds.DG2], "EF.DG14.bin": made[lds.DG14],
		"EF_SOD.bin": made[lds.SOD], "ef-com.bin": made[lds.COM], "CardAccess.bin": made[lds.CardAccess],
		"notes.txt": []byte("not a file of the card"), "photo.bin": {1},
	})
	card, err := FromDir(dir)
	require.NoError(t, err)
	assert.Len(t, card.Files, 6)
	for f, content := range card.Files {
		assert.Equal(t, made[f], content, f)
	}
	assert.False(t, card.BAC, "a card that offers PACE")
	assert.Len(t, card.PACE, 1)
	assert.Equal(t, "123456", card.CAN)
	assert.Equal(t, "ZZZ0SIM1", card.MRZ.DocumentNumber)
}

func TestDumpsThatAreNone(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string][]byte
		want  string
	}{
		"empty":        {nil, "holds no file of a card"},
		"twice":        {map[string][]byte{"DG1.bin": {1}, "Datagroup1.bin": {1}}, "holds EF.DG1 twice"},
		"empty file":   {map[string][]byte{"DG1.bin": nil}, "is empty or larger"},
		"huge file":    {map[string][]byte{"DG1.bin": make([]byte, maxDump+1)}, "is empty or larger"},
		"no way in":    {map[string][]byte{"SOD.bin": {1}}, "nothing could open the card"},
		"broken DG1":   {map[string][]byte{"DG1.bin": {0x61, 0x7f}}, "EF.DG1"},
		"broken infos": {map[string][]byte{"CardAccess.bin": {0x31, 0x7f}}, "EF.CardAccess"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, c.files)
			_, err := FromDir(dir)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
	_, err := FromDir(filepath.Join(t.TempDir(), "nowhere"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}
