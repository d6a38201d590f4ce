//go:build unix

package site

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const minisignKey = "untrusted comment: SPECIMEN\nRWQBI0VniavN7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"

func keyFile(t *testing.T, dir, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(dir, "site.pub")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	require.NoError(t, os.Chmod(path, mode))
	return path
}

func TestKeyFileMustBeProtected(t *testing.T) {
	dir := t.TempDir()
	for mode, fine := range map[os.FileMode]bool{0o644: true, 0o600: true, 0o400: true, 0o664: false, 0o646: false, 0o666: false, 0o1666: false} {
		k, err := ReadKeys(keyFile(t, dir, minisignKey, mode))
		assert.Equal(t, fine, err == nil, "%o: %v", mode, err)
		if fine {
			assert.NotEmpty(t, k.Writers)
			assert.Equal(t, []string{"minisign key EFCDAB8967452301"}, k.Names())
		} else {
			assert.ErrorIs(t, err, ErrKeyWritable)
		}
	}
	path := keyFile(t, dir, minisignKey, 0o644)
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(path, link))
	_, err := ReadKeys(link)
	assert.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o777))
	for _, name := range []string{path, link} {
		_, err = ReadKeys(name)
		assert.ErrorIs(t, err, ErrKeyWritable, "in a folder of everybody's anybody puts another file")
	}
}

func TestKeyFileMustHaveKeys(t *testing.T) {
	for _, content := range []string{"", "# nothing\n", "ssh-rsa AAAA", minisignKey + "and more\n", "untrusted comment: alone\n"} {
		_, err := ReadKeys(keyFile(t, t.TempDir(), content, 0o600))
		assert.ErrorIs(t, err, ErrKeyFile, content)
	}
	_, err := ReadKeys(filepath.Join(t.TempDir(), "none"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// The machine's keys come first and cannot be overruled, the user's come last.
func TestFindKeys(t *testing.T) {
	system, given, user := keyFile(t, t.TempDir(), minisignKey, 0o644), keyFile(t, t.TempDir(), minisignKey, 0o644), keyFile(t, t.TempDir(), minisignKey, 0o644)
	none := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		given, system, user, want string
		err                       error
	}{
		{given: given, system: system, err: ErrKeyOverruled},
		{given: none, system: system, err: ErrKeyOverruled},
		{given: system, system: system, want: system},
		{system: system, user: user, want: system},
		{given: given, system: none, user: user, want: given},
		{given: none, system: none, user: user, err: os.ErrNotExist},
		{system: none, user: user, want: user},
		{system: none, user: none},
		{system: none},
	} {
		k, err := findKeys(c.given, c.system, c.user)
		assert.ErrorIs(t, err, c.err)
		assert.Equal(t, c.want, k.File)
		assert.Equal(t, c.want != "", k.Count() > 0)
	}
}
