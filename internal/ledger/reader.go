package ledger

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/tessera/client"
)

// errErased is what there is to read of an erased record.
var errErased = errors.New("the record is erased")

// Reader looks at a ledger that another process may be writing. It changes nothing.
type Reader struct {
	o     Options
	id    *identity
	slots *slots
	store *store
	files client.FileFetcher
}

// OpenReader opens a ledger to look at it.
func OpenReader(ctx context.Context, o Options) (r *Reader, err error) {
	r = &Reader{o: o, files: client.FileFetcher{Root: filepath.Join(o.Dir, "log")}}
	if r.id, err = readIdentity(o.Dir); err != nil {
		return nil, err
	}
	if r.slots, err = openSlots(o.Dir, false); err != nil {
		return nil, err
	}
	if r.store, err = openStore(ctx, o.Dir, o.DSN, r.id.origin(), false); err != nil {
		return nil, errors.Join(err, r.slots.close())
	}
	return r, nil
}

// Close closes it.
func (r *Reader) Close() error { return errors.Join(r.slots.close(), r.store.close()) }

// Key is the verifier key of the ledger's checkpoints: what others keep to check them.
func (r *Reader) Key() string { return r.id.vkey }

// Origin is the ledger's name, the first line of its checkpoints.
func (r *Reader) Origin() string { return r.id.origin() }

// newest is the last checkpoint, its signature verified, and its bytes.
func (i *identity) newest(ctx context.Context, files client.FileFetcher) (*log.Checkpoint, []byte, error) {
	raw, err := files.ReadCheckpoint(ctx)
	if err != nil {
		return nil, nil, err
	}
	c, _, _, err := log.ParseCheckpoint(raw, i.origin(), i.verifier)
	if err != nil {
		return nil, nil, fmt.Errorf("the checkpoint is not signed by the ledger's key: %w", err)
	}
	return c, raw, nil
}
