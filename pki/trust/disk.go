package trust

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// disk is what a managed directory does to files, each call a step that a crash
// may follow. Tests put one in its place that stops at a given step.
type disk interface {
	makeDir(path string) error
	create(dir string) (newFile, error) // under a name that nobody uses
	rename(from, to string) error
	syncDir(path string) error
	remove(path string) error
}

// newFile is a file in the making.
type newFile interface {
	io.Writer
	Name() string
	Sync() error
	Close() error
}

// system is the real disk.
type system struct{}

// temporary begins the names of files in the making. One that is found at
// leisure was left by a crash.
const temporary = ".new-"

func (system) makeDir(path string) error { return os.MkdirAll(path, 0o755) }

func (system) create(dir string) (newFile, error) {
	file, err := os.CreateTemp(dir, temporary+"*")
	if err != nil {
		return nil, err
	}
	if err := file.Chmod(0o644); err != nil { // every counter reads it, and it holds no secret
		return nil, errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	return file, nil
}

func (system) rename(from, to string) error { return os.Rename(from, to) }

func (system) syncDir(path string) error { return syncDir(path) }

func (system) remove(path string) error { return os.Remove(path) }

// put writes a file whole or not at all, and returns when it would survive a
// power cut: content first, then the name, then the folder.
func put(d disk, path string, content []byte) error {
	file, err := d.create(filepath.Dir(path))
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = d.rename(file.Name(), path)
	}
	if err != nil {
		_ = d.remove(file.Name()) // the first error is the one to tell
		return err
	}
	return d.syncDir(filepath.Dir(path))
}

// readBounded reads a file of at most limit bytes, its size asked for first.
func readBounded(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if about, err := file.Stat(); err != nil {
		return nil, err
	} else if about.Size() > limit || !about.Mode().IsRegular() {
		return nil, ErrTooLarge
	}
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = ErrTooLarge
	}
	return content, err
}
