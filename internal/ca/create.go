package ca

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// ErrNotEmpty says that Create found something where the authority should go.
var ErrNotEmpty = errors.New("the folder is not empty")

// Files of an authority.
const (
	rootFile    = "root.crt"
	issuingFile = "issuing.crt"
	stampFile   = "tsa.crt"
	rootKey     = "keys/root.key"
	issuingKey  = "keys/issuing.key"
	stampKey    = "keys/tsa.key"
	database    = "db"
	addressFile = "address"
)

// Create makes an authority in a folder that is empty or not there. It works in
// a folder beside it and renames that in the end, so that there is a whole
// authority or none.
func Create(dir string, c Config) error {
	if c.URL == "" {
		c.URL = "http://" + c.Publish
	}
	if _, reason := c.check(); reason != "" {
		return &ConfigError{File: configFile, Reason: reason}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := vacant(dir); err != nil {
		return err
	}
	draft, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+"-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(draft) }() // after the rename there is nothing left to remove
	if err := fill(draft, &c); err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(draft, dir)
}

func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return ErrNotEmpty
	}
	return nil
}

func fill(dir string, c *Config) error {
	text, err := c.encode()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, configFile), text, 0o644); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, "keys"), 0o700); err != nil {
		return err
	}
	if err := writeOrderKeys(dir, c); err != nil {
		return err
	}
	return found(dir, c)
}

// backdated keeps the authority older than whatever it issues, which smallstep
// backdates by a minute for the sake of clocks that are slow.
const backdated = time.Hour

// found makes the certificates of the authority itself.
func found(dir string, c *Config) error {
	now := time.Now().Truncate(time.Second).Add(-backdated)
	root, err := newPair(rootTemplate(c, now), nil)
	if err != nil {
		return err
	}
	issuing, err := newPair(issuingTemplate(c, now), root)
	if err != nil {
		return err
	}
	if err := errors.Join(root.write(dir, rootFile, rootKey), issuing.write(dir, issuingFile, issuingKey)); err != nil {
		return err
	}
	if err := writeRootList(dir, root, nil); err != nil {
		return err
	}
	known := []*x509.Certificate{}
	if c.Specimen {
		stamp, err := newPair(stampTemplate(c, now), issuing)
		if err != nil {
			return err
		}
		if err := stamp.write(dir, stampFile, stampKey); err != nil {
			return err
		}
		known = append(known, stamp.certificate)
	}
	return enter(dir, known)
}

// enter makes the database, with certificates that are not issued through the
// authority and are asked for all the same.
func enter(dir string, certificates []*x509.Certificate) error {
	records, err := openRecords(dir)
	if err != nil {
		return err
	}
	for _, certificate := range certificates {
		if err := records.StoreCertificate(certificate); err != nil {
			return errors.Join(err, records.Shutdown())
		}
	}
	return records.Shutdown()
}
