package witness

import (
	"errors"
	"os"
	"time"

	"cnie/internal/wholefile"
)

// keep remembers a checkpoint before its signature leaves.
func (w *Witness) keep(origin string, signed []byte) error {
	if err := w.remember(origin); err != nil {
		return err
	}
	return wholefile.Replace(w.file(origin, ".last"), signed, 0o600)
}

// remember moves what was last into the history when that has nothing so recent.
func (w *Witness) remember(origin string) error {
	last, err := os.ReadFile(w.file(origin, ".last"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	f, err := os.OpenFile(w.file(origin, ".history"), os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	state, err := f.Stat()
	if err == nil && (state.Size() == 0 || time.Since(state.ModTime()) >= apart) {
		_, err = f.Write(append(last, '\n'))
		err = errors.Join(err, f.Sync())
	}
	return errors.Join(err, f.Close())
}
