package ledger_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ledger"
)

// One record that somebody changed does not keep all others beyond their day, or from
// who asks for hers to be erased. That it was changed is told all the same.
func TestDamagedRecordKeepsNoOther(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	l := open(t, ledger.Options{Dir: dir, Now: func() time.Time { return now }})
	for n := range 4 {
		r := verification(n)
		r.Keep = now.AddDate(0, 0, -5)
		if n == 3 {
			r.Keep = now.AddDate(1, 0, 0)
		}
		_, err := l.Add(t.Context(), r)
		require.NoError(t, err)
	}
	sound(t, l) // waits until each has its place
	db, err := sql.Open("sqlite", filepath.Join(dir, "records.db"))
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), `UPDATE entry SET sealed = zeroblob(length(sealed)) WHERE idx = 0`)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	done, err := l.Expire(t.Context(), now)
	assert.ErrorContains(t, err, "entry 0")
	require.Len(t, done, 1)
	assert.Equal(t, []uint64{1, 2}, done[0].Indexes)
	done, err = l.Erase(t.Context(), ledger.Selection{Pseudonym: "pseudonym-3"}, "asked for by the holder")
	assert.ErrorContains(t, err, "entry 0")
	require.Len(t, done, 1)
	assert.Equal(t, []uint64{3}, done[0].Indexes)
	_, err = l.Erase(t.Context(), ledger.Selection{Transaction: "tx-9"}, "asked for by the holder")
	assert.ErrorContains(t, err, "entry 0", "it may be the one")
	audit, err := l.Verify(context.Background())
	require.NoError(t, err)
	require.Len(t, audit.Findings, 1)
	assert.Equal(t, "altered", audit.Findings[0].What)
}

// A configuration that somebody dated to go is not erased, and is no failure of each day.
func TestExpireLeavesConfigurations(t *testing.T) {
	now := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	l := open(t, ledger.Options{Dir: t.TempDir(), Now: func() time.Time { return now }})
	_, err := l.Add(t.Context(), ledger.Record{Kind: ledger.Configuration, Desk: "desk-1", Keep: now.AddDate(0, 0, -5)})
	require.NoError(t, err)
	done, err := l.Expire(t.Context(), now)
	require.NoError(t, err)
	assert.Empty(t, done)
}
