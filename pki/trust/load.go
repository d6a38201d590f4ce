package trust

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cnie/pki/cert"
)

// maxFiles bounds a folder.
const maxFiles = 8192

// LoadDir reads the store that is in a folder: the newest version of a managed
// directory, or loose files: CSCA*.der, .pem, .cer or .crt, each DER or PEM, and
// *.crl. Other files are ignored. A file of those names that cannot be read is
// an error with its name: a missing anchor must not look like an unknown issuer.
func LoadDir(dir string) (*Store, error) {
	managed, err := Open(dir)
	if err == nil {
		return managed.Store()
	}
	if !errors.Is(err, ErrNotManaged) {
		return nil, err
	}
	return loadLoose(dir)
}

func loadLoose(dir string) (*Store, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read trust folder: %w", err)
	}
	if len(entries) > maxFiles {
		return nil, fmt.Errorf("read trust folder: %w", ErrTooLarge)
	}
	var found loose
	for _, entry := range entries {
		read := found.reader(entry.Name())
		if entry.IsDir() || read == nil {
			continue
		}
		content, err := readBounded(filepath.Join(dir, entry.Name()), MaxFile)
		if err == nil {
			err = eachDER(content, read)
		}
		if err != nil {
			return nil, fmt.Errorf("read trust file %s: %w", entry.Name(), err)
		}
	}
	return NewStore(found.certificates, found.lists), nil
}

// loose collects what the files hold.
type loose struct {
	certificates []*cert.Certificate
	lists        []*cert.CRL
}

// reader chooses by name what a file is, nil for one to be ignored.
func (c *loose) reader(name string) func(der []byte) error {
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

func (c *loose) addCertificate(der []byte) error {
	parsed, err := cert.Parse(der)
	if err == nil {
		c.certificates = append(c.certificates, parsed)
	}
	return err
}

func (c *loose) addList(der []byte) error {
	parsed, err := cert.ParseCRL(der)
	if err == nil {
		c.lists = append(c.lists, parsed)
	}
	return err
}

// isPEM tells text from DER.
func isPEM(content []byte) bool { return bytes.Contains(content, []byte("-----BEGIN ")) }

// trailing refuses what is left when no PEM block is: a block cut short.
func trailing(rest []byte) error {
	if isPEM(rest) {
		return fmt.Errorf("%w: damaged PEM", cert.ErrMalformed)
	}
	return nil
}
