package wholefile_test

import (
	"bytes"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/wholefile"
)

func TestReplace(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "file")
	for _, content := range []string{"first", "second"} {
		require.NoError(t, wholefile.Replace(name, []byte(content), 0o644))
		got, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Equal(t, content, string(got))
	}
	about, err := os.Stat(name)
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		assert.Equal(t, fs.FileMode(0o644), about.Mode().Perm())
	}
	require.Error(t, wholefile.Replace(filepath.Join(dir, "none", "file"), nil, 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "taken", "full"), 0o700))
	require.Error(t, wholefile.Replace(filepath.Join(dir, "taken"), nil, 0o600), "a folder is no file")
	nothingElse(t, dir, 2)
}

// Of many programs that make a file at once one is the first, and all read its content.
func TestCreate(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "key")
	var all sync.WaitGroup
	var read [16][]byte
	for i := range read {
		all.Go(func() {
			if err := wholefile.Create(name, bytes.Repeat([]byte{byte(i)}, 32), 0o600); err != nil {
				assert.ErrorIs(t, err, fs.ErrExist)
			}
			var err error
			read[i], err = wholefile.ReadSecret(name)
			assert.NoError(t, err)
		})
	}
	all.Wait()
	for _, content := range read {
		assert.Len(t, content, 32)
		assert.Equal(t, read[0], content)
	}
	nothingElse(t, dir, 1)
}

func TestReadSecret(t *testing.T) {
	name := filepath.Join(t.TempDir(), "key")
	_, err := wholefile.ReadSecret(name)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, os.WriteFile(name, make([]byte, 64<<10+1), 0o600))
	_, err = wholefile.ReadSecret(name)
	assert.ErrorContains(t, err, "longer than any secret")
	if runtime.GOOS == "windows" {
		return
	}
	require.NoError(t, os.Chmod(name, 0o640))
	_, err = wholefile.ReadSecret(name)
	assert.ErrorContains(t, err, "make it 0600")
}

// nothingElse wants no temporary file left in a folder.
func nothingElse(t *testing.T, dir string, count int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, count)
}

// A name is taken by a file: behind a link the file there, and nothing else gives
// way, such as a socket.
func TestPlace(t *testing.T) {
	dir := t.TempDir()
	file, link, socket := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "socket")
	require.NoError(t, os.WriteFile(file, []byte("earlier"), 0o600))
	require.NoError(t, os.Symlink("file", link))
	require.NoError(t, wholefile.Replace(link, []byte("later"), 0o600))
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "later", string(content))
	about, err := os.Lstat(link)
	require.NoError(t, err)
	assert.NotZero(t, about.Mode()&fs.ModeSymlink, "a link stays one")

	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	defer listener.Close()
	for _, name := range []string{socket, dir} {
		assert.ErrorContains(t, wholefile.Replace(name, nil, 0o600), "it is there and is no file")
	}
	nothingElse(t, dir, 3)
}
