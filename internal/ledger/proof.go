package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/transparency-dev/formats/log"
	fproof "github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"
	"golang.org/x/mod/sumdb/note"
)

// ErrProof reports a proof that does not hold, or is none.
var ErrProof = errors.New("the proof does not hold")

// told is the extra line of a proof: what the leaf is made of, if it is still there.
type told struct {
	Leaf   []byte `json:"leaf"`
	Salt   []byte `json:"salt,omitempty"`
	Record string `json:"record,omitempty"`
}

// Prove gives the file that shows an entry to be in the log (C2SP tlog-proof): the
// record with its salt, the path to the root, the signed checkpoint. It needs nothing
// else to be checked but the ledger's key. With the witness's key it rests on the
// checkpoint that the witness signed, if that covers the entry.
func (r *Reader) Prove(ctx context.Context, index uint64) ([]byte, error) {
	c, raw, err := r.checkpointFor(ctx, index)
	if err != nil {
		return nil, err
	}
	if index >= c.Size {
		return nil, ErrNothing
	}
	t, err := r.tell(ctx, index, c.Size)
	if err != nil {
		return nil, err
	}
	builder, err := client.NewProofBuilder(ctx, c.Size, r.files.ReadTile)
	if err != nil {
		return nil, err
	}
	hashes, err := builder.InclusionProof(ctx, index)
	if err != nil {
		return nil, err
	}
	extra, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	p := fproof.TLogProof{Index: index, Checkpoint: raw, ExtraData: extra}
	for _, h := range hashes {
		p.Hashes = append(p.Hashes, [sha256.Size]byte(h))
	}
	return p.Marshal(), nil
}

func (r *Reader) checkpointFor(ctx context.Context, index uint64) (*log.Checkpoint, []byte, error) {
	if r.o.Vouch != "" {
		witness, err := witnessKey(r.o.Vouch)
		if err != nil {
			return nil, nil, err
		}
		if v, err := r.kept(witness); err == nil && v != nil && v.Size > index {
			return &v.Checkpoint, v.raw, nil
		}
	}
	return r.id.newest(ctx, r.files)
}

func (r *Reader) tell(ctx context.Context, index, size uint64) (t told, err error) {
	err = eachLeaf(ctx, r.files, index, index+1, size, func(_ uint64, leaf []byte) error {
		t.Leaf = leaf
		return nil
	})
	if err != nil {
		return t, err
	}
	found, err := r.store.list(ctx, `WHERE leaf = ?`, t.Leaf)
	if err != nil || len(found) == 0 {
		return t, err
	}
	record, salt, err := reveal(r.slots, found[0])
	if errors.Is(err, errErased) {
		return t, nil
	}
	if err != nil {
		return t, fmt.Errorf("entry %d: %w", index, err)
	}
	canonical, err := record.Canonical()
	t.Salt, t.Record = salt, string(canonical)
	return t, err
}

// Proven is what a proof shows.
type Proven struct {
	Origin    string     `json:"origin"`
	Index     uint64     `json:"index"`
	Size      uint64     `json:"size"`
	Leaf      []byte     `json:"leaf"`
	Record    *Record    `json:"record,omitempty"` // nil: erased before the proof was made
	Witnessed *time.Time `json:"witnessed,omitempty"`
}

// CheckProof checks a proof offline, under the ledger's key and, unless it is empty,
// the witness's: then its signature has to be there.
func CheckProof(file []byte, key, vouch string) (Proven, error) {
	p, t, err := parseProof(file)
	if err != nil {
		return Proven{}, err
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return Proven{}, fmt.Errorf("the ledger's key is not one: %w", err)
	}
	id := &identity{verifier: verifier}
	out := Proven{Origin: verifier.Name(), Index: p.Index, Leaf: t.Leaf}
	c, _, _, err := log.ParseCheckpoint(p.Checkpoint, id.origin(), verifier)
	if err != nil {
		return Proven{}, fmt.Errorf("%w: the checkpoint is not signed by this ledger's key", ErrProof)
	}
	out.Size = c.Size
	if vouch != "" {
		witness, err := witnessKey(vouch)
		if err != nil {
			return Proven{}, err
		}
		v, err := openVouched(p.Checkpoint, id, witness)
		if err != nil {
			return Proven{}, fmt.Errorf("%w: the checkpoint has no signature of this witness", ErrProof)
		}
		out.Witnessed = &v.at
	}
	return out, out.check(p, t, c)
}

func (out *Proven) check(p fproof.TLogProof, t told, c *log.Checkpoint) error {
	if t.Record != "" {
		record, err := ParseRecord([]byte(t.Record))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrProof, err)
		}
		if !bytes.Equal(Leaf(t.Salt, []byte(t.Record)), t.Leaf) {
			return fmt.Errorf("%w: the record is not the one of the leaf", ErrProof)
		}
		out.Record = &record
	}
	var path [][]byte
	for _, h := range p.Hashes {
		path = append(path, h[:])
	}
	leaf := rfc6962.DefaultHasher.HashLeaf(t.Leaf)
	if proof.VerifyInclusion(rfc6962.DefaultHasher, p.Index, c.Size, leaf, path, c.Hash) != nil {
		return fmt.Errorf("%w: the leaf is not in the log at this place", ErrProof)
	}
	return nil
}

const maxProof = 256 << 10

// parseProof takes what Prove writes, byte for byte.
func parseProof(file []byte) (p fproof.TLogProof, t told, err error) {
	malformed := fmt.Errorf("%w: it is malformed", ErrProof)
	if len(file) > maxProof || p.Unmarshal(file) != nil || !bytes.Equal(p.Marshal(), file) {
		return p, t, malformed
	}
	d := json.NewDecoder(bytes.NewReader(p.ExtraData))
	d.DisallowUnknownFields()
	if d.Decode(&t) != nil || len(t.Leaf) != sha256.Size {
		return p, t, malformed
	}
	if back, err := json.Marshal(t); err != nil || !bytes.Equal(back, p.ExtraData) {
		return p, t, malformed
	}
	return p, t, nil
}
