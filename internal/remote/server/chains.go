package server

import (
	"crypto/x509"
	"errors"
	"sync"

	"cnie/internal/remote/order"
	"cnie/internal/remote/store"
)

// chains remembers parsed certificates: a credential's name is made from its
// certificate, so what was parsed stays right. The zero value is ready.
type chains struct {
	mu    sync.Mutex
	known map[order.Credential][]*x509.Certificate
}

const maxChains = 4096

func (c *chains) parse(from store.Credential) ([]*x509.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if chain := c.known[from.ID]; chain != nil {
		return chain, nil
	}
	chain, err := x509.ParseCertificates(from.Certificates)
	if err == nil && (len(chain) == 0 || order.CredentialOf(chain[0]) != from.ID) {
		err = errors.New("the certificate of a credential is not the one that it is named after")
	}
	if err != nil {
		return nil, err
	}
	if c.known == nil || len(c.known) >= maxChains {
		c.known = map[order.Credential][]*x509.Certificate{}
	}
	c.known[from.ID] = chain
	return chain, nil
}
