package ca

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/smallstep/certificates/db"
	"github.com/smallstep/nosql"
	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// ErrServed says that another process has the authority open.
var ErrServed = errors.New("another process serves this authority")

// Tables of the authority's database that are read here without its help: it
// tells whether a certificate was revoked, but not when.
var (
	issuedTable  = []byte("x509_certs")
	revokedTable = []byte("revoked_x509_certs")
)

// records is the authority's database: what was issued, what was revoked, which
// tokens were used.
type records struct{ *db.DB }

// openRecords opens the database, or makes it.
func openRecords(dir string) (*records, error) {
	path := filepath.Join(dir, database)
	if err := free(path); err != nil {
		return nil, err
	}
	opened, err := db.New(&db.Config{Type: nosql.BBoltDriver, DataSource: path})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, ErrServed
	}
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", path, err)
	}
	return &records{opened.(*db.DB)}, nil
}

// free asks for the lock without the five seconds of patience that the driver has.
func free(path string) error {
	probe, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 50 * time.Millisecond})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return ErrServed
	}
	var file *fs.PathError
	if err != nil && !errors.As(err, &file) {
		return &ConfigError{File: path, Reason: "this is no database: " + err.Error()}
	}
	if err != nil {
		return err
	}
	return probe.Close()
}

// issued finds a certificate by its decimal serial number; nil when this
// authority has not issued it.
func (r *records) issued(serial string) (*x509.Certificate, error) {
	der, err := r.Get(issuedTable, []byte(serial))
	if nosql.IsErrNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// revoked finds a revocation; nil when there is none.
func (r *records) revoked(serial string) (*db.RevokedCertificateInfo, error) {
	text, err := r.Get(revokedTable, []byte(serial))
	if nosql.IsErrNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found := &db.RevokedCertificateInfo{}
	return found, json.Unmarshal(text, found)
}

// standing refuses a certificate that is not of this authority, or was revoked.
func (r *records) standing(serial string) error {
	certificate, err := r.issued(serial)
	if err != nil {
		return err
	}
	if certificate == nil {
		return errors.New("this authority has not issued the certificate")
	}
	revocation, err := r.revoked(serial)
	if err != nil {
		return err
	}
	if revocation != nil {
		return errors.New("the certificate was revoked")
	}
	if time.Now().After(certificate.NotAfter) {
		return errors.New("the certificate has expired")
	}
	return nil
}
