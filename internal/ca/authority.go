package ca

import (
	"context"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/smallstep/certificates/authority"
	"github.com/smallstep/certificates/authority/config"
	"github.com/smallstep/certificates/authority/provisioner"
)

// CA is an authority that this process has open.
type CA struct {
	dir       string
	config    *Config
	root      *x509.Certificate
	issuing   *pair
	stamp     *pair // nil without specimens
	records   *records
	authority *authority.Authority
	answerer  fresh // signs OCSP answers
	server    fresh // the HTTPS server's certificate
}

// Open opens the authority in a folder; ErrServed when another process has it
// open, a *ConfigError when one of its files is wrong.
func Open(dir string) (*CA, error) {
	conf, err := loadConfig(dir)
	if err != nil {
		return nil, err
	}
	ca := &CA{dir: dir, config: conf}
	if err := ca.readCertificates(); err != nil {
		return nil, err
	}
	// A database made anew would know of no revocation.
	if _, err := os.Stat(filepath.Join(dir, database)); err != nil {
		return nil, err
	}
	if ca.records, err = openRecords(dir); err != nil {
		return nil, err
	}
	// Whoever has the lock is the only one: an address that was left is of a server
	// that was killed.
	if err := os.Remove(filepath.Join(dir, addressFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, ca.records.Shutdown())
	}
	if err := ca.start(); err != nil {
		return nil, errors.Join(err, ca.records.Shutdown())
	}
	return ca, nil
}

func (ca *CA) readCertificates() (err error) {
	if ca.root, err = readCertificate(filepath.Join(ca.dir, rootFile)); err != nil {
		return err
	}
	if ca.issuing, err = readPair(ca.dir, issuingFile, issuingKey); err != nil {
		return err
	}
	if ca.config.Specimen != slices.Contains(ca.issuing.certificate.Subject.Organization, specimen) {
		return &ConfigError{File: filepath.Join(ca.dir, configFile), Reason: "specimen cannot be changed: the names of the authority's certificates say otherwise"}
	}
	if ca.config.Specimen {
		if ca.stamp, err = readPair(ca.dir, stampFile, stampKey); err != nil {
			return err
		}
	}
	return ca.renewRootList()
}

func (ca *CA) start() error {
	list, err := ca.config.provisioners(ca.dir, ca.root, ca.records)
	if err != nil {
		return err
	}
	if ca.authority, err = authority.New(ca.settings(list), authority.WithDatabase(ca.records.DB), authority.WithQuietInit()); err != nil {
		return err
	}
	ca.server.renew = ca.authority.GetTLSCertificate
	ca.answerer.renew = ca.newAnswerer
	return nil
}

// settings are the configuration as smallstep has it. Its claims are the bounds
// of what a provisioner says for itself.
func (ca *CA) settings(list provisioner.List) *config.Config {
	c := ca.config
	hosts := make([]string, len(c.Hosts))
	for i, host := range c.Hosts {
		hosts[i] = bracketed(host)
	}
	return &config.Config{
		Root: []string{filepath.Join(ca.dir, rootFile)}, IntermediateCert: filepath.Join(ca.dir, issuingFile), IntermediateKey: filepath.Join(ca.dir, issuingKey),
		Address: c.Listen, DNSNames: hosts, CommonName: c.titled("server"),
		AuthorityConfig: &config.AuthConfig{Provisioners: list, Backdate: &provisioner.Duration{Duration: time.Minute}},
		CRL: &config.CRLConfig{
			Enabled: true, GenerateOnRevoke: true, CacheDuration: &provisioner.Duration{Duration: hours(c.CRLHours)}, IDPurl: c.URL + crlPath,
		},
	}
}

// Close ends the authority and gives up its lock.
func (ca *CA) Close() error { return ca.authority.Shutdown() }

// context carries the authority to smallstep's handlers.
func (ca *CA) context(ctx context.Context) context.Context {
	return authority.NewContext(ctx, ca.authority)
}

// bracketed writes an IPv6 address as it stands in a URL.
func bracketed(host string) string {
	if strings.Contains(host, ":") && net.ParseIP(host) != nil {
		return "[" + host + "]"
	}
	return host
}

func pool(certificates ...*x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, certificate := range certificates {
		p.AddCert(certificate)
	}
	return p
}

// Name is what the authority calls itself in the certificates that it issues.
func (ca *CA) Name() string { return ca.issuing.certificate.Subject.CommonName }
