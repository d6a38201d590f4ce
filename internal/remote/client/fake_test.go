package client

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fake is a service of somebody else: the methods and members are those of CSC API
// v2.0.0.2 §8.4 and §11, written from the standard's tables, with nothing of the
// project's own service in it.
type fake struct {
	t      *testing.T
	server *httptest.Server
	key    crypto.Signer
	chain  []string

	// What kind of service it is.
	authTypes  []string
	issuer     bool // metadata rather than a base
	mode       string
	objects    []any
	algorithms []string
	multisign  int
	pending    int  // answers of 202 before permission, and before signatures
	later      bool // asynchronousOperationMode
	raw        bool // ECDSA as two numbers
	lie        bool // signs something else
	status     string

	mu    sync.Mutex
	calls []call
	codes map[string]url.Values // given out, with what they are for
	sads  map[string][]string   // the hashes that each permits
	waits int
	held  []string

	drops    map[string]int // connections lost after a method was carried out, so often
	remember bool           // tells who comes again with a used permission where the answer is
}

type call struct {
	method string
	body   map[string]any
	bearer string
}

func newFake(t *testing.T, key crypto.Signer) *fake {
	f := &fake{
		t: t, key: key, authTypes: []string{"oauth2client", "oauth2code"}, mode: "explicit", multisign: 1, status: "valid",
		algorithms: []string{"1.2.840.10045.4.3.2", "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.10"},
		codes:      map[string]url.Values{}, sads: map[string][]string{},
	}
	root := certificate(t, "root", nil, nil, key)
	f.chain = []string{base64.StdEncoding.EncodeToString(root)}
	f.server = httptest.NewTLSServer(f)
	t.Cleanup(f.server.Close)
	return f
}

func certificate(t *testing.T, name string, above *x509.Certificate, by crypto.Signer, key crypto.Signer) []byte {
	t.Helper()
	template := &x509.Certificate{Subject: pkix.Name{CommonName: name}, SerialNumber: big.NewInt(7), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	if above == nil {
		above, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, above, key.Public(), by)
	require.NoError(t, err)
	return der
}

func elliptical(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

func (f *fake) base() string { return f.server.URL + "/signing/csc/v2" }

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch path := r.URL.Path; {
	case path == "/.well-known/oauth-authorization-server/tenant":
		tell(w, 200, map[string]any{"issuer": f.server.URL + "/tenant", "authorization_endpoint": f.server.URL + "/login/oauth2/authorize", "token_endpoint": f.server.URL + "/login/oauth2/token"})
	case path == "/login/oauth2/authorize":
		f.authorizePage(w, r)
	case path == "/login/oauth2/token":
		f.token(w, r)
	default:
		f.api(w, r, strings.TrimPrefix(path, "/signing/csc/v2/"))
	}
}

func tell(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func refuseWith(w http.ResponseWriter, status int, code, words string) {
	tell(w, status, map[string]any{"error": code, "error_description": words})
}

// authorizePage agrees at once, as a person would after a while.
func (f *fake) authorizePage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("response_type") != "code" || q.Get("client_id") != "office" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" {
		refuseWith(w, 400, "invalid_request", "")
		return
	}
	back := url.Values{"state": {q.Get("state")}}
	if f.status == "unwilling" {
		back.Set("error", "access_denied")
	} else {
		code := rand.Text()
		f.codes[code] = q
		back.Set("code", code)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (f *fake) token(w http.ResponseWriter, r *http.Request) {
	assert.NoError(f.t, r.ParseForm())
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	switch r.PostForm.Get("grant_type") {
	case "client_credentials":
		if id != "office" || secret != "s3cret" || r.PostForm.Get("scope") != "service" {
			refuseWith(w, 401, "invalid_client", "who are you?\x1b[2J")
			return
		}
		tell(w, 200, map[string]any{"access_token": "service-token", "token_type": "Bearer", "expires_in": 3600})
	case "authorization_code":
		q, known := f.codes[r.PostForm.Get("code")]
		sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
		if !known || base64.RawURLEncoding.EncodeToString(sum[:]) != q.Get("code_challenge") || r.PostForm.Get("redirect_uri") != q.Get("redirect_uri") {
			refuseWith(w, 400, "invalid_grant", "")
			return
		}
		delete(f.codes, r.PostForm.Get("code"))
		token := "service-token"
		if q.Get("scope") == "credential" {
			token = rand.Text()
			var hashes []string
			for _, h := range strings.Split(q.Get("hashes"), ",") {
				raw, err := base64.RawURLEncoding.DecodeString(h)
				assert.NoError(f.t, err)
				hashes = append(hashes, base64.StdEncoding.EncodeToString(raw))
			}
			assert.Equal(f.t, "amina", q.Get("credentialID"))
			f.sads[token] = hashes
		}
		tell(w, 200, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 300})
	default:
		refuseWith(w, 400, "unsupported_grant_type", "")
	}
}
