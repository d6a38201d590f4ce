//go:build unix

package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cnie/internal/remote/order"
)

const oidSHA256 = "2.16.840.1.101.3.4.2.1"

// program is a client of the API.
type program struct {
	t     testing.TB
	http  *http.Client
	url   string
	token string
}

// answer is a response, of any method.
type answer struct {
	Status     int
	Error      string       `json:"error"`
	Text       string       `json:"error_description"`
	Reason     order.Reason `json:"reason"`
	Response   string       `json:"responseID"`
	SAD        string       `json:"SAD"`
	Handle     string       `json:"handle"`
	Expires    int          `json:"expiresIn"`
	Signatures [][]byte     `json:"signatures"`
	Documents  [][]byte     `json:"DocumentWithSignature"`
	Objects    [][]byte     `json:"SignatureObject"`
	Access     string       `json:"access_token"`
	Scope      string       `json:"scope"`
	IDs        []string     `json:"credentialIDs"`
	raw        []byte
}

func (w *world) program() *program { return w.programOf(sampleClient, w.secret) }

func (w *world) programOf(id, secret string) *program {
	w.t.Helper()
	p := &program{t: w.t, http: w.client(), url: w.programs.URL}
	got := p.form(pathToken, url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}})
	require.Equal(w.t, http.StatusOK, got.Status, got.Text)
	p.token = got.Access
	return p
}

func (p *program) form(path string, form url.Values) answer {
	p.t.Helper()
	response, err := p.http.PostForm(p.url+path, form)
	require.NoError(p.t, err)
	return p.read(response)
}

func (p *program) read(response *http.Response) (a answer) {
	p.t.Helper()
	defer response.Body.Close()
	var err error
	a.raw, err = io.ReadAll(response.Body)
	require.NoError(p.t, err)
	require.NoError(p.t, json.Unmarshal(a.raw, &a), "%s", a.raw)
	a.Status = response.StatusCode
	return a
}

type object = map[string]any

func (p *program) call(method string, in any) answer {
	p.t.Helper()
	a, err := p.try(context.Background(), method, in)
	require.NoError(p.t, err)
	return a
}

func (p *program) try(ctx context.Context, method string, in any) (answer, error) {
	p.t.Helper()
	text, err := json.Marshal(in)
	require.NoError(p.t, err)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+base+method, bytes.NewReader(text))
	require.NoError(p.t, err)
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	response, err := p.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	return p.read(response), nil
}

func digest(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func hashesOf(texts ...string) []string {
	var all []string
	for _, text := range texts {
		all = append(all, b64(digest(text)))
	}
	return all
}

// authorizeHashes asks for consent to hashes, until there is an answer.
func (p *program) authorizeHashes(id order.Credential, hashes ...string) answer {
	p.t.Helper()
	return p.wait(p.call(methodAuthorize, object{"credentialID": id, "numSignatures": len(hashes), "hashes": hashes, "hashAlgorithmOID": oidSHA256, "description": "a test"}))
}

func (p *program) wait(a answer) answer {
	p.t.Helper()
	for a.Status == http.StatusAccepted && a.Handle != "" {
		a = p.call(methodCheck, object{"handle": a.Handle})
	}
	return a
}

func signHashOf(id order.Credential, sad, algorithm string, hashes ...string) object {
	return object{"credentialID": id, "SAD": sad, "hashes": hashes, "hashAlgorithmOID": oidSHA256, "signAlgo": algorithm}
}

const ecdsaSHA256 = "1.2.840.10045.4.3.2"

// sentence is the beginning of an error's text, enough to tell it from others.
func sentence(a answer) string {
	text, _, _ := strings.Cut(a.Text, ",")
	return text
}
