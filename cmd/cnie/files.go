package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"cnie/internal/wholefile"
)

// writeFile writes a file whole or not at all.
func writeFile(name string, write func(io.Writer) error) error {
	var files pending
	if err := files.write(name, write); err != nil {
		return err
	}
	return files.keep()
}

// pending are files that were written and have no name yet: beside the one that
// each is to have, readable by their owner only.
type pending []struct{ temporary, name string }

// write adds a file.
func (p *pending) write(name string, write func(io.Writer) error) error {
	place, err := wholefile.Place(name)
	if err != nil {
		return cannotWrite(name, err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(place), ".cnie-*") // mode 0600
	if err != nil {
		return cannotWrite(name, err)
	}
	*p = append(*p, struct{ temporary, name string }{temporary.Name(), place})
	if err := errors.Join(write(temporary), temporary.Close()); err != nil {
		p.drop()
		return cannotWrite(name, err)
	}
	return nil
}

// keep gives the files their names.
func (p *pending) keep() error {
	defer p.drop()
	for _, file := range *p {
		if err := os.Rename(file.temporary, file.name); err != nil {
			return cannotWrite(file.name, err)
		}
	}
	return nil
}

// drop removes what got no name.
func (p *pending) drop() {
	for _, file := range *p {
		_ = os.Remove(file.temporary) // finds nothing where it was renamed
	}
	*p = nil
}

func cannotWrite(name string, err error) error {
	return &failure{code: exitIO, sentence: fmt.Sprintf("cannot write %s: %v; choose another place", name, bare(err)), cause: err}
}

// bare is what the operating system says of a file, without the name of the file,
// which may be a temporary one.
func bare(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
