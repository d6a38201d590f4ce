package ca

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Config is the file ca.yaml of an authority. Keys that are not here are refused,
// so that a misspelt one is not a default.
type Config struct {
	Name          string   `yaml:"name"`     // in the names of the certificates
	Specimen      bool     `yaml:"specimen"` // issues cards and time stamps, under names that say so
	Listen        string   `yaml:"listen"`   // HTTPS: orders
	Publish       string   `yaml:"publish"`  // HTTP: lists, answers, time stamps
	URL           string   `yaml:"url"`      // how certificates name what is published
	Hosts         []string `yaml:"hosts"`    // in the certificate of the HTTPS server
	ACMEHosts     []string `yaml:"acme-hosts"`
	CRLHours      int      `yaml:"crl-hours"`
	AnswerMinutes int      `yaml:"answer-minutes"` // how long an OCSP answer may be kept
	CardDays      int      `yaml:"card-days"`
	CounterDays   int      `yaml:"counter-days"`
	AgentHours    int      `yaml:"agent-hours"`
}

// Default is the configuration of a new authority that only this machine reaches.
func Default() Config {
	return Config{
		Name: "cnie", Specimen: true, Listen: "127.0.0.1:9443", Publish: "127.0.0.1:9080",
		Hosts: []string{"localhost", "127.0.0.1"}, ACMEHosts: []string{},
		CRLHours: 24, AnswerMinutes: 60, CardDays: 1095, CounterDays: 90, AgentHours: 24,
	}
}

// specimen stands in every name of what proves nothing.
const specimen = "SPECIMEN"

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$`)

// check names the key of the first value that cannot be, and why.
func (c *Config) check() (key, reason string) {
	at, err := url.Parse(c.URL)
	switch {
	case c.Name == "" || utf8.RuneCountInString(c.Name) > 40 || !utf8.ValidString(c.Name):
		return "name", "the authority's name has 1 to 40 letters"
	case !c.Specimen && strings.Contains(strings.ToUpper(c.Name), specimen):
		return "name", "only an authority of specimens is called that"
	case !address(c.Listen):
		return "listen", "an address to listen on is written HOST:PORT"
	case !address(c.Publish):
		return "publish", "an address to publish on is written HOST:PORT"
	case err != nil || at.Scheme != "http" || at.Hostname() == "" || at.Path != "" || at.RawQuery != "" || at.Fragment != "":
		return "url", "the address in certificates is written http://HOST:PORT, without a path; it is plain HTTP, because what is there is signed"
	case len(c.Hosts) == 0 || !all(c.Hosts, isHost):
		return "hosts", "hosts is a list of host names and addresses, one at least"
	case !all(c.ACMEHosts, isName):
		return "acme-hosts", "acme-hosts is a list of host names"
	}
	return c.checkTimes()
}

func (c *Config) checkTimes() (key, reason string) {
	for _, n := range []struct {
		key        string
		value, max int
	}{
		{"crl-hours", c.CRLHours, 24 * 30}, {"answer-minutes", c.AnswerMinutes, 60 * 24 * 7}, {"card-days", c.CardDays, 3653},
		{"counter-days", c.CounterDays, 398}, {"agent-hours", c.AgentHours, 24 * 7},
	} {
		if n.value < 1 || n.value > n.max {
			return n.key, fmt.Sprintf("%s is a number from 1 to %d", n.key, n.max)
		}
	}
	return "", ""
}

func address(text string) bool {
	_, port, err := net.SplitHostPort(text)
	return err == nil && port != ""
}

func isName(host string) bool { return len(host) <= 253 && hostName.MatchString(host) }
func isHost(host string) bool { return isName(host) || net.ParseIP(host) != nil }

func all(list []string, is func(string) bool) bool {
	for _, item := range list {
		if !is(item) {
			return false
		}
	}
	return true
}

func hours(n int) time.Duration { return time.Duration(n) * time.Hour }
func days(n int) time.Duration  { return hours(24 * n) }

// titled is a name in a certificate of the authority.
func (c *Config) titled(role string) string {
	if c.Specimen {
		return specimen + " " + c.Name + " " + role
	}
	return c.Name + " " + role
}

// organisation is the O of every certificate.
func (c *Config) organisation() string {
	if c.Specimen {
		return specimen
	}
	return c.Name
}
