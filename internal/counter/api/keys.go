package api

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"

	"cnie/internal/answer"
	"cnie/internal/wholefile"
)

// AnswerKey is the key that signs a desk's answers, answers.pem in its folder. It
// is made when there is none.
func AnswerKey(dir string) (*answer.Key, error) {
	content, err := ownSecret(filepath.Join(dir, "answers.pem"), func() ([]byte, error) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
	})
	if err != nil {
		return nil, err
	}
	return answer.ParseKey(content)
}

// HookKeys sign webhooks, in the spelling of Standard Webhooks: a secret that the
// receiver shares, and a key of which it has the public half.
type HookKeys struct {
	Secret  string `json:"secret"`  // whsec_…
	Private string `json:"private"` // whsk_…

	secret  []byte
	private ed25519.PrivateKey
}

const (
	hookSecret  = 32 // bytes
	leastSecret = 24 // by Standard Webhooks
)

// ReadHookKeys reads webhook.json of a folder; it is made when there is none.
func ReadHookKeys(dir string) (*HookKeys, error) {
	path := filepath.Join(dir, "webhook.json")
	content, err := ownSecret(path, func() ([]byte, error) {
		secret, seed := make([]byte, hookSecret), make([]byte, ed25519.SeedSize)
		rand.Read(secret) // it never fails
		rand.Read(seed)
		return json.MarshalIndent(HookKeys{Secret: "whsec_" + base64.StdEncoding.EncodeToString(secret), Private: "whsk_" + base64.StdEncoding.EncodeToString(seed)}, "", "  ")
	})
	if err != nil {
		return nil, err
	}
	k := &HookKeys{}
	if json.Unmarshal(content, k) != nil || !k.parse() {
		return nil, fmt.Errorf("%s has not the keys of webhooks", path)
	}
	return k, nil
}

func (k *HookKeys) parse() bool {
	var seed []byte
	var err, other error
	if len(k.Secret) > 6 && len(k.Private) > 5 {
		k.secret, err = base64.StdEncoding.DecodeString(k.Secret[6:])
		seed, other = base64.StdEncoding.DecodeString(k.Private[5:])
	}
	if err != nil || other != nil || len(k.secret) < leastSecret || len(seed) != ed25519.SeedSize {
		return false
	}
	k.private = ed25519.NewKeyFromSeed(seed)
	return true
}

// Public is the public key, whpk_….
func (k *HookKeys) Public() string {
	return "whpk_" + base64.StdEncoding.EncodeToString(k.private.Public().(ed25519.PublicKey))
}

// ownSecret reads a secret, or makes it.
func ownSecret(path string, create func() ([]byte, error)) ([]byte, error) {
	content, err := wholefile.ReadSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return content, err
	}
	if content, err = create(); err != nil {
		return nil, err
	}
	if err := wholefile.Create(path, content, 0o600); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return wholefile.ReadSecret(path) // that of another process, if it was faster
}

// keys answers with the public keys of the desk's statements.
func (s *Server) keys(w http.ResponseWriter, _ *http.Request, _ *caller) error {
	set, err := answer.JWKS(s.options.Key)
	if err != nil {
		return err
	}
	send(w, http.StatusOK, "application/jwk-set+json", json.RawMessage(set))
	return nil
}
