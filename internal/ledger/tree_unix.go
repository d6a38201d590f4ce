//go:build unix

package ledger

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

const (
	checkpointEvery = 100 * time.Millisecond
	gatherFor       = 2 * time.Millisecond // entries arrive by the group already
)

// tree is the log, open to be appended to.
type tree struct {
	appender *tessera.Appender
	reader   tessera.LogReader
	shutdown func(context.Context) error
	cancel   context.CancelFunc
}

func openTree(dir string, signer note.Signer) (*tree, error) {
	silence()
	ctx, cancel := context.WithCancel(context.Background())
	driver, err := posix.New(ctx, posix.Config{Path: filepath.Join(dir, "log")})
	if err != nil {
		cancel()
		return nil, fmt.Errorf("open the log: %w", err)
	}
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).WithCheckpointInterval(checkpointEvery).WithCheckpointRepublishInterval(0).
		WithBatching(group, gatherFor).WithShutdownTimeout(10 * time.Second)
	t := &tree{cancel: cancel}
	if t.appender, t.shutdown, t.reader, err = tessera.NewAppender(ctx, driver, options); err != nil {
		cancel()
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return t, nil
}

// add puts leaves into the log, in their order, and returns once all are durable.
func (t *tree) add(leaves [][]byte) ([]uint64, error) {
	futures := make([]tessera.IndexFuture, len(leaves))
	for i, leaf := range leaves {
		futures[i] = t.appender.Add(context.Background(), tessera.NewEntry(leaf))
	}
	places := make([]uint64, len(leaves))
	var failed error
	for i, future := range futures { // all of them: what is under way must have ended
		place, err := future()
		if err != nil {
			failed = fmt.Errorf("write the log: %w", err)
		}
		places[i] = place.Index
	}
	return places, failed
}

// size counts the leaves, published or not.
func (t *tree) size(ctx context.Context) (uint64, error) { return t.reader.IntegratedSize(ctx) }

// close ends the log's use; after a failure there is no checkpoint to wait for.
func (t *tree) close(ctx context.Context, failed bool) (err error) {
	if !failed {
		err = t.shutdown(ctx)
	}
	t.cancel()
	return err
}
