package server

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"cnie/internal/remote/oauth"
	"cnie/internal/remote/order"
)

// check finds the first mistake: the path of the value, and what is wrong with it.
func (c *Config) check() (path, reason string) {
	for _, required := range []struct{ path, value string }{
		{"$.name", c.Name}, {"$.url", c.URL}, {"$.listen", c.Listen}, {"$.agents", c.Agents}, {"$.certificate", c.Certificate}, {"$.key", c.Key},
		{"$.token-key", c.TokenKey}, {"$.trust.agents", c.Trust.Agents}, {"$.trust.cards", c.Trust.Cards},
	} {
		if required.value == "" {
			return required.path, strings.TrimPrefix(required.path, "$.") + " is missing"
		}
	}
	if order.CheckText(c.Name, 255) != nil {
		return "$.name", "the name is not plain text"
	}
	if u, err := url.Parse(c.URL); err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "$.url", "the address of the service is https://HOST or https://HOST:PORT, without a path"
	}
	if !strings.HasPrefix(c.State, "sqlite:") && !strings.HasPrefix(c.State, "postgres://") && !strings.HasPrefix(c.State, "postgresql://") {
		return "$.state", "the state is kept in sqlite:FILE or postgres://…"
	}
	if path, reason := c.Limits.check(); reason != "" {
		return path, reason
	}
	seen := map[string]bool{}
	for i := range c.Clients {
		at := fmt.Sprintf("$.clients[%d]", i)
		if seen[c.Clients[i].ID] {
			return at + ".id", "two clients have this id"
		}
		seen[c.Clients[i].ID] = true
		if path, reason := checkClient(&c.Clients[i]); reason != "" {
			return at + path, reason
		}
	}
	return "", ""
}

func (l *Limits) check() (path, reason string) {
	for _, bound := range []struct {
		name             string
		value, low, high int
	}{
		{"document-megabytes", l.Megabytes, 1, 256}, {"documents", l.Documents, 1, order.MaxDocuments},
		{"access-seconds", l.Access, 30, 3600}, {"consent-seconds", l.Consent, 5, 7 * 86400}, {"token-seconds", l.Token, 5, 3600},
		{"sign-seconds", l.Sign, 5, 86400}, {"keep-minutes", l.Keep, 1, 30 * 24 * 60}, {"lease-seconds", l.Lease, 5, 600},
	} {
		if bound.value < bound.low || bound.value > bound.high {
			return "$.limits." + bound.name, fmt.Sprintf("%s is between %d and %d", bound.name, bound.low, bound.high)
		}
	}
	return "", ""
}

func checkClient(c *oauth.Client) (path, reason string) {
	if c.ID == "" || len(c.ID) > 100 || strings.ContainsFunc(c.ID, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ".id", "the id of a client is 1 to 100 visible characters of ASCII"
	}
	if c.Name == "" || order.CheckText(c.Name, 255) != nil {
		return ".name", "a client has a name, which holders are shown"
	}
	if _, err := hex.DecodeString(c.Secret); err != nil || (c.Secret != "" && (len(c.Secret) != 64 || c.Secret != strings.ToLower(c.Secret))) {
		return ".secret-sha256", "this is not the SHA-256 of a secret, in lower-case hexadecimal"
	}
	if c.Secret == "" && len(c.Redirects) == 0 {
		return ".id", "a client without a secret can only get codes, and needs an address in redirects"
	}
	for i, redirect := range c.Redirects {
		u, err := url.Parse(redirect)
		local := err == nil && u.Scheme == "http" && (u.Hostname() == "127.0.0.1" || u.Hostname() == "::1")
		if err != nil || u.Host == "" || u.Fragment != "" || (u.Scheme != "https" && !local) {
			return fmt.Sprintf(".redirects[%d]", i), "a redirect address is https://…, or http:// to 127.0.0.1"
		}
	}
	for i, id := range c.Credentials {
		if _, err := order.ParseCredential(string(id)); err != nil {
			return fmt.Sprintf(".credentials[%d]", i), "a credential is named by 24 characters, a to z and 2 to 7"
		}
	}
	return "", ""
}
