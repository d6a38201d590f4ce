package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/tessera/client"
	"golang.org/x/mod/sumdb/note"

	"cnie/internal/wholefile"
)

// ErrWitness reports a witness that did not answer, or not with its signature.
var ErrWitness = errors.New("the witness did not sign")

// outside is the witness as the ledger and its verifiers reach it.
type outside struct {
	url      string
	verifier note.Verifier
	http     *http.Client
}

func newOutside(url, vouch string) (*outside, error) {
	verifier, err := witnessKey(vouch)
	if err != nil {
		return nil, err
	}
	return &outside{strings.TrimSuffix(url, "/"), verifier, &http.Client{Timeout: 10 * time.Second}}, nil
}

// witnessKey reads a witness's verifier key.
func witnessKey(vouch string) (note.Verifier, error) {
	verifier, err := fnote.NewVerifierForCosignatureV1(vouch)
	if err != nil {
		return nil, fmt.Errorf("the witness's key is not one: %w", err)
	}
	return verifier, nil
}

// call sends a request and takes at most limit bytes of the answer.
func (w *outside) call(ctx context.Context, method, path string, body []byte, limit int64) (int, http.Header, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, w.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	response, err := w.http.Do(request)
	if err != nil {
		return 0, nil, nil, fmt.Errorf("%w: %w", ErrWitness, err)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, limit))
	return response.StatusCode, response.Header, answer, errors.Join(err, response.Body.Close())
}

// history asks the witness for what it signed of a log: verified, oldest first.
func (w *outside) history(ctx context.Context, id *identity) ([]vouched, error) {
	hash := sha256.Sum256([]byte(id.origin()))
	code, _, body, err := w.call(ctx, http.MethodGet, "/"+hex.EncodeToString(hash[:])+"/history", nil, 64<<20)
	if err != nil {
		return nil, err
	}
	if code != http.StatusOK {
		return nil, fmt.Errorf("%w: it answered %d when asked for its history", ErrWitness, code)
	}
	return parseVouched(body, id, w.verifier)
}

// vouched is a checkpoint with a witness's signature and the time of it.
type vouched struct {
	log.Checkpoint
	at  time.Time
	raw []byte
}

// parseVouched reads checkpoints that each end with an empty line.
func parseVouched(text []byte, id *identity, witness note.Verifier) (all []vouched, err error) {
	for len(text) > 0 {
		head, rest, _ := bytes.Cut(text, []byte("\n\n")) // the note's own empty line
		signatures, after, _ := bytes.Cut(rest, []byte("\n\n"))
		raw := bytes.Join([][]byte{head, append(bytes.TrimSuffix(signatures, []byte("\n")), '\n')}, []byte("\n\n"))
		v, err := openVouched(raw, id, witness)
		if err != nil {
			return nil, err
		}
		all, text = append(all, v), after
	}
	return all, nil
}

func openVouched(raw []byte, id *identity, witness note.Verifier) (vouched, error) {
	c, _, n, err := log.ParseCheckpoint(raw, id.origin(), id.verifier, witness)
	if err != nil {
		return vouched{}, fmt.Errorf("a witnessed checkpoint is not of this ledger: %w", err)
	}
	for _, s := range n.Sigs {
		if s.Name == witness.Name() && s.Hash == witness.KeyHash() {
			at, err := fnote.CoSigV1Timestamp(s)
			return vouched{*c, at, raw}, err
		}
	}
	return vouched{}, errors.New("a witnessed checkpoint has no signature of the witness")
}

// courier takes new checkpoints to the witness. No entry waits for it: a desk goes on
// when the witness is away, and Status tells for how long.
type courier struct {
	o    Options
	id   *identity
	to   *outside
	stop context.CancelFunc
	done sync.WaitGroup

	held uint64 // size that the witness signed last, as far as known
}

func startCourier(o Options, id *identity) (*courier, error) {
	to, err := newOutside(o.Witness, o.Vouch)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	c := &courier{o: o, id: id, to: to, stop: stop}
	every := o.Every
	if every == 0 {
		every = time.Second
	}
	c.done.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(every):
				_ = c.carry(ctx) // Status says how long ago the last one was
			}
		}
	})
	return c, nil
}

// close carries what there is once more and ends.
func (c *courier) close() {
	c.stop()
	c.done.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = c.carry(ctx)
}

// carry has the newest checkpoint signed, and keeps it in the file "witnessed".
func (c *courier) carry(ctx context.Context) error {
	files := client.FileFetcher{Root: filepath.Join(c.o.Dir, "log")}
	newest, raw, err := c.id.newest(ctx, files)
	if err != nil {
		return err
	}
	if newest.Size <= c.held {
		return nil
	}
	line, err := c.ask(ctx, files, raw, newest.Size)
	if err != nil {
		return err
	}
	signed := append(raw, line...)
	if _, err := openVouched(signed, c.id, c.to.verifier); err != nil {
		return err
	}
	c.held = newest.Size
	return wholefile.Replace(filepath.Join(c.o.Dir, "witnessed"), signed, 0o644)
}

// ask sends add-checkpoint, and once more if the witness was at another size.
func (c *courier) ask(ctx context.Context, files client.FileFetcher, raw []byte, size uint64) ([]byte, error) {
	for range 2 {
		body, err := addRequest(ctx, files, c.held, size, raw)
		if err != nil {
			return nil, err
		}
		code, header, answer, err := c.to.call(ctx, http.MethodPost, "/add-checkpoint", body, 64<<10)
		if err != nil {
			return nil, err
		}
		held, parsed := strconv.ParseUint(strings.TrimSpace(string(answer)), 10, 63)
		switch {
		case code == http.StatusOK:
			return answer, nil
		case code == http.StatusConflict && header.Get("Content-Type") == "text/x.tlog.size" && parsed == nil && held <= size:
			c.held = held
		default:
			return nil, fmt.Errorf("%w: it answered %d", ErrWitness, code)
		}
	}
	return nil, ErrWitness
}

func addRequest(ctx context.Context, files client.FileFetcher, old, size uint64, raw []byte) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", old)
	if old > 0 && old < size {
		builder, err := client.NewProofBuilder(ctx, size, files.ReadTile)
		if err != nil {
			return nil, err
		}
		hashes, err := builder.ConsistencyProof(ctx, old, size)
		if err != nil {
			return nil, err
		}
		for _, h := range hashes {
			b.WriteString(base64.StdEncoding.EncodeToString(h) + "\n")
		}
	}
	b.WriteString("\n")
	b.Write(raw)
	return b.Bytes(), nil
}

// kept is the last checkpoint that the witness signed, as the ledger keeps it.
func (r *Reader) kept(witness note.Verifier) (*vouched, error) {
	raw, err := os.ReadFile(filepath.Join(r.o.Dir, "witnessed"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v, err := openVouched(raw, r.id, witness)
	return &v, err
}
