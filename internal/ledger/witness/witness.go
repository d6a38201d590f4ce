// Package witness signs checkpoints of logs that it does not keep, and only such as
// extend what it signed before (C2SP tlog-witness, cosignature/v1).
//
// It is small on purpose: it belongs on a machine that the desk's people do not run.
// For each log it has one checkpoint to remember, which is on the disk before its
// signature leaves, and a history of older ones, ten minutes apart, which says by when
// a log had which size. What it has forgotten it must not sign: a folder that was lost
// is a witness that was lost, and a new one has a new key.
package witness

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// What a witness answers other than with a signature.
var (
	ErrRequest   = errors.New("the request is malformed")
	ErrUnknown   = errors.New("the witness does not know the log")
	ErrSignature = errors.New("the checkpoint is not signed by the log's key")
	ErrStale     = errors.New("the witness has signed another size since")
	ErrConflict  = errors.New("the witness has signed another tree of this size")
	ErrProof     = errors.New("the checkpoint does not extend what the witness signed before")
)

const (
	maxProof = 63       // lines of a consistency proof (C2SP tlog-witness)
	maxBody  = 16 << 10 // bytes of a request
	apart    = 10 * time.Minute
)

// Witness signs for the logs that it knows.
type Witness struct {
	dir    string
	signer *fnote.Signer
	logs   map[string]note.Verifier // by origin

	mu sync.Mutex
}

// New takes the witness's folder and secret key (note format), and the verifier keys
// of the logs it signs for; a log's origin is the name in its key.
func New(dir, key string, logs ...string) (*Witness, error) {
	w := &Witness{dir: dir, logs: map[string]note.Verifier{}}
	var err error
	if w.signer, err = fnote.NewSignerForCosignatureV1(key); err != nil {
		return nil, errors.New("the witness's key is not one")
	}
	for _, vkey := range logs {
		v, err := note.NewVerifier(vkey)
		if err != nil {
			return nil, fmt.Errorf("the key of a log is not one: %w", err)
		}
		w.logs[v.Name()] = v
	}
	return w, os.MkdirAll(dir, 0o700)
}

// Keys makes a witness's key: the secret half, and the one that others verify with.
func Keys(name string) (secret, public string, err error) {
	if secret, public, err = note.GenerateKey(nil, name); err != nil {
		return "", "", err
	}
	public, err = fnote.VKeyToCosignatureV1(public)
	return secret, public, err
}

// request is the body of add-checkpoint: the size last signed, a consistency proof
// from there, an empty line, the checkpoint.
type request struct {
	old   uint64
	proof [][]byte
	note  []byte
}

func parse(body []byte) (r request, err error) {
	head, checkpoint, found := bytes.Cut(body, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	size, old := strings.CutPrefix(lines[0], "old ")
	if !found || !old || len(lines)-1 > maxProof || len(body) > maxBody {
		return r, ErrRequest
	}
	if r.old, err = strconv.ParseUint(size, 10, 63); err != nil || strconv.FormatUint(r.old, 10) != size {
		return r, ErrRequest
	}
	for _, line := range lines[1:] {
		hash, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(hash) != sha256.Size || strings.Contains(line, "\r") { // which the decoder passes over
			return r, ErrRequest
		}
		r.proof = append(r.proof, hash)
	}
	r.note = checkpoint
	return r, nil
}

// Add is add-checkpoint: it gives the witness's signature line, or an error and the
// size that it signed last.
func (w *Witness) Add(body []byte) (line []byte, held uint64, err error) {
	r, err := parse(body)
	if err != nil {
		return nil, 0, err
	}
	origin, _, _ := strings.Cut(string(r.note), "\n")
	verifier := w.logs[origin]
	if verifier == nil {
		return nil, 0, ErrUnknown
	}
	c, rest, n, err := log.ParseCheckpoint(r.note, origin, verifier)
	if err != nil {
		return nil, 0, ErrSignature
	}
	if r.old > c.Size || len(rest) > 0 || len(c.Hash) != sha256.Size {
		return nil, 0, ErrRequest
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	last, err := w.last(origin)
	if err != nil {
		return nil, 0, err
	}
	if err := follows(last, c, r); err != nil {
		return nil, last.Size, err
	}
	line, signed, err := w.sign(n)
	if err != nil {
		return nil, 0, err
	}
	return line, c.Size, w.keep(origin, signed)
}

// follows tells whether a checkpoint extends the last one.
func follows(last log.Checkpoint, c *log.Checkpoint, r request) error {
	switch {
	case r.old != last.Size:
		return ErrStale
	case c.Size == last.Size && !bytes.Equal(c.Hash, last.Hash):
		return ErrConflict
	case r.old == 0 && len(r.proof) > 0:
		return ErrProof
	case r.old == 0 && c.Size > 0:
		return nil // everything extends the empty tree
	}
	if proof.VerifyConsistency(rfc6962.DefaultHasher, r.old, c.Size, r.proof, last.Hash, c.Hash) != nil {
		return ErrProof
	}
	return nil
}

// sign gives the signature's line, and the checkpoint with the log's signature and
// this one.
func (w *Witness) sign(n *note.Note) (line, signed []byte, err error) {
	bare := &note.Note{Text: n.Text}
	only, err := note.Sign(bare, w.signer)
	if err != nil {
		return nil, nil, err
	}
	line = only[len(n.Text)+1:]
	logged, err := note.Sign(&note.Note{Text: n.Text, Sigs: n.Sigs})
	if err != nil {
		return nil, nil, err
	}
	return line, append(logged, line...), nil
}

func (w *Witness) file(origin, kind string) string {
	id := sha256.Sum256([]byte(origin))
	return filepath.Join(w.dir, hex.EncodeToString(id[:])+kind)
}

// last is what was signed last; the empty tree if nothing was.
func (w *Witness) last(origin string) (log.Checkpoint, error) {
	empty := log.Checkpoint{Origin: origin, Hash: rfc6962.DefaultHasher.EmptyRoot()}
	raw, err := os.ReadFile(w.file(origin, ".last"))
	if errors.Is(err, os.ErrNotExist) {
		return empty, nil
	}
	if err != nil {
		return empty, err
	}
	c, _, _, err := log.ParseCheckpoint(raw, origin, w.logs[origin], w.signer.Verifier())
	if err != nil {
		return empty, fmt.Errorf("what the witness remembers of %s is damaged: %w", origin, err)
	}
	return *c, nil
}

// Last is the checkpoint signed last, with both signatures.
func (w *Witness) Last(id string) ([]byte, error) { return w.read(id, ".last") }

// History are checkpoints ten minutes apart and then the last one, an empty line
// after each.
func (w *Witness) History(id string) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	older, err := w.read(id, ".history")
	if err != nil && !errors.Is(err, ErrUnknown) {
		return nil, err
	}
	last, err := w.read(id, ".last")
	if err != nil {
		return nil, err
	}
	return append(append(older, last...), '\n'), nil
}

func (w *Witness) read(id, kind string) ([]byte, error) {
	for origin := range w.logs {
		if filepath.Base(w.file(origin, "")) == id {
			raw, err := os.ReadFile(w.file(origin, kind))
			if errors.Is(err, os.ErrNotExist) {
				err = ErrUnknown
			}
			return raw, err
		}
	}
	return nil, ErrUnknown
}
