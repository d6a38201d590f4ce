//go:build unix

package ledger_test

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ledger"
	"cnie/internal/remote/store/storetest"
)

// After an erasure no file of the database's cluster, its write-ahead log and its
// old row versions included, and none of the ledger's, has the record, its salt or
// its key. The leaf is what the same search does find.
func TestErasedFromPostgres(t *testing.T) {
	dsn := storetest.Start(t).Database("ledger")
	o := ledger.Options{Dir: t.TempDir(), DSN: dsn}
	l := open(t, o)
	fill(t, l, 40)
	secret := verification(41)
	secret.ID, secret.Transaction, secret.Pseudonym = "canary-id-83b1", "canary-transaction-83b1", "canary-pseudonym-83b1"
	secret.Detail = map[string]string{"note": "canary-note-83b1"}
	place, err := l.Add(t.Context(), secret)
	require.NoError(t, err)
	fill(t, l, 10)
	var entry ledger.Entry
	require.NoError(t, l.Export(t.Context(), ledger.Selection{Index: &place.Index}, func(e ledger.Entry) error { entry = e; return nil }))
	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	defer db.Close()
	var slot int64
	var cluster string
	require.NoError(t, db.QueryRow(`SELECT slot FROM entry WHERE idx = $1`, int64(place.Index)).Scan(&slot))
	require.NoError(t, db.QueryRow(`SHOW data_directory`).Scan(&cluster))
	keys, err := os.ReadFile(filepath.Join(o.Dir, "slots"))
	require.NoError(t, err)
	key := bytes.Clone(keys[64+32*slot : 64+32*slot+32])
	_, err = db.Exec(`CHECKPOINT`)
	require.NoError(t, err)
	require.Positive(t, holding(t, key, o.Dir), "the search finds a key where there is one")

	_, err = l.Erase(t.Context(), ledger.Selection{Pseudonym: secret.Pseudonym}, "asked for")
	require.NoError(t, err)
	_, err = db.Exec(`CHECKPOINT`)
	require.NoError(t, err)
	canonical, err := entry.Record.Canonical()
	require.NoError(t, err)
	for name, needle := range map[string][]byte{
		"record": canonical, "id": []byte(secret.ID), "transaction": []byte(secret.Transaction), "pseudonym": []byte(secret.Pseudonym),
		"note": []byte("canary-note-83b1"), "common part": []byte("canary-"), "salt": entry.Salt, "key": key,
	} {
		assert.Zero(t, holding(t, needle, cluster, o.Dir), name)
	}
	require.Positive(t, holding(t, place.Leaf, cluster), "the search finds what is there")
	require.Positive(t, holding(t, place.Leaf, filepath.Join(cluster, "pg_wal")), "and what is in the write-ahead log")
	require.NoError(t, l.Close())
	for _, needle := range [][]byte{canonical, []byte("canary-"), entry.Salt, key} {
		assert.Zero(t, holding(t, needle, cluster, o.Dir))
	}
}

// holding counts the files that have the bytes: as they are, in hexadecimal (as
// PostgreSQL writes them in text), or in base64.
func holding(t *testing.T, needle []byte, folders ...string) (found int) {
	forms := [][]byte{needle, []byte(hex.EncodeToString(needle)), []byte(base64.RawStdEncoding.EncodeToString(needle))}
	for _, folder := range folders {
		require.NoError(t, filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			content, err := os.ReadFile(name)
			if os.IsNotExist(err) {
				return nil // of a statement that has ended
			}
			for _, form := range forms {
				if bytes.Contains(content, form) {
					found++
					return err
				}
			}
			return err
		}))
	}
	return found
}
