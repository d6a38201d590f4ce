package trust

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cnie/pki/cert"
)

// Bounds on a folder.
const (
	maxFiles    = 8192
	maxFileSize = 64 << 20
)

var errFolderTooLarge = errors.New("too many files, or one too large")

// LoadDir reads the store that is in a folder: CSCA*.der, .pem, .cer or .crt,
// each DER or PEM, and *.crl. Other files are ignored. A file of those names
// that cannot be read is an error with its name: a missing anchor must not look
// like an unknown issuer.
func LoadDir(dir string) (*Store, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read trust folder: %w", err)
	}
	if len(entries) > maxFiles {
		return nil, fmt.Errorf("read trust folder: %w", errFolderTooLarge)
	}
	var found contents
	for _, entry := range entries {
		read := found.reader(entry.Name())
		if entry.IsDir() || read == nil {
			continue
		}
		if err := readFile(filepath.Join(dir, entry.Name()), read); err != nil {
			return nil, fmt.Errorf("read trust file %s: %w", entry.Name(), err)
		}
	}
	return NewStore(found.certificates, found.lists), nil
}

// contents collects what the files hold.
type contents struct {
	certificates []*cert.Certificate
	lists        []*cert.CRL
}

// reader chooses by name what a file is, nil for one to be ignored.
func (c *contents) reader(name string) func(der []byte) error {
	name = strings.ToLower(name)
	switch filepath.Ext(name) {
	case ".crl":
		return c.addList
	case ".der", ".pem", ".cer", ".crt":
		if strings.HasPrefix(name, "csca") {
			return c.addCertificate
		}
	}
	return nil
}

func (c *contents) addCertificate(der []byte) error {
	parsed, err := cert.Parse(der)
	if err == nil {
		c.certificates = append(c.certificates, parsed)
	}
	return err
}

func (c *contents) addList(der []byte) error {
	parsed, err := cert.ParseCRL(der)
	if err == nil {
		c.lists = append(c.lists, parsed)
	}
	return err
}

// readFile hands over each DER object of a file: the file itself, or every
// block of it when it is PEM.
func readFile(path string, add func(der []byte) error) error {
	if info, err := os.Stat(path); err != nil {
		return err
	} else if info.Size() > maxFileSize {
		return errFolderTooLarge
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Contains(content, []byte("-----BEGIN ")) {
		return add(content)
	}
	for block, rest := pem.Decode(content); ; block, rest = pem.Decode(rest) {
		if block == nil {
			return trailing(rest)
		}
		if err := add(block.Bytes); err != nil {
			return err
		}
	}
}

// trailing refuses what is left when no PEM block is: a block cut short.
func trailing(rest []byte) error {
	if bytes.Contains(rest, []byte("-----BEGIN ")) {
		return errors.New("damaged PEM")
	}
	return nil
}
