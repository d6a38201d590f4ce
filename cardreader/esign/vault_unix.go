//go:build unix && !aix && !solaris && !illumos

package esign

import (
	"fmt"
	"os"
	"syscall"
)

// newPage maps a page that the garbage collector neither moves nor copies.
func newPage() ([]byte, error) {
	page, err := syscall.Mmap(-1, 0, os.Getpagesize(), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("get memory for a secret: %w", err)
	}
	_ = syscall.Mlock(page) // RLIMIT_MEMLOCK may be zero
	undumped(page)
	return page, nil
}

func freePage(page []byte) error { return syscall.Munmap(page) } // which unlocks it
