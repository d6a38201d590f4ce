package agent

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"cnie/internal/remote/order"
)

const journalFile = "journal.jsonl"

// maxLine bounds one entry: an answer with its signatures in base64.
const maxLine = 2*order.MaxAnswer + order.MaxOrder

// keep is how long after its end an entry is remembered: a clock that was set back
// must not make a spent token good again.
const keep = 48 * time.Hour

// stage is how far an order has come.
type stage string

// The stages. An order to sign is begun before the card is asked for anything, so
// that what was interrupted is known; it then never begins again.
const (
	answered stage = "answered" // the answer is on record
	begun    stage = "begun"    // the card may have signed
	sent     stage = "sent"     // the service has the answer
)

// entry is one line of the journal.
type entry struct {
	Stage  stage         `json:"stage"`
	Order  order.ID      `json:"order"`
	Until  time.Time     `json:"until"`            // after which nothing can come of it any more
	Agreed *order.Order  `json:"agreed,omitempty"` // what the holder agreed to
	Spent  order.ID      `json:"spent,omitempty"`  // the consent that was used up, and its token
	Answer *order.Answer `json:"answer,omitempty"`
}

// journal is what an agent knows of orders after it was killed. Each line is on the
// disk before what it says is acted upon. An error is the end: an agent that cannot
// remember must not sign.
type journal struct {
	mu     sync.Mutex
	file   *os.File
	failed error
	orders map[order.ID]*entry // the latest of each
	spent  map[order.ID]bool   // consents
	before func(*entry) error  // for tests: a crash before the line is written
	after  func(*entry) error  // and after
}

// openJournal reads what there is, forgets what is long over, and holds the file.
func openJournal(folder string, now time.Time) (*journal, error) {
	j := &journal{orders: map[order.ID]*entry{}, spent: map[order.ID]bool{}}
	path := filepath.Join(folder, journalFile)
	if err := j.read(path); err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	var text bytes.Buffer
	for id, e := range j.orders {
		if now.After(e.Until.Add(keep)) {
			delete(j.orders, id)
			delete(j.spent, e.Spent)
			continue
		}
		line, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		text.Write(append(line, '\n'))
	}
	if err := replace(folder, journalFile, text.Bytes()); err != nil {
		return nil, fmt.Errorf("write the journal: %w", err)
	}
	var err error
	j.file, err = os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	return j, err
}

func (j *journal) read(path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxLine)
	var torn error
	for n := 1; lines.Scan(); n++ {
		if torn != nil {
			return torn // something follows: it was no torn end
		}
		var e entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			torn = fmt.Errorf("line %d: %w", n, err) // as by a power cut, before anything was done
			continue
		}
		j.note(&e)
	}
	return lines.Err()
}

// note takes an entry in. Later ones add to earlier ones of the same order.
func (j *journal) note(e *entry) {
	if before := j.orders[e.Order]; before != nil {
		if e.Agreed == nil {
			e.Agreed = before.Agreed
		}
		if e.Answer == nil {
			e.Answer = before.Answer
		}
		if e.Spent == "" {
			e.Spent = before.Spent
		}
		if e.Until.Before(before.Until) {
			e.Until = before.Until
		}
	}
	j.orders[e.Order] = e
	if e.Spent != "" {
		j.spent[e.Spent] = true
	}
}

// write appends a line and waits for the disk.
func (j *journal) write(e entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed == nil {
		j.failed = j.append(&e)
	}
	return j.failed
}

func (j *journal) append(e *entry) error {
	if j.before != nil {
		if err := j.before(e); err != nil {
			return err
		}
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	j.note(e)
	if j.after != nil {
		return j.after(e)
	}
	return nil
}

// find gives what is known of an order, nil when that is nothing.
func (j *journal) find(id order.ID) *entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.orders[id]
}

// used tells whether a consent was used up.
func (j *journal) used(consent order.ID) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.spent[consent]
}

// in lists the orders that are at a stage.
func (j *journal) in(s stage) []*entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	var all []*entry
	for _, e := range j.orders {
		if e.Stage == s {
			all = append(all, e)
		}
	}
	return all
}

func (j *journal) close() error { return j.file.Close() }
