//go:build unix

package ledger

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"

	"cnie/internal/ledger/witness"
)

// A disk that was full for a while does not need the counter to be started again.
func TestFailureIsNotForEver(t *testing.T) {
	l, err := Open(t.Context(), Options{Dir: t.TempDir()})
	require.NoError(t, err)
	defer func() { assert.NoError(t, l.Close()) }()
	_, err = l.Add(t.Context(), event(0, ""))
	require.NoError(t, err)
	full := errors.New("no space left")
	assert.ErrorIs(t, l.engine.fail(full), full)
	_, err = l.Add(t.Context(), event(1, ""))
	assert.ErrorIs(t, err, full)
	_, err = l.Add(t.Context(), event(1, ""))
	assert.Error(t, err)
	var place Place
	require.Eventually(t, func() bool {
		place, err = l.Add(context.Background(), event(1, ""))
		return err == nil
	}, 10*time.Second, 50*time.Millisecond)
	assert.EqualValues(t, 1, place.Index)
	audit, err := l.Verify(t.Context())
	require.NoError(t, err)
	assert.Empty(t, audit.Findings)
	assert.EqualValues(t, 2, audit.Records)
}

// A log that this project did not write gets its checkpoints signed: tessera's own
// client of witnesses talks to ours.
func TestWitnessOfAnotherLog(t *testing.T) {
	dir := t.TempDir()
	id, err := openIdentity(dir, "test/foreign")
	require.NoError(t, err)
	secret, public, err := witness.Keys("witness.test")
	require.NoError(t, err)
	w, err := witness.New(t.TempDir(), secret, id.vkey)
	require.NoError(t, err)
	server := httptest.NewServer(w.Handler())
	defer server.Close()
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	there, err := tessera.NewWitness(public, address)
	require.NoError(t, err)
	driver, err := posix.New(t.Context(), posix.Config{Path: filepath.Join(dir, "log"), HTTPClient: http.DefaultClient})
	require.NoError(t, err)
	appender, shutdown, reader, err := tessera.NewAppender(t.Context(), driver, tessera.NewAppendOptions().
		WithCheckpointSigner(id.signer).WithCheckpointInterval(checkpointEvery).WithBatching(1, time.Millisecond).
		WithWitnesses(tessera.NewWitnessGroup(1, there), nil))
	require.NoError(t, err)
	for range 3 {
		_, err = appender.Add(t.Context(), tessera.NewEntry(random(32)))()
		require.NoError(t, err)
		time.Sleep(2 * checkpointEvery) // another checkpoint, which extends the last
	}
	require.NoError(t, shutdown(t.Context()))
	raw, err := reader.ReadCheckpoint(t.Context())
	require.NoError(t, err)
	v, err := openVouched(raw, id, there.Key)
	require.NoError(t, err)
	assert.EqualValues(t, 3, v.Size)
}
