package main

import (
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/simulator"
	"cnie/simulator/piv"
)

// signingService is a service of somebody else's, by the standard's tables (CSC API
// v2 §11): it has the key itself, wants a PIN that it has given out, and signs at once.
type signingService struct {
	t      *testing.T
	key    crypto.Signer
	chain  [][]byte
	server *httptest.Server

	several   int            // signatures for one permission
	answers   map[string]any // what a method is answered instead: a status, or a body
	asked     map[string]int
	described []string
	spoils    bool // signs something else
}

func newSigningService(t *testing.T, o *office) *signingService {
	s := &signingService{
		t: t, key: o.card.Keys[piv.Signature].Private, chain: [][]byte{o.certificate.Raw}, several: 10,
		answers: map[string]any{}, asked: map[string]int{},
	}
	issuing, err := os.ReadFile(o.chain)
	require.NoError(t, err)
	block, _ := pem.Decode(issuing)
	s.chain = append(s.chain, block.Bytes)
	s.server = httptest.NewTLSServer(s)
	t.Cleanup(s.server.Close)
	return s
}

// ServeHTTP implements http.Handler.
func (s *signingService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := strings.TrimPrefix(r.URL.Path, "/csc/v2/")
	s.asked[method]++
	var in struct {
		Hashes      []string
		Description string
		AuthData    []struct{ Value string }
	}
	if method == "oauth2/token" || r.URL.Path == "/oauth2/token" {
		if assert.NoError(s.t, r.ParseForm()); !strings.Contains(r.Form.Encode(), "s3cret") && !strings.Contains(basicOf(r), "s3cret") {
			s.write(w, 401, map[string]string{"error": "invalid_client"})
			return
		}
		s.write(w, 200, map[string]any{"access_token": "t", "token_type": "Bearer", "expires_in": 3600})
		return
	}
	assert.NoError(s.t, json.NewDecoder(r.Body).Decode(&in))
	if instead, is := s.answers[method]; is {
		if status, is := instead.(int); is {
			s.write(w, status, map[string]string{"error": "server_error", "error_description": "not now"})
			return
		}
		s.write(w, 400, instead)
		return
	}
	switch method {
	case "info":
		s.write(w, 200, map[string]any{"authType": []string{"oauth2client"}, "oauth2": s.server.URL, "methods": []string{"signatures/signHash", "credentials/authorize"}})
	case "credentials/list":
		s.write(w, 200, map[string]any{"credentialIDs": []string{"amina", "gone"}})
	case "credentials/info":
		s.write(w, 200, map[string]any{
			"key":  map[string]any{"status": "enabled", "algo": []string{"1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2"}},
			"cert": map[string]any{"status": "valid", "certificates": s.chain},
			"auth": map[string]any{"mode": "explicit", "objects": []any{map[string]string{"id": "PIN", "type": "Password", "label": "Signature PIN"}}}, "multisign": s.several,
		})
	case "credentials/authorize":
		s.described = append(s.described, in.Description)
		if len(in.AuthData) != 1 || in.AuthData[0].Value != "4711" {
			s.write(w, 400, map[string]string{"error": "invalid_authentication_data", "error_description": "Wrong PIN"})
			return
		}
		s.write(w, 200, map[string]any{"SAD": "permission", "expiresIn": 60})
	case "signatures/signHash":
		s.write(w, 200, map[string]any{"signatures": s.signatures(in.Hashes)})
	}
}

func basicOf(r *http.Request) string {
	_, password, _ := r.BasicAuth()
	return password
}

func (s *signingService) signatures(hashes []string) (all [][]byte) {
	for _, text := range hashes {
		digest, err := base64.StdEncoding.DecodeString(text)
		assert.NoError(s.t, err)
		if s.spoils {
			digest[0] ^= 1
		}
		made, err := s.key.Sign(rand.Reader, digest, crypto.SHA256)
		assert.NoError(s.t, err)
		all = append(all, made)
	}
	return all
}

func (s *signingService) write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	assert.NoError(s.t, json.NewEncoder(w).Encode(body))
}

// roots is a file with the service's certificate.
func (s *signingService) roots() string {
	file := filepath.Join(s.t.TempDir(), "service.crt")
	require.NoError(s.t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.server.Certificate().Raw}), 0o600))
	return file
}

// run runs a command with the key amina, from somebody's terminal; nil is nobody.
func (s *signingService) run(h *holder, command string, args ...string) outcome {
	s.t.Helper()
	key := "remote:" + s.server.URL
	if command == "sign" {
		key += "/amina"
	}
	secretFile := filepath.Join(s.t.TempDir(), "secret")
	require.NoError(s.t, os.WriteFile(secretFile, []byte("s3cret\n"), 0o600))
	all := []string{command, "--key", key, "--client", "office", "--client-secret", secretFile, "--service-roots", s.roots()}
	return atDesk(s.t, simulator.NewSystem("Simulated"), h, append(all, args...)...)
}
