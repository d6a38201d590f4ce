package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// writeFile writes a file whole or not at all: into a temporary file beside it,
// readable by its owner only, which then takes the name.
func writeFile(name string, write func(io.Writer) error) error {
	temporary, err := os.CreateTemp(filepath.Dir(name), ".cnie-*") // mode 0600
	if err != nil {
		return cannotWrite(name, err)
	}
	err = errors.Join(write(temporary), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), name)
	}
	if err != nil {
		_ = os.Remove(temporary.Name()) // the first error is the one to tell
		return cannotWrite(name, err)
	}
	return nil
}

func cannotWrite(name string, err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return &failure{code: exitIO, sentence: fmt.Sprintf("cannot write %s: %v; choose another place", name, err), cause: err}
}
