package oauth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/activation"
	"cnie/internal/remote/oauth"
	"cnie/internal/remote/order"
)

const issuer = "https://service.example"

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

var clients = oauth.Clients{
	{ID: "a b", Name: "A", Secret: oauth.HashSecret("p:%"), Redirects: []string{"https://a.example/back?x=1"}},
	{ID: "public", Name: "P", Redirects: []string{"http://127.0.0.1:1/"}},
	{ID: "anywhere", Name: "W", Redirects: []string{"http://127.0.0.1/back", "http://[::1]/back", "https://w.example/back"}},
}

func post(form url.Values, basic ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/oauth2/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if len(basic) == 2 {
		r.SetBasicAuth(basic[0], basic[1])
	}
	_ = r.ParseForm()
	return r
}

func TestAuthenticate(t *testing.T) {
	for name, c := range map[string]struct {
		request *http.Request
		want    string
	}{
		"form":                 {post(url.Values{"client_id": {"a b"}, "client_secret": {"p:%"}}), "a b"},
		"basic":                {post(nil, "a+b", "p%3A%25"), "a b"},
		"basic and its name":   {post(url.Values{"client_id": {"a b"}}, "a+b", "p%3A%25"), "a b"},
		"basic and another":    {post(url.Values{"client_id": {"public"}}, "a+b", "p%3A%25"), ""},
		"twice":                {post(url.Values{"client_secret": {"p:%"}}, "a+b", "p%3A%25"), ""},
		"basic as it is":       {post(nil, "a b", "p:%"), ""},
		"wrong":                {post(url.Values{"client_id": {"a b"}, "client_secret": {"p"}}), ""},
		"none":                 {post(url.Values{"client_id": {"a b"}}), ""},
		"public":               {post(url.Values{"client_id": {"public"}}), "public"},
		"public with a secret": {post(url.Values{"client_id": {"public"}, "client_secret": {"x"}}), ""},
		"nobody":               {post(url.Values{"client_id": {"x"}}), ""},
		"the hash":             {post(url.Values{"client_id": {"a b"}, "client_secret": {oauth.HashSecret("p:%")}}), ""},
	} {
		got := clients.Authenticate(c.request)
		if c.want == "" {
			assert.Nil(t, got, name)
		} else if assert.NotNil(t, got, name) {
			assert.Equal(t, c.want, got.ID, name)
		}
	}
}

func newIssuer(t testing.TB, key *ecdsa.PrivateKey) *oauth.Issuer {
	t.Helper()
	i, err := oauth.NewIssuer(issuer, key, 15*time.Minute)
	require.NoError(t, err)
	return i
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

func TestTokens(t *testing.T) {
	key := newKey(t)
	i := newIssuer(t, key)
	token, life, err := i.Issue("program", "", noon)
	require.NoError(t, err)
	assert.Equal(t, 15*time.Minute, life)
	a, err := i.Open(token, noon.Add(14*time.Minute))
	require.NoError(t, err)
	assert.Equal(t, "program", a.Subject)
	assert.Empty(t, a.Credential)
	mine, _, err := i.Issue("program", "aaaaaaaaaaaaaaaaaaaaaaaa", noon)
	require.NoError(t, err)
	a, err = i.Open(mine, noon)
	require.NoError(t, err)
	assert.EqualValues(t, "aaaaaaaaaaaaaaaaaaaaaaaa", a.Credential)

	elsewhere, err := oauth.NewIssuer("https://elsewhere", key, time.Minute)
	require.NoError(t, err)
	foreign, _, err := elsewhere.Issue("program", "", noon)
	require.NoError(t, err)
	signer, err := activation.NewSigner(key)
	require.NoError(t, err)
	sad, err := signer.Sign(activation.Grant{Issuer: issuer, Audience: []string{issuer}})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		token string
		by    *oauth.Issuer
		at    time.Time
	}{
		"late": {token, i, noon.Add(15 * time.Minute)}, "another key": {token, newIssuer(t, newKey(t)), noon}, "another service": {foreign, i, noon},
		"an activation token": {sad, i, noon}, "nothing": {"", i, noon}, "too long": {strings.Repeat("a", 5000), i, noon}, "unsigned": {token[:strings.LastIndex(token, ".")+1], i, noon},
	} {
		_, err := c.by.Open(c.token, c.at)
		assert.ErrorIs(t, err, oauth.ErrToken, name)
	}
}

const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" // RFC 7636 appendix B, as its challenge
const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

func query(change ...string) url.Values {
	q := url.Values{
		"response_type": {"code"}, "client_id": {"a b"}, "redirect_uri": {"https://a.example/back?x=1"}, "scope": {"service"}, "state": {"s&t"},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	for i := 0; i < len(change); i += 2 {
		q.Set(change[i], change[i+1])
	}
	return q
}

func TestFlow(t *testing.T) {
	f, err := clients.Begin(query())
	require.NoError(t, err)
	form := url.Values{"code_verifier": {verifier}, "redirect_uri": {"https://a.example/back?x=1"}}
	assert.True(t, f.Redeems(clients.Find("a b"), form))
	assert.False(t, f.Redeems(clients.Find("public"), form))
	assert.False(t, f.Redeems(clients.Find("a b"), url.Values{"code_verifier": {challenge}, "redirect_uri": form["redirect_uri"]}))
	assert.False(t, f.Redeems(clients.Find("a b"), url.Values{"redirect_uri": form["redirect_uri"]}))
	assert.False(t, f.Redeems(clients.Find("a b"), url.Values{"code_verifier": {verifier}, "redirect_uri": {"https://a.example/back"}}))
	assert.Equal(t, "https://a.example/back?code=c&iss=https%3A%2F%2Fservice.example&state=s%26t&x=1", f.Back(issuer, url.Values{"code": {"c"}}))

	for name, q := range map[string]url.Values{
		"no such client":        query("client_id", "x"),
		"another address":       query("redirect_uri", "https://evil.example/"),
		"the address of others": query("redirect_uri", "http://127.0.0.1:1/"),
		"more of the address":   query("redirect_uri", "https://a.example/back?x=1&y=2"),
		"two addresses":         func() url.Values { q := query(); q.Add("redirect_uri", "https://evil.example/"); return q }(),
	} {
		f, err := clients.Begin(q)
		require.ErrorIs(t, err, oauth.ErrClient, name)
		assert.Nil(t, f, "there is nobody to tell: %s", name)
	}
	for name, q := range map[string]url.Values{
		"a token at once": query("response_type", "token"), "no scope": query("scope", ""), "no PKCE": query("code_challenge", ""),
		"plain PKCE": query("code_challenge_method", "plain", "code_challenge", verifier), "short": query("code_challenge", challenge[1:]),
		"not base64url": query("code_challenge", "+"+challenge[1:]), "long state": query("state", strings.Repeat("x", 1000)),
	} {
		f, err := clients.Begin(q)
		require.ErrorIs(t, err, oauth.ErrRequest, name)
		assert.NotNil(t, f, name)
	}
	sum := sha256.Sum256([]byte(verifier))
	assert.Equal(t, challenge, base64.RawURLEncoding.EncodeToString(sum[:]))
}

// Programs on the user's machine come back to any port of it, if that is registered,
// and to nothing else.
func TestAnyPort(t *testing.T) {
	for address, may := range map[string]bool{
		"http://127.0.0.1:4711/back": true, "http://[::1]:4711/back": true, "http://127.0.0.1/back": true,
		"http://127.0.0.1:4711/other": false, "http://127.0.0.1:4711/back?x=1": false, "https://w.example:4711/back": false,
		"http://127.0.0.2:4711/back": false, "http://localhost:4711/back": false, "http://x@127.0.0.1:4711/back": false,
		"https://127.0.0.1:4711/back": false, "http://127.0.0.1:4711/back#x": false,
	} {
		_, err := clients.Begin(query("client_id", "anywhere", "redirect_uri", address))
		assert.Equal(t, may, err == nil, address)
	}
}

func TestMay(t *testing.T) {
	all, some := oauth.Client{}, oauth.Client{Credentials: []order.Credential{"a"}}
	assert.True(t, all.May("b"))
	assert.True(t, some.May("a"))
	assert.False(t, some.May("b"))
}

func FuzzOpen(f *testing.F) {
	i := newIssuer(f, newKey(f))
	token, _, err := i.Issue("program", "", noon)
	require.NoError(f, err)
	f.Add(token)
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := i.Open(text, noon); err == nil {
			require.Equal(t, "program", a.Client)
		} else {
			require.ErrorIs(t, err, oauth.ErrToken)
		}
	})
}
