//go:build unix

package main

import (
	"os"
	"syscall"
)

// overwriteFreed starts the program anew, in the same process, so that memory is
// overwritten as soon as it is garbage. It returns when that is so already, or
// when it cannot be: then freed memory is overwritten once it is used again.
func overwriteFreed() error {
	already, environment := overwritten()
	if already {
		return nil
	}
	own, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(own, os.Args, environment)
}
