package ca

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What init writes, serve reads.
func TestConfigRoundTrip(t *testing.T) {
	c := Default()
	c.Name, c.Hosts, c.ACMEHosts, c.URL = "yes: \"no\" # \\ \u00e9", []string{"ca.example", "::1"}, []string{"a.example"}, "http://ca.example:80"
	text, err := c.encode()
	require.NoError(t, err)
	got, err := parseConfig(text)
	require.NoError(t, err)
	assert.Equal(t, &c, got)
}

func TestConfigMistakes(t *testing.T) {
	const name = "name: x\n"
	for want, text := range map[string]string{
		"ca.yaml:2:1: unknown field \"crl-ours\"":           name + "crl-ours: 3\n",
		"ca.yaml:2:1: mapping key \"name\" already defined": name + "name: y\n",
		"ca.yaml:1:1: the authority's name has":             "specimen: true\n",
		"ca.yaml:1:7: the authority's name has":             "name: " + strings.Repeat("x", 41) + "\n",
		"ca.yaml:1:7: only an authority of specimens":       "name: a Specimen\n",
		"ca.yaml:2:9: an address to listen on is written":   name + "listen: localhost\n",
		"ca.yaml:2:10: an address to publish on is written": name + "publish: localhost\n",
		"ca.yaml:2:6: the address in certificates":          name + "url: https://ca.example\n",
		"the address in certificates is written http":       name + "publish: ':9080'\n",
		"ca.yaml:2:8: hosts is a list":                      name + "hosts: []\n",
		"hosts is a list":                                   name + "hosts: [a b]\n",
		"acme-hosts is a list of host names":                name + "acme-hosts: ['*']\n",
		"ca.yaml:2:12: crl-hours is a number from 1 to 720": name + "crl-hours: 0\n",
		"ca.yaml:2:17: answer-minutes is a number":          name + "answer-minutes: 20000\n",
		"ca.yaml:2:12: card-days is a number":               name + "card-days: 3654\n",
		"ca.yaml:2:15: counter-days is a number":            name + "counter-days: 399\n",
		"ca.yaml:2:14: agent-hours is a number":             name + "agent-hours: -1\n",
		"cannot unmarshal":                                  name + "crl-hours: long\n",
		"larger than any configuration":                     strings.Repeat("#\n", 1<<13+1),
		"ca.yaml:1:1: ":                                     "",
		"ca.yaml:2:6: tags, anchors and aliases":            name + "url: !foo",
	} {
		t.Run(want, func(t *testing.T) {
			_, err := parseConfig([]byte(text))
			var wrong *ConfigError
			require.ErrorAs(t, err, &wrong)
			assert.Contains(t, err.Error(), want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

// Which bits a refusal sets, and that a list of named bits ends with one of them.
func TestFailureBits(t *testing.T) {
	for f, want := range map[failure][]byte{
		badAlg: {7, 0x80}, badRequest: {5, 0x20}, badDataFormat: {2, 0x04}, unacceptedPolicy: {0, 0, 1}, unacceptedExtension: {7, 0, 0, 0x80}, systemFailure: {6, 0, 0, 0, 0x40},
	} {
		assert.Equal(t, want, f.bits(), "%d", f)
	}
}
