package client

import (
	"context"
	"crypto"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A connection that is lost is made again. The permission is presented again, and used
// once: the service tells where the answer is.
func TestLostConnection(t *testing.T) {
	f := newFake(t, elliptical(t))
	f.pending, f.later, f.remember = 2, true, true
	f.drops = map[string]int{"credentials/authorizeCheck": 1, "signatures/signHash": 1, "signatures/signPolling": 1}
	_, err := f.dial(f.options()).SignContext(t.Context(), first[:], crypto.SHA256)
	require.NoError(t, err)
	called := strings.Join(f.named(), " ")
	assert.Equal(t, 1, strings.Count(called, "credentials/authorize "), "the holder is asked once")
	assert.Equal(t, 2, strings.Count(called, "signatures/signHash"))
}

// A service that does not remember refuses a permission that is used; so does the
// client.
func TestLostForGood(t *testing.T) {
	f := newFake(t, elliptical(t))
	f.drops = map[string]int{"signatures/signHash": 1}
	_, err := f.dial(f.options()).SignContext(t.Context(), first[:], crypto.SHA256)
	var refused *Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "invalid_request", refused.Code)

	f.drops = map[string]int{"credentials/authorize": 1}
	_, err = f.dial(f.options()).SignContext(t.Context(), first[:], crypto.SHA256)
	assert.ErrorIs(t, err, ErrUnreachable, "nobody knows whether the holder was asked")
}

// The browser is on another machine: the address at which it ended is copied.
func TestBrowserElsewhere(t *testing.T) {
	f := newFake(t, elliptical(t))
	f.mode, f.authTypes = "oauth2code", []string{"oauth2code"}
	pages := make(chan string, 1)
	o := Options{HTTP: f.server.Client(), ID: "office", Browse: func(_ context.Context, page string) error { pages <- page; return nil }}
	change := func(address string) string { return address }
	o.Return = func(context.Context) (string, error) {
		browser := *f.server.Client()
		browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		response, err := browser.Get(<-pages)
		if err != nil {
			return "", err
		}
		return change(response.Header.Get("Location")) + "\n", response.Body.Close()
	}
	key := f.dial(o)
	_, err := key.SignContext(t.Context(), first[:], crypto.SHA256)
	require.NoError(t, err)
	for wrong, c := range map[error]func(string) string{
		ErrRedirect: func(address string) string { return strings.Replace(address, "127.0.0.1", "example.org", 1) },
		ErrState:    func(address string) string { return strings.Replace(address, "state=", "state=x", 1) },
	} {
		change = c
		_, err = key.SignContext(t.Context(), first[:], crypto.SHA256)
		assert.ErrorIs(t, err, wrong)
	}
}
