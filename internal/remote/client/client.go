package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"golang.org/x/oauth2"

	"cnie/internal/secret"
)

// Options say as whom a program comes to a service, and who can be asked.
type Options struct {
	HTTP   *http.Client // nil: the default one; redirects are followed by none
	ID     string       // of the program, as the service registered it
	Secret secret.Bytes // empty: a program that can keep none
	// Browse shows a page of the service to the person who signs. Nil: services
	// that want that cannot be used.
	Browse func(ctx context.Context, page string) error
	// Redirect is where the browser comes back to, an address of this machine as the
	// service registered it. Empty: http://127.0.0.1/authorized, at any port
	// (RFC 8252 §7.3).
	Redirect string
	// Return asks the person for the address at which a browser elsewhere ended,
	// where there is none on this machine that could come back. It is asked besides
	// waiting for one. Nil: only one here can come back.
	Return func(ctx context.Context) (string, error)
	// Credential is the one that access is wanted to. A service at which there is
	// nothing to log in to asks its holder.
	Credential string
	// Answer asks the person who signs for something that the service wants.
	// Empty leaves it out. Nil: services that want something cannot be used.
	Answer func(ctx context.Context, p Prompt) (secret.Bytes, error)
}

// What a service can want that the options do not allow.
var (
	ErrNoBrowser = errors.New("the service wants the holder to agree in a browser, and there is none")
	ErrNoAnswer  = errors.New("the service wants the holder to type something, and nobody can be asked")
	ErrAccess    = errors.New("the service offers no way in that this client knows (OAuth 2.0)")
)

// Client is a program at a service. It is safe for concurrent use.
type Client struct {
	base    string
	http    *http.Client
	options Options
	about   about
	oauth   oauth2.Endpoint
	tokens  oauth2.TokenSource // of scope service
}

// Dial asks a service what it can do, and how it lets programs in. Access itself
// is taken when it is first needed, in the context of Dial.
func Dial(ctx context.Context, service string, o Options) (*Client, error) {
	base, err := serviceURL(service)
	if err != nil {
		return nil, err
	}
	c := &Client{base: base, http: direct(o.HTTP), options: o}
	if _, err := c.call(ctx, nil, "info", struct{}{}, &c.about); err != nil {
		return nil, err
	}
	if c.oauth, err = c.endpoint(ctx); err != nil {
		return nil, err
	}
	c.tokens, err = c.access(ctx)
	return c, err
}

// direct follows no redirect: the next server would be given what is for this one.
func direct(base *http.Client) *http.Client {
	if base == nil {
		base = http.DefaultClient
	}
	client := *base
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

// Credentials lists the keys that the service lets this program see.
func (c *Client) Credentials(ctx context.Context) ([]string, error) {
	var list struct {
		IDs []string `json:"credentialIDs"`
	}
	_, err := c.call(ctx, c.tokens, "credentials/list", struct{}{}, &list)
	if err == nil && slices.ContainsFunc(list.IDs, func(id string) bool { return !isName(id) }) {
		err = fmt.Errorf("credentials/list: %w", ErrProtocol)
	}
	if err != nil {
		return nil, err
	}
	return list.IDs, nil
}

// isName tells names of keys from what would draw on the terminal or fill it.
func isName(id string) bool { return id != "" && len(id) <= maxName && plain(id) == id }

// Key learns of a credential what signing with it takes. One that is disabled, or
// whose certificate the service calls expired or revoked, is an error.
func (c *Client) Key(ctx context.Context, name string) (*Key, error) {
	var told credential
	if _, err := c.call(ctx, c.tokens, "credentials/info", credentialRequest{name, "chain", true, true}, &told); err != nil {
		return nil, err
	}
	if told.Key.Status != "" && told.Key.Status != "enabled" {
		return nil, fmt.Errorf("%w: its key is %s", ErrUnusable, plain(told.Key.Status))
	}
	if told.Certificate.Status != "" && told.Certificate.Status != "valid" {
		return nil, fmt.Errorf("%w: its certificate is %s", ErrUnusable, plain(told.Certificate.Status))
	}
	chain, err := certificates(told.Certificate.Chain)
	if err != nil {
		return nil, err
	}
	return &Key{client: c, name: name, told: told, chain: chain}, nil
}

// Address is the base of the service's API.
func (c *Client) Address() string { return c.base }

// Hashes tells whether the service signs bare hashes at all. One that does may still
// refuse them for some keys, or to some programs.
func (c *Client) Hashes() bool { return c.offers("signatures/signHash") }

// offers tells whether the service has a method.
func (c *Client) offers(method string) bool { return slices.Contains(c.about.Methods, method) }
