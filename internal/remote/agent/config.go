package agent

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"

	"github.com/goccy/go-yaml"

	"cnie/internal/plainyaml"
)

// maxConfig is in bytes of YAML, more than any agent needs.
const maxConfig = 1 << 14

// Config is an agent's file. Paths in it are relative to the file.
type Config struct {
	Service        string   `yaml:"service"`         // https://HOST:PORT of cnie remote serve, its door for agents
	ServiceRoots   string   `yaml:"service-roots"`   // PEM: who issued its certificate
	ServiceKey     string   `yaml:"service-key"`     // of its tokens, a SHA-256 (RFC 7638) in hexadecimal; empty: the first that is met
	Authority      string   `yaml:"authority"`       // https://HOST:PORT of cnie-ca
	AuthorityRoots string   `yaml:"authority-roots"` // PEM: its root
	Folder         string   `yaml:"folder"`          // what the agent keeps
	Key            string   `yaml:"key"`             // that signs: a PIV slot, 9C when empty, or a pkcs11: URI
	Authentication string   `yaml:"authentication-key"`
	Reader         string   `yaml:"reader"` // only readers whose name contains it
	View           []string `yaml:"view"`   // a program that shows a file, and its arguments
}

// pkcs11Scheme is how a key in a module is written.
const pkcs11Scheme = "pkcs11:"

// InModule tells whether the keys are in a PKCS #11 module, or else on PIV cards.
func (c *Config) InModule() bool { return strings.HasPrefix(c.Key, pkcs11Scheme) }

// ParseConfig reads an agent's file. Every error is a *plainyaml.Error.
func ParseConfig(content []byte) (*Config, error) {
	if len(content) > maxConfig {
		return nil, &plainyaml.Error{Line: 1, Column: 1, Reason: "the file is larger than any agent's"}
	}
	source, err := plainyaml.Parse(content)
	switch {
	case errors.Is(err, plainyaml.ErrEmpty):
		return nil, &plainyaml.Error{Line: 1, Column: 1, Reason: "the file is empty; it needs service, authority and their roots, and folder"}
	case err != nil:
		return nil, err
	}
	c := &Config{}
	if err := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict()).Decode(c); err != nil {
		return nil, plainyaml.At(err)
	}
	if key, reason := c.mistake(); key != "" {
		line, column := plainyaml.Locate(source, "$."+key)
		return nil, &plainyaml.Error{Line: line, Column: column, Reason: reason}
	}
	if c.Key == "" {
		c.Key = "9C"
	}
	if c.Authentication == "" {
		c.Authentication = "9A"
	}
	return c, nil
}

func (c *Config) mistake() (key, reason string) {
	for _, at := range []struct{ key, value string }{{"service", c.Service}, {"authority", c.Authority}} {
		u, err := url.Parse(at.value)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
			return at.key, at.key + " is written https://HOST:PORT, without a path"
		}
	}
	for _, at := range []struct{ key, value string }{{"service-roots", c.ServiceRoots}, {"authority-roots", c.AuthorityRoots}, {"folder", c.Folder}} {
		if at.value == "" {
			return at.key, at.key + " is missing"
		}
	}
	if sum, err := hex.DecodeString(c.ServiceKey); err != nil || c.ServiceKey != "" && len(sum) != sha256.Size {
		return "service-key", "service-key is a SHA-256 in hexadecimal, as `cnie remote init` tells it"
	}
	inModule := strings.HasPrefix(c.Authentication, pkcs11Scheme)
	switch {
	case c.InModule() != inModule:
		return "authentication-key", "key and authentication-key are both PIV slots, or both pkcs11: URIs"
	case c.InModule() && c.Reader != "":
		return "reader", "a PKCS #11 module has readers of its own; leave reader out"
	case len(c.View) > 0 && c.View[0] == "":
		return "view", "view is a program and its arguments"
	}
	return "", ""
}
