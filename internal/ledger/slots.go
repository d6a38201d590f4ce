package ledger

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"cnie/internal/wholefile"
)

const slotsMagic = "cnie ledger key slots v1\n"

// slots is the file of keys: a header of 64 bytes (the magic padded to 32, then the
// key under which ids are looked up), and after it slot n at 64 + 32n. A slot of zero
// bytes holds no key any more. It is the one file that is written in place: a key is
// destroyed where it lies, not by leaving a new version beside the old one.
type slots struct {
	file *os.File
	tags []byte
}

// ErrSlots reports a key file that is not one.
var ErrSlots = errors.New("the file of key slots is damaged")

func openSlots(dir string, write bool) (*slots, error) {
	name, flags := filepath.Join(dir, "slots"), os.O_RDONLY
	if write {
		flags = os.O_RDWR
		if err := makeSlots(name); err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(name, flags, 0)
	if err != nil {
		return nil, err
	}
	header := make([]byte, 2*keySize)
	if _, err := io.ReadFull(file, header); err != nil || !bytes.Equal(header[:keySize], padded()) {
		return nil, errors.Join(ErrSlots, file.Close())
	}
	return &slots{file: file, tags: header[keySize:]}, nil
}

func padded() []byte { return append([]byte(slotsMagic), make([]byte, keySize-len(slotsMagic))...) }

// makeSlots makes the file whole or not at all.
func makeSlots(name string) error {
	if _, err := os.Stat(name); err == nil || !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return wholefile.Replace(name, append(padded(), random(keySize)...), 0o600)
}

func offset(slot int64) int64 { return 2*keySize + slot*keySize }

// write puts keys into consecutive slots, durably.
func (s *slots) write(first int64, keys [][]byte) error {
	all := bytes.Join(keys, nil)
	defer clear(all)
	if _, err := s.file.WriteAt(all, offset(first)); err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	return s.sync()
}

// key reads one key; nil if it was destroyed.
func (s *slots) key(slot int64) ([]byte, error) {
	key := make([]byte, keySize)
	if _, err := s.file.ReadAt(key, offset(slot)); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil // cut off: as good as destroyed
		}
		return nil, fmt.Errorf("read a key: %w", err)
	}
	if bytes.Equal(key, make([]byte, keySize)) {
		return nil, nil
	}
	return key, nil
}

// destroy overwrites keys, first with noise and then with zeros, each on its way to
// the disk before it returns.
func (s *slots) destroy(which []int64) error {
	for _, fill := range [][]byte{random(keySize), make([]byte, keySize)} {
		for _, slot := range which {
			if _, err := s.file.WriteAt(fill, offset(slot)); err != nil {
				return fmt.Errorf("destroy a key: %w", err)
			}
		}
		if err := s.sync(); err != nil {
			return err
		}
	}
	return nil
}

func (s *slots) sync() error {
	if err := s.file.Sync(); err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	return nil
}

// tag is how an id is looked up without being there: keyed, and cut to 16 bytes.
func (s *slots) tag(id string) []byte {
	h := hmac.New(sha256.New, s.tags)
	h.Write([]byte(id))
	return h.Sum(nil)[:16]
}

func (s *slots) close() error { return s.file.Close() }
