package ledger

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/stretchr/testify/require"
)

func (c *crime) flip(name string) {
	content, err := os.ReadFile(filepath.Join(c.dir, name))
	require.NoError(c.t, err)
	content[c.random.IntN(len(content))] ^= 1 << c.random.IntN(8)
	require.NoError(c.t, os.WriteFile(filepath.Join(c.dir, name), content, 0o600))
}

// any is an entry that is not the erased one, nor the one that says so.
func (c *crime) any() int { return 10 + c.random.IntN(180) }

func edit(c *crime) {
	switch c.random.IntN(5) {
	case 0:
		c.sql(`UPDATE entry SET sealed = zeroblob(60) WHERE idx = ?`, c.any())
	case 1:
		c.sql(`UPDATE entry SET leaf = randomblob(32) WHERE idx = ?`, c.any())
	case 2:
		c.flip("log/tile/entries/000")
	case 3:
		c.flip("log/tile/0/000")
	case 4:
		s, err := openSlots(c.dir, true)
		require.NoError(c.t, err)
		require.NoError(c.t, s.write(int64(c.any()), [][]byte{random(keySize)}))
		require.NoError(c.t, s.close())
	}
}

func remove(c *crime) {
	switch c.random.IntN(3) {
	case 0:
		c.sql(`DELETE FROM entry WHERE idx = ?`, c.any())
	case 1:
		c.sql(`UPDATE entry SET sealed = NULL, tag = NULL WHERE idx = ?`, c.any())
	case 2:
		s, err := openSlots(c.dir, true)
		require.NoError(c.t, err)
		require.NoError(c.t, s.destroy([]int64{int64(c.any())}))
		require.NoError(c.t, s.close())
	}
}

func swap(c *crime) {
	a := c.any()
	b := a + 1 + c.random.IntN(5)
	if c.random.IntN(2) == 0 {
		c.sql(`UPDATE entry SET idx = -1 WHERE idx = ?`, a)
		c.sql(`UPDATE entry SET idx = ? WHERE idx = ?`, a, b)
		c.sql(`UPDATE entry SET idx = ? WHERE idx = -1`, b)
		return
	}
	leaves := c.leaves(300)
	leaves[a], leaves[b] = leaves[b], leaves[a]
	c.rebuild(leaves)
}

func truncate(c *crime) {
	size := 201 + c.random.IntN(99)
	leaves := c.leaves(300)
	c.rebuild(leaves[:size])
	c.sql(`DELETE FROM entry WHERE idx >= ?`, size)
}

// resign tells another story in one entry, with everything above it made to fit.
func resign(c *crime) {
	r, err := OpenReader(c.t.Context(), Options{Dir: c.dir})
	require.NoError(c.t, err)
	index := c.any()
	rows, err := r.store.list(c.t.Context(), `WHERE idx = ?`, index)
	require.NoError(c.t, err)
	record, salt, err := reveal(r.slots, rows[0])
	require.NoError(c.t, err)
	record.Verdict = "refused"
	canonical, err := record.Canonical()
	require.NoError(c.t, err)
	key, err := r.slots.key(rows[0].slot)
	require.NoError(c.t, err)
	leaf := Leaf(salt, canonical)
	sealed, err := seal(key, rows[0].slot, leaf, salt, canonical)
	require.NoError(c.t, err)
	require.NoError(c.t, r.Close())
	leaves := c.leaves(300)
	leaves[index] = leaf
	c.rebuild(leaves)
	c.sql(`UPDATE entry SET leaf = ?, sealed = ? WHERE idx = ?`, leaf, sealed, index)
}

func rollBack(c *crime) {
	require.NoError(c.t, os.RemoveAll(c.dir))
	require.NoError(c.t, os.CopyFS(c.dir, os.DirFS(c.early)))
}

// fork goes on from the old copy with other entries, as many or more.
func fork(c *crime) {
	rollBack(c)
	l, err := Open(c.t.Context(), Options{Dir: c.dir})
	require.NoError(c.t, err)
	done := make(chan error)
	n := 100 + c.random.IntN(20)
	for i := range n {
		go func() {
			_, err := l.Add(context.Background(), event(200+i, "other"))
			done <- err
		}()
	}
	for range n {
		require.NoError(c.t, <-done)
	}
	require.NoError(c.t, l.Close())
}

// clock makes entries at a wrong time and has the witness sign them: ahead of it with
// the ledger as it is, before it with a program that does not hold the time up.
func clock(c *crime) {
	off := time.Duration(1+c.random.IntN(1000)) * time.Hour
	if c.random.IntN(2) == 0 {
		o := c.options
		o.Now = func() time.Time { return time.Now().Add(off) }
		l, err := Open(c.t.Context(), o)
		require.NoError(c.t, err)
		_, err = l.Add(c.t.Context(), event(300, ""))
		require.NoError(c.t, err)
		require.NoError(c.t, l.settled(c.t.Context()))
		require.NoError(c.t, l.Close())
		return
	}
	l, err := Open(c.t.Context(), c.options)
	require.NoError(c.t, err)
	record := event(300, "")
	j := &job{record: &record, tag: random(16)}
	l.engine.last, l.engine.now = time.Time{}, func() time.Time { return time.Now().Add(-off) }
	made, key, err := l.engine.prepare(j, l.engine.next)
	require.NoError(c.t, err)
	require.NoError(c.t, l.engine.durable([]row{made}, [][]byte{key}, nil))
	places, err := l.engine.tree.add([][]byte{made.leaf})
	require.NoError(c.t, err)
	require.NoError(c.t, l.engine.store.commit(c.t.Context(), nil, []placement{{made.slot, places[0]}}))
	require.NoError(c.t, l.settled(c.t.Context()))
	require.NoError(c.t, l.Close())
}
