package ledger_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ledger"
)

func open(t testing.TB, o ledger.Options) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func verification(n int) ledger.Record {
	return ledger.Record{
		Kind: ledger.Verification, Desk: "desk-1", Operator: "op-7", Purpose: "register", Transaction: fmt.Sprintf("tx-%d", n),
		Verdict: "accepted", Checks: []string{"chip.active=passed"}, Match: "match", Fields: []string{"surname"}, Basis: "consent",
		Answers: []string{"over-18=yes"}, Pseudonym: fmt.Sprintf("pseudonym-%d", n), Detail: map[string]string{"note": "<&>\t\u2028é"},
	}
}

func fill(t testing.TB, l *ledger.Ledger, n int) []ledger.Place {
	t.Helper()
	places := make([]ledger.Place, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			place, err := l.Add(context.Background(), verification(i))
			assert.NoError(t, err)
			places[i] = place
		})
	}
	all.Wait()
	return places
}

func sound(t testing.TB, l interface {
	Verify(context.Context) (*ledger.Audit, error)
}) *ledger.Audit {
	t.Helper()
	audit, err := l.Verify(t.Context())
	require.NoError(t, err)
	require.Empty(t, audit.Findings)
	return audit
}

func TestAddVerifyReopen(t *testing.T) {
	dir := t.TempDir()
	l := open(t, ledger.Options{Dir: dir})
	places := fill(t, l, 300)
	seen := map[uint64]bool{}
	for _, p := range places {
		seen[p.Index] = true
		assert.Len(t, p.Leaf, 32)
	}
	assert.Len(t, seen, 300)
	assert.EqualValues(t, 300, sound(t, l).Records)
	require.NoError(t, l.Close())

	l = open(t, ledger.Options{Dir: dir})
	place, err := l.Add(t.Context(), verification(300))
	require.NoError(t, err)
	assert.EqualValues(t, 300, place.Index)
	assert.EqualValues(t, 301, sound(t, l).Records)
	_, err = l.Add(t.Context(), ledger.Record{Kind: "rumour"})
	assert.ErrorIs(t, err, ledger.ErrRecord)
	_, err = l.Add(t.Context(), ledger.Record{Kind: ledger.Erasure})
	assert.ErrorIs(t, err, ledger.ErrRecord)
}

func TestOneProcess(t *testing.T) {
	o := ledger.Options{Dir: t.TempDir()}
	l := open(t, o)
	fill(t, l, 3)
	sound(t, l)
	_, err := ledger.Open(t.Context(), o)
	assert.ErrorIs(t, err, ledger.ErrLocked)
	r, err := ledger.OpenReader(t.Context(), o)
	require.NoError(t, err)
	assert.EqualValues(t, 3, sound(t, r).Size)
	require.NoError(t, r.Close())
	require.NoError(t, l.Close())
	_, err = l.Add(t.Context(), verification(9))
	assert.ErrorIs(t, err, ledger.ErrClosed)
}

func TestOneEventCountsOnce(t *testing.T) {
	dir := t.TempDir()
	l := open(t, ledger.Options{Dir: dir})
	event := verification(1)
	event.ID = "event-1"
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			place, err := l.Add(context.Background(), event)
			assert.NoError(t, err)
			assert.Zero(t, place.Index)
		})
	}
	all.Wait()
	require.NoError(t, l.Close())
	l = open(t, ledger.Options{Dir: dir})
	place, err := l.Add(t.Context(), event)
	require.NoError(t, err)
	assert.Zero(t, place.Index)
	assert.EqualValues(t, 1, sound(t, l).Size)
	event.Verdict = "refused"
	_, err = l.Add(t.Context(), event)
	assert.ErrorIs(t, err, ledger.ErrConflict)
}

// What is searched for is as raw as it gets: every byte of every file.
func TestErasureLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	l := open(t, ledger.Options{Dir: dir})
	fill(t, l, 40)
	var entry ledger.Entry
	require.NoError(t, l.Export(t.Context(), ledger.Selection{Transaction: "tx-17"}, func(e ledger.Entry) error {
		entry = e
		return nil
	}))
	canonical, err := entry.Record.Canonical()
	require.NoError(t, err)
	proof, err := l.Prove(t.Context(), entry.Index)
	require.NoError(t, err)
	keys, err := os.ReadFile(filepath.Join(dir, "slots"))
	require.NoError(t, err)

	done, err := l.Erase(t.Context(), ledger.Selection{Transaction: "tx-17"}, "asked for by the holder")
	require.NoError(t, err)
	require.Len(t, done, 1)
	assert.Equal(t, []uint64{entry.Index}, done[0].Indexes)
	after, err := os.ReadFile(filepath.Join(dir, "slots"))
	require.NoError(t, err)
	secrets := map[string][]byte{"salt": entry.Salt, "record": canonical, "pseudonym": []byte("pseudonym-17"), "id": []byte(entry.Record.ID)}
	for at := 64; at+32 <= len(keys); at += 32 {
		if !bytes.Equal(keys[at:at+32], after[at:at+32]) {
			secrets["key"] = keys[at : at+32]
		}
	}
	require.Contains(t, secrets, "key")
	search(t, dir, secrets)
	require.NoError(t, l.Close())
	search(t, dir, secrets)

	l = open(t, ledger.Options{Dir: dir})
	audit := sound(t, l)
	assert.EqualValues(t, 1, audit.Erased)
	assert.EqualValues(t, 41, audit.Size)
	// Who kept the proof can still show it; the ledger proves the place of the leaf.
	proven, err := ledger.CheckProof(proof, l.Key(), "")
	require.NoError(t, err)
	assert.Equal(t, "tx-17", proven.Record.Transaction)
	bare, err := l.Prove(t.Context(), entry.Index)
	require.NoError(t, err)
	proven, err = ledger.CheckProof(bare, l.Key(), "")
	require.NoError(t, err)
	assert.Nil(t, proven.Record)
	assert.Equal(t, entry.Leaf, proven.Leaf)
	_, err = l.Erase(t.Context(), ledger.Selection{Transaction: "tx-17"}, "again")
	assert.ErrorIs(t, err, ledger.ErrNothing)
	_, err = l.Erase(t.Context(), ledger.Selection{Index: &done[0].Place.Index}, "trace of it")
	assert.ErrorIs(t, err, ledger.ErrKept)
}

// search looks for secrets, as they are and in hexadecimal, in all files of a folder.
func search(t *testing.T, dir string, secrets map[string][]byte) {
	t.Helper()
	files := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		files++
		for name, secret := range secrets {
			assert.Falsef(t, bytes.Contains(content, secret), "%s is in %s", name, path)
			assert.Falsef(t, bytes.Contains(content, []byte(hex.EncodeToString(secret))), "%s is in %s", name, path)
		}
		return nil
	}))
	require.Greater(t, files, 8)
}

func TestRetention(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	l := open(t, ledger.Options{Dir: t.TempDir(), Now: func() time.Time { return now }})
	for i, days := range []int{0, 1, 10, 10} {
		r := verification(i)
		if days > 0 {
			r.Keep = now.AddDate(0, 0, days)
		}
		_, err := l.Add(t.Context(), r)
		require.NoError(t, err)
	}
	for _, step := range []struct {
		day, erased int
	}{{1, 0}, {2, 1}, {2, 0}, {11, 2}, {400, 0}} {
		done, err := l.Expire(t.Context(), now.AddDate(0, 0, step.day))
		require.NoError(t, err)
		n := 0
		for _, d := range done {
			n += len(d.Indexes)
		}
		assert.Equal(t, step.erased, n, "on day %d", step.day)
	}
	assert.EqualValues(t, 3, sound(t, l).Erased)
}

func TestClockThatGoesBack(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	l := open(t, ledger.Options{Dir: t.TempDir(), Now: func() time.Time { return now }})
	fill(t, l, 1)
	now = now.AddDate(-56, 0, 0)
	fill(t, l, 1)
	var last ledger.Record
	require.NoError(t, l.Export(t.Context(), ledger.Selection{}, func(e ledger.Entry) error {
		last = e.Record
		return nil
	}))
	assert.Equal(t, 2026, last.Recorded.Year())
	assert.True(t, strings.HasPrefix(last.Clock, "-49"), last.Clock)
	assert.Equal(t, []uint64{1}, sound(t, l).Doubts)
}
