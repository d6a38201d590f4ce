//go:build unix

package agent

import (
	"errors"
	"os"
)

// syncFolder makes a new name durable: a file's own sync does not.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
