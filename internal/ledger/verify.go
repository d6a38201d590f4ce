package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/fsck"
	"k8s.io/klog/v2"
)

// Finding is something that is not as the ledger left it.
type Finding struct {
	What  string  `json:"what"` // checkpoint, log, shorter, missing, altered, unlogged, undone, repeated, clock, rolled-back, forked
	Index *uint64 `json:"index,omitempty"`
	Text  string  `json:"text"`
}

// How the witness's word was had.
const (
	Asked = "asked" // the witness itself answered
	Kept  = "kept"  // the ledger's own copy: says nothing about a ledger that was replaced whole
	None  = "none"
)

// Audit is what Verify found.
type Audit struct {
	Origin    string     `json:"origin"`
	Size      uint64     `json:"size"`
	Root      []byte     `json:"root"`
	Records   uint64     `json:"records"` // opened and compared with their leaves
	Erased    uint64     `json:"erased"`  // gone, with an entry that says so
	Pending   int        `json:"pending"` // of a crash; the next Open puts them into the log
	Witness   string     `json:"witness"`
	Witnessed uint64     `json:"witnessed"` // size that the witness signed last
	At        *time.Time `json:"witnessed_at,omitempty"`
	Doubts    []uint64   `json:"clock_doubts,omitempty"` // entries made while the clock was behind, and said so
	Findings  []Finding  `json:"findings"`
}

// Sound tells whether nothing was found.
func (v *Audit) Sound() bool { return len(v.Findings) == 0 }

func (v *Audit) find(what string, index *uint64, format string, args ...any) {
	v.Findings = append(v.Findings, Finding{what, index, fmt.Sprintf(format, args...)})
}

// Verify compares everything with everything: tiles and root with the leaves, leaves
// with the records, erased records with the entries that erase them, times with one
// another, and all of it with what the witness signed. An error means that it could
// not be done; what is wrong with the ledger is a finding.
func (r *Reader) Verify(ctx context.Context) (*Audit, error) {
	v := &Audit{Origin: r.id.origin(), Witness: None, Findings: []Finding{}}
	c, err := r.newest(ctx, v)
	if err != nil || c == nil {
		return v, err
	}
	v.Size, v.Root = c.Size, c.Hash
	silence()
	check := fsck.New(r.id.origin(), r.id.verifier, r.files, leafHashes, fsck.Opts{N: 2})
	if err := check.Check(ctx); err != nil {
		v.find("log", nil, "the tiles do not add up to the checkpoint: %v", err)
	}
	history, err := r.witnessed(ctx, v)
	if err != nil {
		return v, err
	}
	for _, h := range history {
		if h.Size > c.Size {
			v.find("rolled-back", nil, "the witness signed %d entries on %s, and the log has %d", h.Size, h.at.UTC().Format(time.RFC3339), c.Size)
		}
	}
	w := newWalk(r, v, c, history)
	if err := w.all(ctx); err != nil {
		return v, err
	}
	return v, nil
}

// Verify does it while nothing is being erased.
func (l *Ledger) Verify(ctx context.Context) (*Audit, error) {
	l.erasing.Lock()
	defer l.erasing.Unlock()
	if err := l.settled(ctx); err != nil {
		return nil, err
	}
	return l.Reader.Verify(ctx)
}

// newest is the checkpoint, which has to cover all records that have a place; one
// that is just being written gets a moment to.
func (r *Reader) newest(ctx context.Context, v *Audit) (*log.Checkpoint, error) {
	highest, err := r.store.number(ctx, `SELECT MAX(idx) FROM entry`)
	if err != nil {
		return nil, fmt.Errorf("read the records: %w", err)
	}
	for deadline := time.Now().Add(2 * time.Second); ; {
		c, _, err := r.id.newest(ctx, r.files)
		late := time.Now().After(deadline)
		switch {
		case err != nil && late:
			v.find("checkpoint", nil, "%v", err)
			return nil, nil
		case err == nil && (!highest.Valid || c.Size > uint64(highest.Int64)):
			return c, nil
		case err == nil && late:
			v.find("shorter", nil, "there is a record of entry %d, and the log has %d entries", highest.Int64, c.Size)
			return c, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// witnessed is what the witness signed, from itself if it can be asked.
func (r *Reader) witnessed(ctx context.Context, v *Audit) (history []vouched, err error) {
	if r.o.Vouch == "" {
		return nil, nil
	}
	verifier, err := witnessKey(r.o.Vouch)
	if err != nil {
		return nil, err
	}
	if r.o.Witness != "" {
		to, err := newOutside(r.o.Witness, r.o.Vouch)
		if err != nil {
			return nil, err
		}
		if history, err = to.history(ctx, r.id); err != nil {
			return nil, err
		}
		v.Witness = Asked
	}
	kept, err := r.kept(verifier)
	switch {
	case err != nil:
		v.find("checkpoint", nil, "%v", err)
	case kept != nil:
		if v.Witness == None {
			v.Witness = Kept
		}
		history = append(history, *kept)
	}
	for i := range history {
		if h := &history[i]; h.Size >= v.Witnessed {
			v.Witnessed, v.At = h.Size, &h.at
		}
	}
	return history, nil
}

// silence: tessera tells klog, on standard error, what it also returns.
var silence = sync.OnceFunc(func() { klog.SetSlogLogger(slog.New(slog.DiscardHandler)) })

var errBundle = errors.New("a bundle of entries is malformed")

// leafHashes hashes the entries of a bundle (RFC 6962 §2.1).
func leafHashes(raw []byte) ([][]byte, error) {
	var bundle api.EntryBundle
	if err := bundle.UnmarshalText(raw); err != nil {
		return nil, errBundle
	}
	hashes := make([][]byte, len(bundle.Entries))
	for i, e := range bundle.Entries {
		hashes[i] = rfc6962.DefaultHasher.HashLeaf(e)
	}
	return hashes, nil
}
