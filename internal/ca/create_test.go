package ca_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ca"
)

// There is a whole authority or none, and what was there stays.
func TestCreate(t *testing.T) {
	parent := t.TempDir()
	full, empty := filepath.Join(parent, "full"), filepath.Join(parent, "empty")
	require.NoError(t, os.Mkdir(full, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(full, "theirs"), []byte("x"), 0o600))
	require.NoError(t, os.Mkdir(empty, 0o755))
	assert.ErrorIs(t, ca.Create(full, ca.Default()), ca.ErrNotEmpty)
	assert.ErrorContains(t, ca.Create(filepath.Join(full, "theirs", "ca"), ca.Default()), "not a directory")
	assert.Error(t, ca.Create(filepath.Join(parent, "no", "such", "parent"), ca.Default()))
	wrong := ca.Default()
	wrong.CRLHours = 0
	var mistake *ca.ConfigError
	assert.ErrorAs(t, ca.Create(filepath.Join(parent, "wrong"), wrong), &mistake)
	require.NoError(t, ca.Create(empty, ca.Default()))
	assert.ErrorIs(t, ca.Create(empty, ca.Default()), ca.ErrNotEmpty)

	entries, err := os.ReadDir(parent)
	require.NoError(t, err)
	assert.Len(t, entries, 2, "a draft was left behind")
}

// Keys are for the owner's eyes, and the root's key is not needed again.
func TestKeys(t *testing.T) {
	w := founded(t, nil)
	stat, err := os.Stat(w.dir)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o700), stat.Mode().Perm())
	keys, err := os.ReadDir(w.file("keys"))
	require.NoError(t, err)
	assert.Len(t, keys, 8)
	for _, key := range keys {
		stat, err := key.Info()
		require.NoError(t, err)
		assert.Equal(t, fs.FileMode(0o600), stat.Mode().Perm(), key.Name())
	}
	require.NoError(t, os.Remove(w.file("keys/root.key")))
	w.order(ca.Auth, newKey(t), "SPECIMEN AMINA")
}

// Every file that is wrong is named, and nothing is served.
func TestWrongFiles(t *testing.T) {
	other := founded(t, nil)
	for name, c := range map[string]struct {
		change func(w *world) error
		says   string
	}{
		"open key":        {func(w *world) error { return os.Chmod(w.file("keys/issuing.key"), 0o644) }, "issuing.key: other users can read this key"},
		"open order key":  {func(w *world) error { return os.Chmod(w.file("keys/auth.jwk"), 0o640) }, "auth.jwk: other users can read this key"},
		"another's key":   {func(w *world) error { return os.Rename(other.file("keys/issuing.key"), w.file("keys/issuing.key")) }, "not the key of issuing.crt"},
		"no key":          {func(w *world) error { return os.WriteFile(w.file("keys/tsa.key"), []byte("x"), 0o600) }, "no key in PEM"},
		"no JWK":          {func(w *world) error { return os.WriteFile(w.file("keys/sign.jwk"), []byte("{}"), 0o600) }, "sign.jwk: this is no private key as a JWK"},
		"no database":     {func(w *world) error { return os.WriteFile(w.file("db"), []byte("x"), 0o600) }, "db: this is no database: "},
		"no certificate":  {func(w *world) error { return os.WriteFile(w.file("root.crt"), []byte("x"), 0o600) }, "root.crt: this is no certificate in PEM"},
		"other names":     {func(w *world) error { return os.WriteFile(w.file("ca.yaml"), []byte("name: x\n"), 0o600) }, "specimen cannot be changed"},
		"unknown setting": {func(w *world) error { return os.WriteFile(w.file("ca.yaml"), []byte("name: x\ncrl: 1\n"), 0o600) }, "ca.yaml:2:1: unknown field \"crl\""},
	} {
		t.Run(name, func(t *testing.T) {
			w := founded(t, nil)
			require.NoError(t, c.change(w))
			_, err := ca.Open(w.dir)
			var wrong *ca.ConfigError
			require.ErrorAs(t, err, &wrong)
			assert.Contains(t, err.Error(), c.says)
			require.NoError(t, os.RemoveAll(w.dir))
			_, err = ca.Open(w.dir)
			assert.True(t, errors.Is(err, fs.ErrNotExist))
		})
	}
}

// An authority that has lost its database has forgotten what it revoked.
func TestLostDatabase(t *testing.T) {
	w := founded(t, nil)
	require.NoError(t, os.Remove(w.file("db")))
	_, err := ca.Open(w.dir)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.NoFileExists(t, w.file("db"))
}

// After a failed start the lock is free.
func TestAddressInUse(t *testing.T) {
	busy := founded(t, nil).serve()
	w := founded(t, func(c *ca.Config) { c.Publish = busy.at.Published })
	for range 2 {
		authority, err := ca.Open(w.dir)
		require.NoError(t, err)
		err = authority.Serve(t.Context(), ca.Addresses{}, func(ca.Addresses) error { return nil })
		assert.ErrorContains(t, err, "address already in use")
		require.NoError(t, authority.Close())
		assert.NoFileExists(t, w.file("address"))
	}
}
