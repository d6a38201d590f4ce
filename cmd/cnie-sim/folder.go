package main

import (
	"errors"
	"os"
	"path/filepath"

	"cnie/internal/shell"
)

// newFolder fills a folder beside the one that is asked for and renames it at
// the end, so that nobody ever sees half of it. The folder must not be there, or
// be empty.
func newFolder(dir string, fill func(dir string) error) error {
	if err := vacant(dir); err != nil {
		return err
	}
	err := makeFolder(filepath.Clean(dir), fill)
	if of, is := pathError(err); is {
		return fileFailure("write to", dir, of)
	}
	var renamed *os.LinkError
	if errors.As(err, &renamed) {
		return shell.Failed(shell.ExitFile, "cannot make %s: %w; choose another folder", dir, renamed.Err)
	}
	return err
}

func makeFolder(target string, fill func(dir string) error) error {
	temporary, err := os.MkdirTemp(filepath.Dir(target), ".cnie-sim-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary) // finds nothing after the rename
	if err := fill(temporary); err != nil {
		return err
	}
	if err := os.Chmod(temporary, 0o755); err != nil {
		return err
	}
	_ = os.Remove(target) // an empty folder, or nothing
	return os.Rename(temporary, target)
}

// vacant refuses a folder that has something in it.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err == nil && len(entries) > 0:
		return shell.Failed(shell.ExitFile, "%s is not empty; choose a new folder", dir)
	}
	if of, is := pathError(err); is {
		return fileFailure("write to", dir, of)
	}
	return err
}
