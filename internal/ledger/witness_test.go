package ledger_test

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ledger"
	"cnie/internal/ledger/witness"
)

// watched starts a witness for the ledger in a folder, which it makes if need be.
func watched(t testing.TB, dir string) ledger.Options {
	t.Helper()
	l, err := ledger.Open(t.Context(), ledger.Options{Dir: dir, Origin: "test/ledger"})
	require.NoError(t, err)
	key := l.Key()
	require.NoError(t, l.Close())
	secret, public, err := witness.Keys("witness.test")
	require.NoError(t, err)
	w, err := witness.New(t.TempDir(), secret, key)
	require.NoError(t, err)
	server := httptest.NewServer(w.Handler())
	t.Cleanup(server.Close)
	return ledger.Options{Dir: dir, Witness: server.URL, Vouch: public, Every: 20 * time.Millisecond}
}

// seen waits until the witness has signed this many entries.
func seen(t testing.TB, l *ledger.Ledger, size uint64) {
	t.Helper()
	require.Eventually(t, func() bool {
		s, err := l.Status(t.Context(), time.Now())
		return err == nil && s.Witnessed >= size
	}, 20*time.Second, 10*time.Millisecond)
}

func TestWitnessed(t *testing.T) {
	o := watched(t, t.TempDir())
	l := open(t, o)
	fill(t, l, 5)
	seen(t, l, 5)
	fill(t, l, 300)
	seen(t, l, 305)
	audit := sound(t, l)
	assert.Equal(t, ledger.Asked, audit.Witness)
	assert.EqualValues(t, 305, audit.Witnessed)
	proof, err := l.Prove(t.Context(), 299)
	require.NoError(t, err)
	proven, err := ledger.CheckProof(proof, l.Key(), o.Vouch)
	require.NoError(t, err)
	assert.NotNil(t, proven.Witnessed)
	assert.EqualValues(t, 299, proven.Index)

	// Without the witness's signature the proof is good for the log's word only.
	head, _, _ := strings.Cut(string(proof), "— witness.test")
	_, err = ledger.CheckProof([]byte(head), l.Key(), o.Vouch)
	assert.ErrorIs(t, err, ledger.ErrProof)
	_, err = ledger.CheckProof([]byte(head), l.Key(), "")
	assert.NoError(t, err)
	for _, change := range []struct{ old, new string }{{"index 299", "index 298"}, {"tlog-proof@v1", "tlog-proof@v2"}, {"\n305\n", "\n306\n"}} {
		_, err = ledger.CheckProof([]byte(strings.Replace(string(proof), change.old, change.new, 1)), l.Key(), "")
		assert.ErrorIs(t, err, ledger.ErrProof, change.new)
	}
	_, err = ledger.CheckProof(proof, o.Vouch, "")
	assert.Error(t, err)
	require.NoError(t, l.Close())

	r, err := ledger.OpenReader(t.Context(), o)
	require.NoError(t, err)
	require.NoError(t, os.Remove(o.Dir+"/witnessed")) // the witness remembers
	assert.EqualValues(t, 305, sound(t, r).Witnessed)
	require.NoError(t, r.Close())
}
