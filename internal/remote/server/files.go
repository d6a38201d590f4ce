package server

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"

	"cnie/internal/remote/activation"
)

// files are what the configuration names.
type files struct {
	certificate   tls.Certificate
	tokenKey      *ecdsa.PrivateKey
	agents, cards *x509.CertPool
}

func (c *Config) read() (*files, error) {
	var f files
	var err error
	if f.certificate, err = c.pair(); err != nil {
		return nil, err
	}
	if f.tokenKey, err = c.key(c.TokenKey); err != nil {
		return nil, err
	}
	if f.agents, err = c.roots(c.Trust.Agents); err != nil {
		return nil, err
	}
	f.cards, err = c.roots(c.Trust.Cards)
	return &f, err
}

func (c *Config) pair() (tls.Certificate, error) {
	certificate, err := os.ReadFile(c.path(c.Certificate))
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := os.ReadFile(c.path(c.Key))
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return pair, &ConfigError{File: c.path(c.Certificate), Reason: "it is no certificate in PEM, or not that of the key in " + c.path(c.Key)}
	}
	return pair, nil
}

func (c *Config) key(name string) (*ecdsa.PrivateKey, error) {
	content, err := os.ReadFile(c.path(name))
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(content); block != nil {
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if key, ok := parsed.(*ecdsa.PrivateKey); ok && err == nil {
			return key, nil
		}
	}
	return nil, &ConfigError{File: c.path(name), Reason: "it is no private key for ECDSA in PEM (PKCS #8)"}
}

func (c *Config) roots(name string) (*x509.CertPool, error) {
	content, err := os.ReadFile(c.path(name))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		return nil, &ConfigError{File: c.path(name), Reason: "there is no certificate in PEM in it"}
	}
	return pool, nil
}

// TokenKey is the thumbprint of the key that signs a service's tokens, for agents to be
// told; dir is the service's folder.
func TokenKey(dir string) (string, error) {
	c, err := Load(filepath.Join(dir, ConfigName))
	if err != nil {
		return "", err
	}
	key, err := c.key(c.TokenKey)
	if err != nil {
		return "", err
	}
	signer, err := activation.NewSigner(key)
	if err != nil {
		return "", &ConfigError{File: c.path(c.TokenKey), Reason: err.Error()}
	}
	return signer.Name()
}

// source names the state, with its file relative to the configuration.
func (c *Config) source() string {
	if file, ok := strings.CutPrefix(c.State, "sqlite:"); ok {
		return "sqlite:" + c.path(file)
	}
	return c.State
}
