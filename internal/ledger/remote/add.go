package remote

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"time"

	"cnie/internal/ledger"
	"cnie/internal/ledger/host"
)

const (
	within  = 15 * time.Second // for one entry, unless the context ends sooner
	attempt = 6 * time.Second
	first   = 50 * time.Millisecond // pause before the second attempt; doubled for each further
	longest = time.Second
)

// ErrUnrecorded reports an entry of which the host did not say that it is recorded.
// It may be: whoever tries the same event again uses the same ID.
var ErrUnrecorded = errors.New("not recorded: the ledger host did not say that it is")

// Add has an entry recorded, and returns once the host has said so.
func (c *Client) Add(ctx context.Context, r ledger.Record) (ledger.Place, error) {
	if r.ID == "" {
		id := make([]byte, 16)
		_, _ = rand.Read(id) // never fails
		r.ID = hex.EncodeToString(id)
	}
	if r.Time.IsZero() {
		r.Time = time.Now()
	}
	r.Recorded, r.Clock = r.Time, "" // the ledger says these
	body, err := r.Canonical()
	if err != nil {
		return ledger.Place{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for pause := first; ; pause = min(2*pause, longest) {
		place, err := c.add(ctx, body)
		if err == nil || final(err) {
			return place, err
		}
		select { // jittered: desks that lost the host come back one by one
		case <-time.After(pause/2 + mathrand.N(pause)):
		case <-ctx.Done():
			return ledger.Place{}, fmt.Errorf("%w: %w", ErrUnrecorded, err)
		}
	}
}

// final errors would come again.
func final(err error) bool {
	return errors.Is(err, ledger.ErrRecord) || errors.Is(err, ledger.ErrConflict) || errors.Is(err, host.ErrNotNamed) || errors.Is(err, ledger.ErrProof)
}

func (c *Client) add(ctx context.Context, body []byte) (ledger.Place, error) {
	path := host.EntriesPath
	if c.o.LedgerKey != "" {
		path += "?proof=1"
	}
	var told host.Answer
	if err := c.call(ctx, http.MethodPost, path, body, &told); err != nil {
		return ledger.Place{}, err
	}
	if len(told.Place.Leaf) != 32 {
		return ledger.Place{}, fmt.Errorf("%w: its answer has no leaf", host.ErrTrouble)
	}
	if c.o.LedgerKey != "" {
		if err := c.check(told, body); err != nil {
			return ledger.Place{}, err
		}
	}
	return told.Place, nil
}

// check wants the record that was sent, at the place that was told, under a
// checkpoint that the ledger signed.
func (c *Client) check(told host.Answer, body []byte) error {
	proven, err := ledger.CheckProof(told.Proof, c.o.LedgerKey, "")
	if err != nil {
		return err
	}
	sent, err := ledger.ParseRecord(body)
	if err != nil {
		return err
	}
	if proven.Record != nil {
		sent.Recorded, sent.Clock = proven.Record.Recorded, proven.Record.Clock
	}
	want, err := sent.Canonical()
	if err != nil {
		return err
	}
	var got []byte
	if proven.Record != nil {
		got, err = proven.Record.Canonical()
	}
	if err != nil || !bytes.Equal(got, want) || proven.Index != told.Place.Index || !bytes.Equal(proven.Leaf, told.Place.Leaf) {
		return fmt.Errorf("%w: it is of another entry", ledger.ErrProof)
	}
	return nil
}
