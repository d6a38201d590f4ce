//go:build unix

package ledger_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ledger"
	"cnie/internal/remote/store/storetest"
)

// With PostgreSQL the database has ciphertexts only, the keys stay with the ledger.
func TestPostgres(t *testing.T) {
	dsn := storetest.Start(t).Database("ledger")
	o := ledger.Options{Dir: t.TempDir(), DSN: dsn}
	l := open(t, o)
	fill(t, l, 300)
	_, err := l.Erase(t.Context(), ledger.Selection{Transaction: "tx-17"}, "asked for")
	require.NoError(t, err)
	assert.EqualValues(t, 1, sound(t, l).Erased)
	require.NoError(t, l.Close())
	l = open(t, o)
	fill(t, l, 1)
	assert.EqualValues(t, 301, sound(t, l).Records)
	require.NoError(t, l.Close())

	_, err = ledger.Open(t.Context(), ledger.Options{Dir: t.TempDir(), DSN: dsn})
	assert.ErrorIs(t, err, ledger.ErrOther)
	_, err = ledger.Open(t.Context(), ledger.Options{Dir: t.TempDir(), DSN: "mysql://x"})
	assert.ErrorIs(t, err, ledger.ErrDSN)

	db, err := sql.Open("pgx", dsn)
	require.NoError(t, err)
	_, err = db.Exec(`DELETE FROM entry WHERE idx = 40`)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	r, err := ledger.OpenReader(t.Context(), o)
	require.NoError(t, err)
	audit, err := r.Verify(t.Context())
	require.NoError(t, err)
	require.Len(t, audit.Findings, 1)
	assert.Equal(t, "missing", audit.Findings[0].What)
	require.NoError(t, r.Close())
}
