package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"cnie/internal/remote/order"
)

const recordFile = "record.jsonl"

// Record is what the holder can look up later: one line for each answer, without
// anything of a document but its name and digest.
type Record struct {
	At        time.Time           `json:"at"`
	Order     order.ID            `json:"order"`
	Stage     order.Stage         `json:"stage"`
	Kind      order.Kind          `json:"kind"`
	Requester order.Requester     `json:"requester"`
	Purpose   string              `json:"purpose,omitempty"`
	Hash      order.HashAlgorithm `json:"hash,omitempty"`
	Documents []order.Document    `json:"documents,omitempty"`
	Outcome   order.Outcome       `json:"outcome"`
	Reason    order.Reason        `json:"reason,omitempty"`
}

// record appends to the holder's record. It is on the disk when this returns.
func record(folder string, at time.Time, o *order.Order, a order.Answer) error {
	line, err := json.Marshal(Record{
		At: at.UTC().Truncate(time.Second), Order: o.ID, Stage: o.Stage, Kind: o.Kind, Requester: o.Requester, Purpose: o.Purpose,
		Hash: o.Hash, Documents: o.Documents, Outcome: a.Outcome, Reason: a.Reason,
	})
	if err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(folder, recordFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the record: %w", err)
	}
	_, err = file.Write(append(line, '\n'))
	return errors.Join(err, file.Sync(), file.Close())
}
