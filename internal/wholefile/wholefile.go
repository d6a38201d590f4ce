// Package wholefile writes small files that are there whole or not at all, also
// after a power cut, and reads secrets that nobody but their owner can read.
package wholefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Replace makes a file or replaces the one that is there.
func Replace(name string, content []byte, mode os.FileMode) error {
	return put(name, content, mode, os.Rename)
}

// Create makes a file. Where there is one, perhaps of a program that was faster,
// that one stays and the error is fs.ErrExist.
func Create(name string, content []byte, mode os.FileMode) error {
	return put(name, content, mode, func(temporary, name string) error {
		return errors.Join(os.Link(temporary, name), os.Remove(temporary))
	})
}

// Place is where a file of this name goes: behind a link, as links are for. What
// is there and is no file, such as /dev/stdout, is not to be replaced by one.
func Place(name string) (string, error) {
	about, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return name, nil
	case err != nil:
		return "", err
	case !about.Mode().IsRegular():
		return "", &fs.PathError{Op: "replace", Path: name, Err: errors.New("it is there and is no file")}
	}
	return filepath.EvalSymlinks(name)
}

func put(name string, content []byte, mode os.FileMode, move func(from, to string) error) error {
	name, err := Place(name)
	if err != nil {
		return err
	}
	dir := filepath.Dir(name)
	f, err := os.CreateTemp(dir, ".new-*") // of mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err == nil {
		err = move(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error is the one to tell
		return err
	}
	return syncDir(dir)
}

const maxSecret = 64 << 10 // bytes

// ReadSecret reads a file that only its owner can read.
func ReadSecret(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	about, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" && about.Mode().Perm()&0o077 != 0 { // there, rights are not in the mode
		return nil, fmt.Errorf("%s can be read by others than its owner; make it 0600", name)
	}
	content, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err == nil && len(content) > maxSecret {
		return nil, fmt.Errorf("%s is longer than any secret", name)
	}
	return content, err
}
