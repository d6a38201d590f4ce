package ledger

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ledger/witness"
)

var tamperTrials = flag.Int("tamper-trials", 4, "trials of each kind of tampering")

// crime is a ledger of 300 entries that a witness has signed, and how it was at 200.
type crime struct {
	t                      testing.TB
	whole, early, witness  string // folders
	logKey, secret, public string
	dir                    string // of the trial
	random                 *rand.Rand
	options                Options // with the trial's witness
}

func event(n int, text string) Record {
	return Record{ID: fmt.Sprintf("event-%d-%s", n, text), Kind: Verification, Transaction: fmt.Sprint("tx-", n), Verdict: "accepted"}
}

func prepare(t testing.TB) *crime {
	c := &crime{t: t, whole: t.TempDir(), early: t.TempDir(), witness: t.TempDir()}
	add := func(l *Ledger, from, to int) {
		done := make(chan error)
		for n := from; n < to; n++ {
			go func() {
				_, err := l.Add(context.Background(), event(n, ""))
				done <- err
			}()
		}
		for n := from; n < to; n++ {
			require.NoError(t, <-done)
		}
	}
	l, err := Open(t.Context(), Options{Dir: c.whole, Origin: "test/tamper"})
	require.NoError(t, err)
	c.logKey = l.Key()
	add(l, 0, 199)
	_, err = l.Erase(t.Context(), Selection{Transaction: "tx-7"}, "asked for")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	require.NoError(t, os.CopyFS(c.early, os.DirFS(c.whole)))

	c.secret, c.public, err = witness.Keys("witness.test")
	require.NoError(t, err)
	c.dir = c.whole
	c.serve(c.witness)
	l, err = Open(t.Context(), c.options)
	require.NoError(t, err)
	add(l, 200, 300)
	require.NoError(t, l.settled(t.Context()))
	require.NoError(t, l.Close()) // carries the last checkpoint to the witness
	return c
}

func (c *crime) serve(dir string) (stop func()) {
	w, err := witness.New(dir, c.secret, c.logKey)
	require.NoError(c.t, err)
	server := httptest.NewServer(w.Handler())
	c.options = Options{Dir: c.dir, Witness: server.URL, Vouch: c.public}
	return server.Close
}

// trial gives a fresh copy to a kind of tampering, and tells who finds it.
func (c *crime) trial(n int, tamper func(*crime)) (alone, together bool) {
	c.random = rand.New(rand.NewPCG(uint64(n), 7))
	root, err := os.MkdirTemp(c.t.TempDir(), "")
	require.NoError(c.t, err)
	c.dir = filepath.Join(root, "ledger")
	require.NoError(c.t, os.CopyFS(c.dir, os.DirFS(c.whole)))
	require.NoError(c.t, os.CopyFS(filepath.Join(root, "witness"), os.DirFS(c.witness)))
	stop := c.serve(filepath.Join(root, "witness"))
	defer stop()
	require.Empty(c.t, c.findings(c.options), "before tampering")
	tamper(c)
	alone = len(c.findings(Options{Dir: c.dir})) > 0
	together = len(c.findings(c.options)) > 0
	require.NoError(c.t, os.RemoveAll(root))
	return alone, together
}

func (c *crime) findings(o Options) []Finding {
	r, err := OpenReader(c.t.Context(), o)
	require.NoError(c.t, err)
	audit, err := r.Verify(c.t.Context())
	require.NoError(c.t, err)
	require.NoError(c.t, r.Close())
	return audit.Findings
}

func (c *crime) sql(statement string, args ...any) {
	db, err := sql.Open("sqlite", filepath.Join(c.dir, "records.db"))
	require.NoError(c.t, err)
	_, err = db.Exec(statement, args...)
	require.NoError(c.t, err)
	require.NoError(c.t, db.Close())
}

func (c *crime) leaves(size uint64) (all [][]byte) {
	r, err := OpenReader(c.t.Context(), Options{Dir: c.dir})
	require.NoError(c.t, err)
	require.NoError(c.t, eachLeaf(c.t.Context(), r.files, 0, size, size, func(_ uint64, leaf []byte) error {
		all = append(all, leaf)
		return nil
	}))
	require.NoError(c.t, r.Close())
	return all
}

// rebuild writes the log anew and signs it with the ledger's own key, as its owner can.
func (c *crime) rebuild(leaves [][]byte) {
	require.NoError(c.t, os.RemoveAll(filepath.Join(c.dir, "log")))
	_ = os.Remove(filepath.Join(c.dir, "witnessed"))
	id, err := openIdentity(c.dir, "")
	require.NoError(c.t, err)
	tree, err := openTree(c.dir, id.signer)
	require.NoError(c.t, err)
	_, err = tree.add(leaves)
	require.NoError(c.t, err)
	require.NoError(c.t, tree.close(context.Background(), false))
}

func TestTampering(t *testing.T) {
	c := prepare(t)
	for _, kind := range []struct {
		name   string
		tamper func(*crime)
		alone  string // what a verifier without the witness finds
	}{
		{"edit", edit, "all"}, {"delete", remove, "all"}, {"swap", swap, "all"}, {"truncate", truncate, "none"},
		{"re-sign", resign, "none"}, {"roll back", rollBack, "none"}, {"fork", fork, "none"}, {"clock", clock, "some"},
	} {
		alone, together := 0, 0
		for n := range *tamperTrials {
			a, b := c.trial(n, kind.tamper)
			if a {
				alone++
			}
			if b {
				together++
			}
		}
		t.Logf("tampering: %-9s found with the witness %d of %d, without it %d", kind.name, together, *tamperTrials, alone)
		assert.Equal(t, *tamperTrials, together, kind.name)
		switch kind.alone {
		case "all":
			assert.Equal(t, *tamperTrials, alone, kind.name)
		case "none":
			assert.Zero(t, alone, "%s: the witness is not needed after all", kind.name)
		}
	}
}
