package trust_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"cnie/pki/specimen"
	"cnie/pki/trust"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPowerCut stops an update at each of its steps. Whoever opens the directory
// afterwards finds the old version or the new one, whole, and can go on.
func TestPowerCut(t *testing.T) {
	w := newWorld(t)
	first := masterListOf(t, w.signer, now, w.publisher, w.a, w.b)
	second := masterListOf(t, w.signer, now.AddDate(0, 1, 0), w.publisher, w.c)
	third := masterListOf(t, w.signer, now.AddDate(0, 2, 0), w.publisher, w.a, w.c)
	seen := map[int]int{}
	for steps := 0; ; steps++ {
		dir := newDir(t)
		take(t, dir, trust.Import{Items: []trust.Item{first}, Signers: [][]byte{w.signer.Certificate}})
		disk := &trust.CutDisk{Left: steps}
		victim, err := trust.OpenOn(dir.Path(), disk)
		require.NoError(t, err)
		_, failed := victim.Import(trust.Import{Now: now.AddDate(1, 0, 0), Items: []trust.Item{second}})

		survivor, err := trust.Open(dir.Path())
		require.NoError(t, err, "step %d", steps)
		store, err := survivor.Store()
		require.NoError(t, err, "step %d", steps)
		certificates, _ := store.Count()
		assert.Equal(t, map[int]int{2: 3, 3: 4}[survivor.Version()], certificates, "step %d", steps)
		assert.True(t, failed != nil || survivor.Version() == 3, "step %d", steps)
		seen[survivor.Version()]++

		r := take(t, survivor, trust.Import{Items: []trust.Item{third}})
		require.NoError(t, r[0].Refused, "step %d", steps)
		assertTidy(t, survivor)
		if disk.Left >= 0 {
			break
		}
	}
	t.Logf("old version after %d steps, new one after %d", seen[2], seen[3])
	assert.Greater(t, seen[2], 10)
	assert.Greater(t, seen[3], 1)
}

// assertTidy finds no file that a crash left behind.
func assertTidy(t *testing.T, dir *trust.Dir) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir.Path(), func(path string, _ os.DirEntry, err error) error {
		assert.False(t, strings.HasPrefix(filepath.Base(path), ".new-"), "%s was left behind", path)
		return err
	}))
}

// TestPowerCutAtCreation leaves something that the next attempt takes over.
func TestPowerCutAtCreation(t *testing.T) {
	for steps := 0; ; steps++ {
		path := filepath.Join(t.TempDir(), "trust")
		disk := &trust.CutDisk{Left: steps}
		_, failed := trust.CreateOn(path, disk)
		if _, err := trust.Open(path); err != nil {
			require.Error(t, failed)
			assert.ErrorIs(t, err, trust.ErrNotManaged)
			_, err := trust.Create(path)
			require.NoError(t, err, "step %d", steps)
		}
		if disk.Left >= 0 {
			break
		}
	}
}

// TestTwoUpdaters lets one through at a time, and none of both is lost.
func TestTwoUpdaters(t *testing.T) {
	w, dir := newWorld(t), newDir(t)
	release, err := trust.Lock(filepath.Join(dir.Path(), "lock"))
	require.NoError(t, err)
	_, err = dir.Import(trust.Import{Now: now, Items: []trust.Item{{Content: w.a.Certificate}}})
	assert.ErrorIs(t, err, trust.ErrLocked)
	release()

	var wait sync.WaitGroup
	for _, country := range [][]byte{w.a.Certificate, w.b.Certificate, w.c.Certificate, w.publisher.Certificate} {
		wait.Go(func() {
			mine, err := trust.Open(dir.Path())
			for err == nil {
				if _, err = mine.Import(trust.Import{Now: now, Items: []trust.Item{{Content: country}}}); err == nil {
					return
				}
				assert.ErrorIs(t, err, trust.ErrLocked)
				err = nil
			}
		})
	}
	wait.Wait()
	store, err := trust.LoadDir(dir.Path())
	require.NoError(t, err)
	certificates, _ := store.Count()
	assert.Equal(t, 4, certificates)
}

// TestVersions keeps the last eight and goes back to one of them.
func TestVersions(t *testing.T) {
	w, dir := newWorld(t), newDir(t)
	for month := range 12 {
		countries := []*specimen.Country{w.publisher, w.a}
		if month > 7 {
			countries = []*specimen.Country{w.publisher, w.b}
		}
		take(t, dir, trust.Import{Items: []trust.Item{masterListOf(t, w.signer, now.AddDate(0, month, 0), countries...)}, Signers: [][]byte{w.signer.Certificate}})
	}
	versions, err := dir.Versions()
	require.NoError(t, err)
	require.Len(t, versions, 8)
	assert.Equal(t, []int{6, 13}, []int{versions[0].Number, versions[7].Number})
	assert.Equal(t, []bool{false, true}, []bool{versions[0].Current, versions[7].Current})
	assert.True(t, standing(t, dir, w.a).Vanished)

	assert.ErrorIs(t, dir.Rollback(2, now), trust.ErrUnknown)
	assert.ErrorIs(t, dir.Rollback(14, now), trust.ErrUnknown)
	require.NoError(t, dir.Rollback(7, now))
	assert.Equal(t, 14, dir.Version())
	assert.False(t, standing(t, dir, w.a).Vanished)
	objects, err := os.ReadDir(filepath.Join(dir.Path(), "objects"))
	require.NoError(t, err)
	assert.Less(t, len(objects), 14, "files that no version needs are gone")
}

// TestOthersFolders are left alone.
func TestOthersFolders(t *testing.T) {
	path := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(path, "letter.txt"), nil, 0o600))
	_, err := trust.Create(path)
	assert.ErrorIs(t, err, os.ErrExist)
	_, err = trust.Open(path)
	assert.ErrorIs(t, err, trust.ErrNotManaged)
	dir := newDir(t)
	_, err = trust.Create(dir.Path())
	assert.ErrorIs(t, err, os.ErrExist)
}

// TestIndexIsChecked: a hand-made index cannot point out of the directory.
func TestIndexIsChecked(t *testing.T) {
	w, dir := newWorld(t), newDir(t)
	take(t, dir, trust.Import{Items: []trust.Item{{Origin: "a", Content: w.a.Certificate}}})
	path := filepath.Join(dir.Path(), "trust.json")
	good, err := os.ReadFile(path)
	require.NoError(t, err)
	sum := sha256Of(w.a.Certificate)
	for name, bad := range map[string]string{
		"a path for a hash":  strings.ReplaceAll(string(good), sum, "../../etc/passwd"),
		"unknown field":      strings.Replace(string(good), `"held"`, `"trustme": 1, "held"`, 1),
		"another format":     strings.Replace(string(good), "cnie-trust 1", "cnie-trust 2", 1),
		"unknown kind":       strings.Replace(string(good), `"kind": "certificate"`, `"kind": "secret"`, 1),
		"not JSON":           "{",
		"never seen":         strings.Replace(string(good), `"by": "operator"`, `"bye": 1`, 1),
		"version of nothing": strings.Replace(string(good), `"version": 2`, `"version": 0`, 1),
	} {
		require.NotEqual(t, string(good), bad, name)
		require.NoError(t, os.WriteFile(path, []byte(bad), 0o600))
		_, err := trust.LoadDir(dir.Path())
		assert.Error(t, err, name)
	}
}
