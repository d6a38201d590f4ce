//go:build !unix

package main

import "errors"

// overwriteFreed says what to do where a program cannot start itself anew in the
// same process.
func overwriteFreed() error {
	if already, _ := overwritten(); already {
		return nil
	}
	return errors.New("set GODEBUG=" + overwriting + " before it starts")
}
