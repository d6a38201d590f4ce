package client

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// The ways in, and what a token is good for (§8.3, §8.4.2).
const (
	byClient, byCode              = "oauth2client", "oauth2code"
	serviceScope, credentialScope = "service", "credential"
)

// endpoint finds the authorization server: below a base, or by the metadata of an
// issuer (RFC 8414 §3).
func (c *Client) endpoint(ctx context.Context) (oauth2.Endpoint, error) {
	if c.about.Issuer != "" {
		return c.metadata(ctx)
	}
	base := strings.TrimSuffix(c.about.OAuth, "/")
	return checked(oauth2.Endpoint{AuthURL: base + "/oauth2/authorize", TokenURL: base + "/oauth2/token"})
}

// checked refuses an authorization server that is talked to in clear, or whose
// address cannot be shown to a person as it is.
func checked(e oauth2.Endpoint) (oauth2.Endpoint, error) {
	for _, text := range []string{e.AuthURL, e.TokenURL} {
		if u, err := url.Parse(text); err != nil || u.Host == "" || !secureOrHere(u) || plain(text) != text {
			return e, ErrAccess
		}
	}
	return e, nil
}

func (c *Client) metadata(ctx context.Context) (oauth2.Endpoint, error) {
	u, err := url.Parse(c.about.Issuer)
	if err != nil || u.Host == "" || !secureOrHere(u) {
		return oauth2.Endpoint{}, ErrAccess
	}
	u.Path = "/.well-known/oauth-authorization-server" + strings.TrimSuffix(u.Path, "/")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return oauth2.Endpoint{}, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return oauth2.Endpoint{}, fmt.Errorf("find the authorization server: %w", err)
	}
	defer response.Body.Close()
	var told struct {
		Issuer    string `json:"issuer"`
		Authorize string `json:"authorization_endpoint"`
		Token     string `json:"token_endpoint"`
	}
	err = json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&told)
	if response.StatusCode != http.StatusOK || err != nil || told.Issuer != c.about.Issuer { // RFC 8414 §3.3
		return oauth2.Endpoint{}, fmt.Errorf("find the authorization server: %w", ErrProtocol)
	}
	return checked(oauth2.Endpoint{AuthURL: told.Authorize, TokenURL: told.Token})
}

// access says how tokens of scope service are got: by the program for itself if it
// has a secret, or else by a person.
func (c *Client) access(ctx context.Context) (oauth2.TokenSource, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, c.http)
	switch {
	case slices.Contains(c.about.Auth, byClient) && c.options.Secret.Reveal() != nil:
		config := clientcredentials.Config{
			ClientID: c.options.ID, ClientSecret: string(c.options.Secret.Reveal()), TokenURL: c.oauth.TokenURL, Scopes: []string{serviceScope},
		}
		return config.TokenSource(ctx), nil
	case slices.Contains(c.about.Auth, byCode):
		return oauth2.ReuseTokenSource(nil, asking{ctx, c}), nil
	}
	return nil, ErrAccess
}

// asking gets a token from a person with a browser, each time there is none left.
type asking struct {
	ctx    context.Context
	client *Client
}

func (a asking) Token() (*oauth2.Token, error) {
	about := url.Values{}
	if name := a.client.options.Credential; name != "" {
		about.Set("credentialID", name)
	}
	return a.client.ask(a.ctx, serviceScope, about)
}

// ask has a person agree in the browser, by the authorization code grant with a
// proof of who asked (RFC 6749 §4.1, RFC 7636).
func (c *Client) ask(ctx context.Context, scope string, about url.Values) (*oauth2.Token, error) {
	if c.options.Browse == nil {
		return nil, ErrNoBrowser
	}
	door, err := open(c.options.Redirect)
	if err != nil {
		return nil, err
	}
	defer door.close()
	config := oauth2.Config{
		ClientID: c.options.ID, ClientSecret: string(c.options.Secret.Reveal()), Endpoint: c.oauth, RedirectURL: door.url, Scopes: []string{scope},
	}
	verifier, state := oauth2.GenerateVerifier(), rand.Text()
	asked := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(verifier)}
	for key, values := range about {
		asked = append(asked, oauth2.SetAuthURLParam(key, values[0]))
	}
	if err := c.options.Browse(ctx, config.AuthCodeURL(state, asked...)); err != nil {
		return nil, fmt.Errorf("open the browser: %w", err)
	}
	code, err := c.code(ctx, door, state)
	if err != nil {
		return nil, err
	}
	token, err := config.Exchange(context.WithValue(ctx, oauth2.HTTPClient, c.http), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return nil, fmt.Errorf("exchange the holder's permission: %w", told("oauth2/token", err))
	}
	return token, nil
}

// code waits for the browser to come back, here or in what the person copies.
func (c *Client) code(ctx context.Context, door *door, state string) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 1)
	if c.options.Return != nil {
		go func() {
			if err := door.copied(ctx, c.options.Return); err != nil {
				failed <- err
			}
		}()
	}
	return door.wait(ctx, state, failed)
}

// ErrState says that a browser came back with something else than what it was sent
// away with.
var ErrState = errors.New("the browser came back from another request")
