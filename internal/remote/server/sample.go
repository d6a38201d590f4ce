package server

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"cnie/internal/remote/oauth"
	"cnie/internal/remote/order"
)

//go:embed remote.yaml.tmpl
var sampleSource string

var sample = template.Must(template.New(ConfigName).Funcs(template.FuncMap{"q": quoted}).Parse(sampleSource))

// Names of the files in a folder that Create has made.
const (
	ConfigName      = "remote.yaml"
	CertificateName = "server.crt" // for programs and agents to trust
	SecretName      = "program.secret"
)

// ErrNotEmpty says that Create found something where the service should go.
var ErrNotEmpty = errors.New("the folder is not empty")

const sampleClient = "program"

// Create makes a folder with all that a service on this machine needs, but for an
// authority for agents: its certificate, PEM, is given. The server's certificate is
// its own for as long as nobody puts a better one in its place.
func Create(dir string, authority []byte) error {
	if !x509.NewCertPool().AppendCertsFromPEM(authority) {
		return &ConfigError{File: "the authority's certificate", Reason: "there is no certificate in PEM in it"}
	}
	if found, err := os.ReadDir(dir); err == nil && len(found) > 0 {
		return ErrNotEmpty
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	key, certificate, err := selfSigned()
	if err != nil {
		return err
	}
	_, tokenKey, err := newKey()
	if err != nil {
		return err
	}
	secret := string(order.NewID()) + string(order.NewID())
	var config bytes.Buffer
	if err := sample.Execute(&config, map[string]string{"Client": sampleClient, "Secret": oauth.HashSecret(secret)}); err != nil {
		return err
	}
	for _, f := range []struct {
		name    string
		content []byte
	}{
		{"server.key", key}, {CertificateName, certificate}, {"token.key", tokenKey}, {"agents.crt", authority},
		{SecretName, []byte(secret + "\n")}, {ConfigName, config.Bytes()},
	} {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func quoted(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

func newKey() (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
}

// selfSigned is a certificate for this machine by its local names.
func selfSigned() (key, certificate []byte, err error) {
	private, key, err := newKey()
	if err != nil {
		return nil, nil, err
	}
	now := time.Now()
	form := &x509.Certificate{
		SerialNumber: new(big.Int).SetInt64(now.UnixNano()), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, private.Public(), private)
	return key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), err
}
