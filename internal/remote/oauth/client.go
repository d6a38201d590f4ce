package oauth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cnie/internal/remote/order"
)

// Client is a program that the operator has registered.
type Client struct {
	ID   string `yaml:"id"`
	Name string `yaml:"name"` // shown to holders
	// Secret is the SHA-256 of the client's secret, in hexadecimal; secrets are made
	// by the service and long, so that a slow hash would add nothing. Without one the
	// client is public, and only gets codes.
	Secret      string             `yaml:"secret-sha256"`
	Redirects   []string           `yaml:"redirects"`
	Hashes      bool               `yaml:"hash-signing"` // may have bare hashes signed
	Credentials []order.Credential `yaml:"credentials"`  // that it may use; empty: all
}

// May tells whether the client may use a credential.
func (c *Client) May(id order.Credential) bool {
	return len(c.Credentials) == 0 || slices.Contains(c.Credentials, id)
}

// comesBackTo tells whether browsers may be sent to an address: one that is
// registered, or one on the user's own machine that is registered without a port, which
// stands for any (RFC 8252 §7.3).
func (c *Client) comesBackTo(address string) bool {
	if slices.Contains(c.Redirects, address) {
		return true
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.Port() == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	if ip == nil || !ip.IsLoopback() {
		return false
	}
	before, after, _ := strings.Cut(address, ":"+u.Port())
	return slices.Contains(c.Redirects, before+after)
}

// Confidential tells whether the client has a secret.
func (c *Client) Confidential() bool { return c.Secret != "" }

// HashSecret is what the configuration keeps of a secret.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Clients are those registered.
type Clients []Client

// Find finds a client by its name.
func (all Clients) Find(id string) *Client {
	for i := range all {
		if all[i].ID == id {
			return &all[i]
		}
	}
	return nil
}

// Authenticate finds who sends a request to the token endpoint: by HTTP Basic or by
// fields of the form (RFC 6749 §2.3.1), not by both. A public client only names
// itself. nil: nobody, or with a wrong secret.
func (all Clients) Authenticate(r *http.Request) *Client {
	id, secret := r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	if user, password, ok := r.BasicAuth(); ok {
		basic, err1 := url.QueryUnescape(user)
		password, err2 := url.QueryUnescape(password)
		if err1 != nil || err2 != nil || secret != "" || (id != "" && id != basic) {
			return nil
		}
		id, secret = basic, password
	}
	c := all.Find(id)
	if c == nil {
		return nil
	}
	if !c.Confidential() {
		if secret != "" {
			return nil
		}
		return c
	}
	if subtle.ConstantTimeCompare([]byte(HashSecret(secret)), []byte(c.Secret)) != 1 {
		return nil
	}
	return c
}
