//go:build unix

package server

import (
	"crypto/ecdsa"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/order"
)

// From RFC 7636 appendix B.
const (
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	returnTo  = "http://127.0.0.1:1/back?x=1"
)

// browser follows the pages of an authorization until it is sent back.
type browser struct {
	t    testing.TB
	http *http.Client
	url  string
}

func (w *world) browser() *browser {
	client := w.client()
	jar, err := cookiejar.New(nil)
	require.NoError(w.t, err)
	client.Jar = jar
	return &browser{w.t, client, w.programs.URL}
}

// get reads one page: its text, or where it leads.
func (b *browser) get(address string) (status int, text, next string) {
	b.t.Helper()
	response, err := b.http.Get(address)
	require.NoError(b.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	next = response.Header.Get("Location")
	if strings.HasPrefix(next, "/") {
		next = b.url + next
	}
	return response.StatusCode, string(body), next
}

// authorize goes through an authorization and gives what the program gets.
func (b *browser) authorize(query url.Values) url.Values {
	b.t.Helper()
	_, _, next := b.get(b.url + pathAuthorize + "?" + query.Encode())
	for strings.HasPrefix(next, b.url) {
		here := next
		var status int
		if status, _, next = b.get(here); status == http.StatusOK {
			next = here
			time.Sleep(20 * time.Millisecond)
		}
	}
	require.True(b.t, strings.HasPrefix(next, "http://127.0.0.1:1/back?"), next)
	u, err := url.Parse(next)
	require.NoError(b.t, err)
	return u.Query()
}

func codeQuery(id order.Credential, change ...string) url.Values {
	q := url.Values{
		"response_type": {"code"}, "client_id": {"public"}, "redirect_uri": {returnTo}, "scope": {"service"}, "state": {"abc"},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"}, "credentialID": {string(id)},
	}
	for i := 0; i < len(change); i += 2 {
		q.Set(change[i], change[i+1])
	}
	return q
}

func redeem(code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "client_id": {"public"}, "code": {code}, "redirect_uri": {returnTo}, "code_verifier": {verifier}}
}

func TestCodeForAccess(t *testing.T) {
	w := newWorld(t)
	amina, omar := w.authority.ecHolder("SPECIMEN AMINA", "11"), w.authority.ecHolder("SPECIMEN OMAR", "12")
	w.agent(amina).start()
	w.agent(omar).start()
	got := w.browser().authorize(codeQuery(amina.id))
	assert.Equal(t, "abc", got.Get("state"))
	assert.Equal(t, w.server.config.URL, got.Get("iss"))
	assert.Equal(t, "1", got.Get("x"), "the address is kept as it is registered")
	p := &program{t: t, http: w.client(), url: w.programs.URL}
	token := p.form(pathToken, redeem(got.Get("code")))
	require.Equal(t, http.StatusOK, token.Status, token.Text)
	p.token = token.Access
	assert.Equal(t, []string{string(amina.id)}, p.call(methodList, object{}).IDs, "only of whom has agreed")
	assert.Equal(t, "Invalid parameter credentialID", p.call(methodCredential, object{"credentialID": omar.id}).Text)
	assert.Equal(t, http.StatusOK, p.call(methodCredential, object{"credentialID": amina.id}).Status)
	assert.Equal(t, "invalid_grant", p.form(pathToken, redeem(got.Get("code"))).Error, "a code is good once")
}

func TestCodeForSigning(t *testing.T) {
	w := newWorld(t)
	h := w.authority.ecHolder("SPECIMEN AMINA", "11")
	agent := w.agent(h).start()
	hash := base64.RawURLEncoding.EncodeToString(digest("one"))
	got := w.browser().authorize(codeQuery(h.id, "scope", "credential", "numSignatures", "1", "hashes", hash, "hashAlgorithmOID", oidSHA256))
	p := &program{t: t, http: w.client(), url: w.programs.URL}
	wrong := redeem(got.Get("code"))
	wrong.Set("code_verifier", challenge)
	token := p.form(pathToken, redeem(got.Get("code")))
	require.Equal(t, http.StatusOK, token.Status, token.Text)
	assert.Equal(t, "credential", token.Scope)
	p.token = token.Access
	asked := p.call(methodAuthorize, object{"credentialID": h.id, "numSignatures": 1, "hashes": hashesOf("two"), "hashAlgorithmOID": oidSHA256})
	assert.Equal(t, "invalid_scope", asked.Error, "it is good for signing and no more")
	in := signHashOf(h.id, "", ecdsaSHA256, hashesOf("one")...)
	signed := p.call(methodHash, in)
	require.Equal(t, http.StatusOK, signed.Status, signed.Text)
	assert.True(t, ecdsa.VerifyASN1(h.leaf.PublicKey.(*ecdsa.PublicKey), digest("one"), signed.Signatures[0]))
	assert.Equal(t, "SAD already used", p.call(methodHash, in).Text)
	assert.Len(t, agent.signed, 1)
	assert.Equal(t, "invalid_grant", p.form(pathToken, wrong).Error)
}

func TestCodesThatAreNotGood(t *testing.T) {
	w := newWorld(t)
	h := w.authority.ecHolder("SPECIMEN AMINA", "11")
	agent := w.agent(h)
	agent.start()
	p := &program{t: t, http: w.client(), url: w.programs.URL}
	for name, change := range map[string][2]string{
		"verifier": {"code_verifier", challenge}, "address": {"redirect_uri", "http://127.0.0.1:1/back"}, "code": {"code", "x"}, "none": {"code", ""},
	} {
		form := redeem(w.browser().authorize(codeQuery(h.id)).Get("code"))
		form.Set(change[0], change[1])
		got := p.form(pathToken, form)
		assert.Equal(t, "invalid_grant", got.Error, name)
	}
	form := redeem(w.browser().authorize(codeQuery(h.id)).Get("code"))
	form.Set("client_id", stranger)
	form.Set("client_secret", strangerSecret)
	assert.Equal(t, "invalid_grant", p.form(pathToken, form).Error, "another client's code")
	late := redeem(w.browser().authorize(codeQuery(h.id)).Get("code"))
	w.clock.set(2 * time.Minute)
	assert.Equal(t, "invalid_grant", p.form(pathToken, late).Error)
}

func TestTokenRequestsThatAreNotGood(t *testing.T) {
	w := newWorld(t)
	p := &program{t: t, http: w.client(), url: w.programs.URL}
	for _, c := range []struct {
		form   url.Values
		status int
		want   string
	}{
		{url.Values{"grant_type": {"client_credentials"}, "client_id": {stranger}, "client_secret": {"x"}}, 401, "invalid_client"},
		{url.Values{"grant_type": {"client_credentials"}, "client_id": {"public"}}, 400, "unauthorized_client"},
		{url.Values{"grant_type": {"client_credentials"}, "client_id": {stranger}, "client_secret": {strangerSecret}, "scope": {"credential"}}, 400, "invalid_scope"},
		{url.Values{"grant_type": {"password"}, "client_id": {stranger}, "client_secret": {strangerSecret}}, 400, "unsupported_grant_type"},
		{url.Values{"client_id": {stranger}, "client_secret": {strangerSecret}}, 400, "invalid_request"},
	} {
		got := p.form(pathToken, c.form)
		assert.Equal(t, c.want, got.Error)
		assert.Equal(t, c.status, got.Status)
	}
}

func TestTheHolderSaysNoInTheBrowser(t *testing.T) {
	w := newWorld(t)
	h := w.authority.ecHolder("SPECIMEN AMINA", "11")
	agent := w.agent(h)
	agent.decide = func(o *order.Order) order.Answer { return order.Refuse(o.ID, order.ByHolder) }
	agent.start()
	got := w.browser().authorize(codeQuery(h.id))
	assert.Equal(t, "access_denied", got.Get("error"))
	assert.Equal(t, "abc", got.Get("state"))
	assert.Empty(t, got.Get("code"))
	got = w.browser().authorize(codeQuery("aaaaaaaaaaaaaaaaaaaaaaaa"))
	assert.Equal(t, "invalid_request", got.Get("error"))
	got = w.browser().authorize(codeQuery(h.id, "code_challenge_method", "plain"))
	assert.Equal(t, "invalid_request", got.Get("error"))
}

// The page belongs to one browser, says who asks, and sends nobody to an address that
// is not registered.
func TestWaitPage(t *testing.T) {
	w := newWorld(t)
	h := w.authority.ecHolder("SPECIMEN AMINA", "11")
	agent := w.agent(h)
	require.NoError(t, agent.join(""))
	b := w.browser()
	status, _, next := b.get(b.url + pathAuthorize + "?" + codeQuery(h.id).Encode())
	require.Equal(t, http.StatusSeeOther, status)
	status, text, _ := b.get(next)
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, text, "<strong>Public</strong>")
	assert.NotContains(t, text, "<script")
	thief := w.browser()
	status, text, _ = thief.get(next)
	assert.Equal(t, http.StatusNotFound, status)
	assert.NotContains(t, text, "Public")

	orders, _, err := agent.poll(t.Context(), 20, 0)
	require.NoError(t, err)
	require.Equal(t, order.Access, orders[0].Kind)
	require.NoError(t, agent.answer(t.Context(), agent.agree(orders[0])))
	status, _, _ = thief.get(next)
	assert.Equal(t, http.StatusNotFound, status, "the code is for the browser that began")
	_, _, back := b.get(next)
	assert.Contains(t, back, "code=")
	status, _, _ = b.get(next)
	assert.Equal(t, http.StatusNotFound, status, "and only once")

	status, _, next = b.get(b.url + pathAuthorize + "?" + codeQuery(h.id, "redirect_uri", "https://evil.example/").Encode())
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Empty(t, next)
}

func TestMetadata(t *testing.T) {
	w := newWorld(t)
	response, err := w.client().Get(w.programs.URL + pathMetadata)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"issuer":"https://localhost:8776"`)
}
