package ca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// pair is a certificate of the authority itself and its key.
type pair struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// newPair makes a key on P-256 and its certificate; without an issuer it signs
// itself.
func newPair(template *x509.Certificate, issuer *pair) (*pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if issuer == nil {
		issuer = &pair{template, key}
	}
	if template.SerialNumber, err = newSerial(); err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer.certificate, key.Public(), issuer.key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return &pair{certificate, key}, err
}

// newSerial draws 127 random bits, RFC 5280 §4.1.2.2: positive, and at most 20
// octets.
func newSerial() (*big.Int, error) {
	return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
}

func (c *Config) subject(role string) pkix.Name {
	return pkix.Name{Organization: []string{c.organisation()}, CommonName: c.titled(role)}
}

func rootTemplate(c *Config, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject: c.subject("root"), NotBefore: now, NotAfter: now.AddDate(20, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLen: 1, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
}

func issuingTemplate(c *Config, now time.Time) *x509.Certificate {
	return &x509.Certificate{
		Subject: c.subject("authority"), NotBefore: now, NotAfter: now.AddDate(15, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		CRLDistributionPoints: []string{c.URL + rootListPath}, IssuingCertificateURL: []string{c.URL + rootPath},
	}
}

// RFC 3161 §2.3: time stamping is the only purpose, and the extension is critical.
func stampTemplate(c *Config, now time.Time) *x509.Certificate {
	purpose, _ := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}}) // id-kp-timeStamping
	return &x509.Certificate{
		Subject: c.subject("time stamps"), NotBefore: now, NotAfter: now.AddDate(10, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions:       []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: purpose}},
		CRLDistributionPoints: []string{c.URL + crlPath}, OCSPServer: []string{c.URL + ocspPath}, IssuingCertificateURL: []string{c.URL + issuerPath},
	}
}

func (p *pair) write(dir, certificate, key string) error {
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		return err
	}
	if err := writePEM(filepath.Join(dir, key), "PRIVATE KEY", der, 0o600); err != nil {
		return err
	}
	return writePEM(filepath.Join(dir, certificate), "CERTIFICATE", p.certificate.Raw, 0o644)
}

func writePEM(path, kind string, der []byte, mode os.FileMode) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode)
}

func readPair(dir, certificate, key string) (*pair, error) {
	read, err := readCertificate(filepath.Join(dir, certificate))
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, key)
	text, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, &ConfigError{File: path, Reason: "this is no key in PEM"}
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	signer, is := parsed.(*ecdsa.PrivateKey)
	if err != nil || !is || !signer.PublicKey.Equal(read.PublicKey) {
		return nil, &ConfigError{File: path, Reason: "this is not the key of " + certificate}
	}
	return &pair{read, signer}, nil
}

func readCertificate(path string) (*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, &ConfigError{File: path, Reason: "this is no certificate in PEM"}
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, &ConfigError{File: path, Reason: "this is no certificate"}
	}
	return certificate, nil
}

// readSecret refuses a key that other users of the machine can read.
func readSecret(path string) ([]byte, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" && stat.Mode().Perm()&0o077 != 0 {
		return nil, &ConfigError{File: path, Reason: "other users can read this key; chmod 600"}
	}
	return os.ReadFile(path)
}
