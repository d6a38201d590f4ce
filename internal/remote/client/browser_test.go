package client

import (
	"context"
	"crypto"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/secret"
)

// browse is a browser: it follows where it is sent, and only there.
func (f *fake) browse(t *testing.T, change func(string) string) func(context.Context, string) error {
	return func(_ context.Context, page string) error {
		go func() {
			client := *f.server.Client()
			client.CheckRedirect = func(r *http.Request, _ []*http.Request) error { return http.ErrUseLastResponse }
			response, err := client.Get(page)
			if !assert.NoError(t, err) {
				return
			}
			_ = response.Body.Close()
			response, err = http.Get(change(response.Header.Get("Location")))
			if assert.NoError(t, err) {
				_ = response.Body.Close()
			}
		}()
		return nil
	}
}

// The holder agrees in a browser: to access, and to these digests.
func TestBrowser(t *testing.T) {
	same := func(text string) string { return text }
	f := newFake(t, elliptical(t))
	f.mode, f.authTypes = "oauth2code", []string{"oauth2code"}
	o := Options{HTTP: f.server.Client(), ID: "office"}
	c, err := Dial(t.Context(), f.base(), o)
	require.NoError(t, err)
	_, err = c.Key(t.Context(), "amina")
	require.ErrorIs(t, err, ErrNoBrowser)

	o.Browse = f.browse(t, same)
	f.multisign = 2
	key := f.dial(o)
	_, err = key.SignAll(t.Context(), [][]byte{first[:], second[:]}, crypto.SHA256)
	require.NoError(t, err)
	assert.NotContains(t, f.named(), "credentials/authorize")

	f.status = "unwilling"
	_, err = key.SignContext(t.Context(), first[:], crypto.SHA256)
	var refused *Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "access_denied", refused.Code)
}

// A page that comes back from somewhere else, or a port that others can reach, is
// no permission.
func TestBrowserPlanted(t *testing.T) {
	f := newFake(t, elliptical(t))
	f.mode = "oauth2code"
	o := f.options()
	o.Browse = f.browse(t, func(text string) string { return strings.Replace(text, "state=", "state=x", 1) })
	_, err := f.dial(o).SignContext(t.Context(), first[:], crypto.SHA256)
	assert.ErrorIs(t, err, ErrState)
	for _, elsewhere := range []string{"http://0.0.0.0:0/", "https://127.0.0.1/", "http://example.org/", "127.0.0.1:0"} {
		o.Redirect = elsewhere
		_, err = f.dial(o).SignContext(t.Context(), first[:], crypto.SHA256)
		assert.ErrorIs(t, err, ErrRedirect, elsewhere)
	}
}

// Services that lie, or are not to be used.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*fake)
		err    error
	}{
		"another signature":   {func(f *fake) { f.lie = true }, ErrSignature},
		"a revoked key":       {func(f *fake) { f.status = "revoked" }, ErrUnusable},
		"no certificate":      {func(f *fake) { f.chain = nil }, ErrProtocol},
		"another key's":       {func(f *fake) { f.key = elliptical(f.t) }, ErrSignature},
		"no such algorithm":   {func(f *fake) { f.algorithms = []string{"1.2.3"} }, ErrUnsupported},
		"no way in":           {func(f *fake) { f.authTypes = []string{"basic"} }, ErrAccess},
		"not a certificate":   {func(f *fake) { f.chain = []string{"AAAA"} }, ErrProtocol},
		"a chain without end": {func(f *fake) { f.chain = make([]string, 99) }, ErrProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, elliptical(t))
			c.change(f)
			var signed []byte
			client, err := Dial(t.Context(), f.base(), f.options())
			if err == nil {
				var key *Key
				if key, err = client.Key(t.Context(), "amina"); err == nil {
					signed, err = key.SignContext(t.Context(), first[:], crypto.SHA256)
				}
			}
			assert.ErrorIs(t, err, c.err)
			assert.Nil(t, signed)
		})
	}
}

// A refusal is told in the service's words, and without what a terminal obeys.
func TestWrongSecret(t *testing.T) {
	f := newFake(t, elliptical(t))
	o := f.options()
	o.Secret = secret.New([]byte("guess"))
	c, err := Dial(t.Context(), f.base(), o)
	require.NoError(t, err)
	_, err = c.Key(t.Context(), "amina")
	var refused *Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "the service refused credentials/info (401 invalid_client): who are you?[2J", refused.Error())
	assert.NotContains(t, err.Error(), "guess")
}

func TestParseReference(t *testing.T) {
	for text, wanted := range map[string]Reference{
		"remote:https://sign.example/csc/v2/amina":      {"https://sign.example/csc/v2", "amina"},
		"remote:https://sign.example/amina":             {"https://sign.example/csc/v2", "amina"},
		"remote:https://sign.example:8443/a/b%2Fc":      {"https://sign.example:8443/a/csc/v2", "b/c"},
		"remote:http://127.0.0.1:8080/csc/v2/amina":     {"http://127.0.0.1:8080/csc/v2", "amina"},
		"remote:http://localhost:8080/csc/v2/GX0112348": {"http://localhost:8080/csc/v2", "GX0112348"},
	} {
		r, err := ParseReference(text)
		require.NoError(t, err, text)
		assert.Equal(t, wanted, r)
		again, err := ParseReference(r.String())
		require.NoError(t, err)
		assert.Equal(t, r, again)
	}
	for _, text := range []string{
		"", "remote:", "https://sign.example/amina", "remote:http://sign.example/amina", "remote:https://sign.example/", "remote:ftp://localhost/x",
		"remote:https://me:secret@sign.example/amina", "remote:https://sign.example/csc/v2?x=1/amina", "remote:amina", "remote:https://sign.example/%zz",
		"remote:http://localhost.example/amina",
	} {
		_, err := ParseReference(text)
		assert.ErrorIs(t, err, ErrReference, text)
	}
}

func FuzzParseReference(f *testing.F) {
	f.Add("remote:https://sign.example/csc/v2/amina")
	f.Add("remote:http://[::1]:80/a%2Fb")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseReference(text)
		if err != nil {
			return
		}
		again, err := ParseReference(r.String())
		require.NoError(t, err)
		require.Equal(t, r, again)
	})
}
