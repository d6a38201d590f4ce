package ca_test

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"testing"
	"time"

	stepacme "github.com/smallstep/certificates/acme"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/acme"

	"cnie/internal/ca"
)

// A client that nobody here wrote proves by http-01 that it is localhost, and
// gets a certificate; for a name that the configuration does not list it gets no
// order.
func TestACME(t *testing.T) {
	w := founded(t, func(c *ca.Config) { c.ACMEHosts = []string{"localhost"} }).serve()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	client := &acme.Client{Key: newKey(t), HTTPClient: w.secure(), DirectoryURL: "https://" + w.at.Orders + "/acme/acme/directory"}
	_, err := client.Register(ctx, &acme.Account{}, acme.AcceptTOS)
	require.NoError(t, err)

	_, err = client.AuthorizeOrder(ctx, acme.DomainIDs("elsewhere.example"))
	require.ErrorContains(t, err, "rejectedIdentifier")

	order, err := client.AuthorizeOrder(ctx, acme.DomainIDs("localhost"))
	require.NoError(t, err)
	proveHost(t, ctx, client, order.AuthzURLs[0])
	order, err = client.WaitOrder(ctx, order.URI)
	require.NoError(t, err)
	chain, _, err := client.CreateOrderCert(ctx, order.FinalizeURL, request(t, newKey(t), "", "localhost").Raw, true)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(chain[0])
	require.NoError(t, err)
	assert.NoError(t, leaf.VerifyHostname("localhost"))
	assert.NoError(t, w.crlCheck(leaf))
	assert.Contains(t, w.ocspCheck(leaf), ": good")

	require.NoError(t, client.RevokeCert(ctx, nil, chain[0], acme.CRLReasonSuperseded))
	assert.ErrorContains(t, w.crlCheck(leaf), "certificate revoked")
	assert.Contains(t, w.ocspCheck(leaf), ": revoked")
}

// proveHost answers the challenge on a port of its own: 80 is not ours to take.
func proveHost(t *testing.T, ctx context.Context, client *acme.Client, at string) {
	t.Helper()
	authorization, err := client.GetAuthorization(ctx, at)
	require.NoError(t, err)
	for _, challenge := range authorization.Challenges {
		if challenge.Type != "http-01" {
			continue
		}
		response, err := client.HTTP01ChallengeResponse(challenge.Token)
		require.NoError(t, err)
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		stepacme.InsecurePortHTTP01 = listener.Addr().(*net.TCPAddr).Port
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == client.HTTP01ChallengePath(challenge.Token) {
				_, _ = w.Write([]byte(response))
			}
		})}
		go func() { _ = server.Serve(listener) }() // until it is closed
		t.Cleanup(func() { assert.NoError(t, server.Close()) })
		_, err = client.Accept(ctx, challenge)
		require.NoError(t, err)
		_, err = client.WaitAuthorization(ctx, at)
		require.NoError(t, err)
		return
	}
	require.Fail(t, "no http-01 was offered")
}
