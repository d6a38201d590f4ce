package ca_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ca"
)

// What the profiles put into certificates, as another program reads it.
func TestProfiles(t *testing.T) {
	w := founded(t, nil)
	for _, c := range []struct {
		profile ca.Profile
		name    string
		hosts   []string
		says    []string
		not     []string
		purpose string
	}{
		{ca.Auth, "SPECIMEN AMINA", nil, []string{"Digital Signature\n", "TLS Web Client Authentication\n", "Policy: 1.3.6.1.4.1.32473.1.1", "Subject: O = SPECIMEN, CN = SPECIMEN AMINA\n"},
			[]string{"Alternative Name", "1.3.6.1.4.1.37476"}, "sslclient"},
		{ca.Sign, "SPECIMEN AMINA", nil, []string{"Key Usage: critical\n                Non Repudiation\n", "Policy: 1.3.6.1.4.1.32473.1.2"},
			[]string{"Digital Signature\n", "Extended Key Usage", "Alternative Name", "1.3.6.1.4.1.37476"}, "smimesign"},
		{ca.Counter, "counter-7.example", []string{"counter-7.example", "counter-7.local"}, []string{"OU = counter", "DNS:counter-7.example, DNS:counter-7.local", "TLS Web Server Authentication"}, []string{"Policies"}, "sslserver"},
		{ca.Counter, "counter-8.example", nil, []string{"DNS:counter-8.example\n"}, nil, "sslclient"},
		{ca.Agent, "agent of the registry", nil, []string{"OU = agent", "TLS Web Client Authentication\n"}, []string{"Alternative Name", "Server Authentication", "Policies"}, "sslclient"},
	} {
		t.Run(string(c.profile)+" "+c.name, func(t *testing.T) {
			chain := w.order(c.profile, newKey(t), c.name, c.hosts...)
			require.Len(t, chain, 2)
			leaf := w.leave("CERTIFICATE", chain[0].Raw)
			text := judged(t, "x509", "-in", leaf, "-noout", "-text")
			for _, says := range append(c.says, "URI:http://127.0.0.1:", "/crl\n", "CA Issuers - URI:", "OCSP - URI:", "Issuer: O = SPECIMEN, CN = SPECIMEN cnie authority\n") {
				assert.Contains(t, text, says)
			}
			for _, not := range c.not {
				assert.NotContains(t, text, not)
			}
			judged(t, "verify", "-x509_strict", "-purpose", c.purpose, "-CAfile", w.file("root.crt"), "-untrusted", w.file("issuing.crt"), leaf)
		})
	}
}

func TestRequestsThatDoNotFit(t *testing.T) {
	w := founded(t, nil)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	for _, c := range []struct {
		profile ca.Profile
		request *x509.CertificateRequest
		says    string
	}{
		{ca.Auth, request(t, newKey(t), "AMINA"), "does not contain SPECIMEN"},
		{ca.Sign, request(t, newKey(t), "AMINA"), "does not contain SPECIMEN"},
		{ca.Auth, request(t, newKey(t), ""), "no common name"},
		{ca.Auth, request(t, newKey(t), "SPECIMEN AMINA", "localhost"), "only counters"},
		{ca.Agent, request(t, newKey(t), "an agent", "localhost"), "only counters"},
		{ca.Counter, request(t, newKey(t), "counter 7"), "not the counter's host name"},
		{ca.Auth, request(t, small, "SPECIMEN AMINA"), "2048"},
	} {
		_, err := w.try(c.profile, c.request)
		assert.ErrorContains(t, err, c.says)
	}
	for says, content := range map[string]string{
		"no certificate request that": "x", "is a private key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	} {
		_, err := ca.ParseRequest([]byte(content))
		var wrong *ca.RequestError
		require.ErrorAs(t, err, &wrong)
		assert.Contains(t, wrong.Reason, says)
	}
	forged := append([]byte(nil), request(t, newKey(t), "SPECIMEN AMINA").Raw...)
	forged[len(forged)-1] ^= 1
	_, err = ca.ParseRequest(forged)
	assert.ErrorContains(t, err, "signature")
}

// An authority that is not of specimens issues no cards and no time stamps, and
// its names do not say SPECIMEN.
func TestNoSpecimens(t *testing.T) {
	w := founded(t, func(c *ca.Config) { c.Specimen, c.Name = false, "Town Hall" })
	for _, p := range []ca.Profile{ca.Auth, ca.Sign} {
		_, err := w.try(p, request(t, newKey(t), "SPECIMEN AMINA"))
		assert.ErrorIs(t, err, ca.ErrRefused)
	}
	counter := w.order(ca.Counter, newKey(t), "counter-7.example")[0]
	assert.Equal(t, "CN=Town Hall authority,O=Town Hall", counter.Issuer.String())
	assert.NotContains(t, judged(t, "x509", "-in", w.leave("CERTIFICATE", counter.Raw), "-noout", "-text"), "SPECIMEN")
	assert.NoFileExists(t, w.file("tsa.crt"))
	assert.NoFileExists(t, w.file("keys/auth.jwk"))
	w.serve()
	assert.Equal(t, 404, post(t, "http://"+w.at.Published+"/tsa", "application/timestamp-query", nil).StatusCode)
}

// A counter may be named by addresses as well.
func TestCounterWithAddresses(t *testing.T) {
	w := founded(t, nil)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "counter-7"}, DNSNames: []string{"counter-7"}, IPAddresses: []net.IP{{192, 0, 2, 7}}}, newKey(t))
	require.NoError(t, err)
	asked, err := ca.ParseRequest(der)
	require.NoError(t, err)
	chain, err := w.try(ca.Counter, asked)
	require.NoError(t, err)
	assert.NoError(t, chain[0].VerifyHostname("192.0.2.7"))
	assert.NoError(t, chain[0].VerifyHostname("counter-7"))
}

// Commands at the same time wait for one another; the address of a server that
// was killed misleads nobody.
func TestSeveralAtOnce(t *testing.T) {
	w := founded(t, nil)
	require.NoError(t, os.WriteFile(w.file("address"), []byte("127.0.0.1:1"), 0o600))
	w.order(ca.Agent, newKey(t), "agent")
	done := make(chan error, 4)
	for range cap(done) {
		asked := request(t, newKey(t), "agent")
		go func() { _, err := w.try(ca.Agent, asked); done <- err }()
	}
	for range cap(done) {
		assert.NoError(t, <-done)
	}
}

// Beside a server, orders go through it.
func TestBesideAServer(t *testing.T) {
	w := founded(t, nil).serve()
	card := w.order(ca.Auth, newKey(t), "SPECIMEN AMINA")[0]
	_, err := ca.Open(w.dir)
	require.ErrorIs(t, err, ca.ErrServed)
	assert.False(t, w.revoke(card, "superseded"))
	assert.True(t, w.revoke(card, "superseded"))
}
