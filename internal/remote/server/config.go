package server

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/goccy/go-yaml"

	"cnie/internal/plainyaml"
	"cnie/internal/remote/oauth"
)

// Config is the file of a service. Keys that are not here are refused, so that a
// misspelt one is not a default. Files are named relative to the folder of the
// configuration.
type Config struct {
	Name        string        `yaml:"name"`        // of the service, shown to programs
	Region      string        `yaml:"region"`      // ISO 3166-1, where it is
	Lang        string        `yaml:"lang"`        // RFC 5646
	URL         string        `yaml:"url"`         // https://…, how programs reach it; the name in all tokens
	Listen      string        `yaml:"listen"`      // HTTPS: programs and browsers
	Agents      string        `yaml:"agents"`      // HTTPS with client certificates: agents
	Certificate string        `yaml:"certificate"` // PEM, of both
	Key         string        `yaml:"key"`
	TokenKey    string        `yaml:"token-key"` // PEM, P-256: signs tokens; all replicas have the same
	State       string        `yaml:"state"`     // sqlite:FILE or postgres://…
	Broker      Broker        `yaml:"broker"`
	Trust       Trust         `yaml:"trust"`
	Hashes      bool          `yaml:"hash-signing"` // bare hashes may be signed
	Limits      Limits        `yaml:"limits"`
	Clients     oauth.Clients `yaml:"clients"`
	dir         string
}

// Broker is the NATS cluster that replicas share; without a URL there is one in this
// process, for one replica.
type Broker struct {
	URL         string `yaml:"url"`
	Credentials string `yaml:"credentials"`
}

// Trust are files of PEM certificates: whose word counts.
type Trust struct {
	Agents string `yaml:"agents"` // for the certificates of agents
	Cards  string `yaml:"cards"`  // for those that documents are signed with
}

// Limits bound sizes and times.
type Limits struct {
	Megabytes int `yaml:"document-megabytes"` // all documents of one request together
	Documents int `yaml:"documents"`          // in one request
	Access    int `yaml:"access-seconds"`     // an access token
	Consent   int `yaml:"consent-seconds"`    // for the holder to agree
	Token     int `yaml:"token-seconds"`      // from there to the request to sign
	Sign      int `yaml:"sign-seconds"`       // from there to the signatures
	Keep      int `yaml:"keep-minutes"`       // results and what they came from
	Lease     int `yaml:"lease-seconds"`      // after which an agent that is not heard of is gone
}

func defaults() Config {
	return Config{
		Name: "cnie remote", Region: "MA", Lang: "en", State: "sqlite:state.db",
		Limits: Limits{Megabytes: 16, Documents: 50, Access: 900, Consent: 600, Token: 300, Sign: 180, Keep: 60, Lease: 60},
	}
}

// ConfigError is a mistake in the configuration and where it is, counted from 1;
// line 0 when no line is to blame.
type ConfigError struct {
	File         string
	Line, Column int
	Reason       string
}

// Error implements error.
func (e *ConfigError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Reason)
}

const maxConfig = 1 << 16

// Load reads a configuration. What is wrong with it is a *ConfigError; that the file
// cannot be read is the file system's error.
func Load(file string) (*Config, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	c, err := Parse(content)
	var wrong *plainyaml.Error
	if errors.As(err, &wrong) {
		return nil, &ConfigError{file, wrong.Line, wrong.Column, wrong.Reason}
	}
	if err != nil {
		return nil, err
	}
	c.dir = filepath.Dir(file)
	return c, nil
}

// Parse reads the text of a configuration. Every error is a *plainyaml.Error.
func Parse(content []byte) (*Config, error) {
	if len(content) > maxConfig {
		return nil, &plainyaml.Error{Line: 1, Column: 1, Reason: "the file is larger than any configuration"}
	}
	source, err := plainyaml.Parse(content)
	if err != nil {
		return nil, err
	}
	c := defaults()
	if err := yaml.NewDecoder(bytes.NewReader(content), yaml.Strict()).Decode(&c); err != nil {
		return nil, plainyaml.At(err)
	}
	if path, reason := c.check(); reason != "" {
		line, column := plainyaml.Locate(source, path)
		return nil, &plainyaml.Error{Line: line, Column: column, Reason: reason}
	}
	return &c, nil
}

// path names a file of the configuration's.
func (c *Config) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.dir, name)
}

func (c *Config) consentLife() time.Duration { return time.Duration(c.Limits.Consent) * time.Second }
func (c *Config) tokenLife() time.Duration   { return time.Duration(c.Limits.Token) * time.Second }
func (c *Config) signLife() time.Duration    { return time.Duration(c.Limits.Sign) * time.Second }
func (c *Config) keep() time.Duration        { return time.Duration(c.Limits.Keep) * time.Minute }
func (c *Config) lease() time.Duration       { return time.Duration(c.Limits.Lease) * time.Second }
func (c *Config) bytes() int64               { return int64(c.Limits.Megabytes) << 20 }
