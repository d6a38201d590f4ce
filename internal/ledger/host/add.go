package host

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"cnie/internal/ledger"
)

const (
	perDesk   = 8                     // entries of one desk on their way
	addWithin = 30 * time.Second      // a desk that waits that long asks again
	look      = 20 * time.Millisecond // for a checkpoint
)

// add answers once the entry is durable.
func (h *Host) add(w http.ResponseWriter, r *http.Request, desk string) error {
	if !h.enter(desk) {
		return &problem{Busy, "too many entries of this desk are on their way"}
	}
	defer h.leave(desk)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxRecord))
	if err != nil {
		return &problem{Malformed, "the record cannot be read"}
	}
	record, err := ledger.ParseRecord(body)
	if err != nil {
		return err
	}
	if record.Desk != desk {
		return &problem{NotNamed, "the certificate is of another desk than the record"}
	}
	ctx, cancel := context.WithTimeout(r.Context(), addWithin)
	defer cancel()
	var told Answer
	if told.Place, err = h.ledger.Add(ctx, record); err != nil {
		return err
	}
	if r.URL.Query().Has("proof") {
		if told.Proof, err = h.prove(ctx, told.Place.Index); err != nil {
			return err
		}
	}
	answer(w, http.StatusOK, told)
	return nil
}

// prove waits for the first checkpoint that covers the entry. What it tells of the
// record is what the desk has just sent.
func (h *Host) prove(ctx context.Context, index uint64) ([]byte, error) {
	for {
		proof, err := h.ledger.Reader.Prove(ctx, index)
		if !errors.Is(err, ledger.ErrNothing) {
			return proof, err
		}
		select {
		case <-time.After(look):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (h *Host) enter(desk string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.way[desk] >= perDesk {
		return false
	}
	h.way[desk]++
	return true
}

func (h *Host) leave(desk string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.way[desk]--; h.way[desk] == 0 {
		delete(h.way, desk)
	}
}
