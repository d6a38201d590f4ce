package agent

import (
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Authority is where an agent's certificates come from: cnie-ca, or another that
// speaks its interface (smallstep's).
type Authority struct {
	URL   string
	Roots *x509.CertPool // who issued the authority's own certificate
}

// ErrAuthority says that the authority refused, or answered what cannot be used.
var ErrAuthority = errors.New("the authority issued no certificate")

const maxReply = 1 << 17

// client is one that trusts the authority's roots, with a certificate or none.
func (a *Authority) client(identity ...tls.Certificate) *http.Client {
	return &http.Client{
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: a.Roots, Certificates: identity, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true,
		},
	}
}

// sign hands in a request with a token that orders it, and renew one with the
// certificate that is to be renewed. Both give a chain, the agent's first.
func (a *Authority) sign(ctx context.Context, request []byte, token string) ([]*x509.Certificate, error) {
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: request})
	body, err := json.Marshal(map[string]string{"csr": string(text), "ott": token})
	if err != nil {
		return nil, err
	}
	return a.chain(ctx, a.client(), "/1.0/sign", body)
}

func (a *Authority) renew(ctx context.Context, identity tls.Certificate) ([]*x509.Certificate, error) {
	return a.chain(ctx, a.client(identity), "/1.0/renew", nil)
}

func (a *Authority) chain(ctx context.Context, client *http.Client, path string, body []byte) ([]*x509.Certificate, error) {
	text, err := a.do(ctx, client, http.MethodPost, path, body)
	if err != nil {
		return nil, err
	}
	var told struct {
		Chain []string `json:"certChain"`
	}
	if json.Unmarshal(text, &told) != nil || len(told.Chain) == 0 {
		return nil, fmt.Errorf("%w: it answered something else", ErrAuthority)
	}
	var all []byte
	for _, one := range told.Chain {
		all = append(append(all, one...), '\n')
	}
	return ParseCertificates(all)
}

// issuers are the certificates between the authority's root and those it issues:
// cards seldom have them.
func (a *Authority) issuers(ctx context.Context) ([]*x509.Certificate, error) {
	text, err := a.do(ctx, a.client(), http.MethodGet, "/1.0/intermediates.pem", nil)
	if err != nil {
		return nil, err
	}
	return ParseCertificates(text)
}

func (a *Authority) do(ctx context.Context, client *http.Client, method, path string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, a.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("reach the authority: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	if err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("%w: it answered %s", ErrAuthority, response.Status)
	}
	return text, err
}

// audience names the place where a card's order is handed in. It has no port: a
// proxy may stand in front.
func (a *Authority) audience() (string, error) {
	u, err := url.Parse(a.URL)
	if err != nil {
		return "", err
	}
	host := u.Hostname()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return "https://" + host + "/1.0/sign#x5c/card", nil
}

// certificateFor checks that a chain is for this key.
func certificateFor(chain []*x509.Certificate, key crypto.Signer) (tls.Certificate, error) {
	public, is := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !is || !public.Equal(chain[0].PublicKey) {
		return tls.Certificate{}, fmt.Errorf("%w: it is for another key", ErrAuthority)
	}
	made := tls.Certificate{PrivateKey: key, Leaf: chain[0]}
	for _, c := range chain {
		made.Certificate = append(made.Certificate, c.Raw)
	}
	return made, nil
}
